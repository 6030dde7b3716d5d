#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "datahub/contract/schema.h"

// For tests: random events made from a schema, to be held against another.
namespace datahub::contract::evolution {

// DH_FUZZ_SEED, or one that is new; printed.
uint64_t FuzzSeed();

// Null, and a failure, when the schema is none.
std::shared_ptr<const SchemaSet> Compiled(const std::string& schema);
bool IsValid(const Schema& schema, bool strict, const std::string& event);

// A random event that has something to do with the schema: mostly as its keywords want it, at their edges, sometimes not.
class EventMaker {
 public:
  EventMaker(const Schema& root, std::mt19937_64& random) : root_(root), random_(random) {}
  std::string Make();

 private:
  void Value(const Schema* schema, size_t depth, std::string& out);
  void Any(size_t depth, std::string& out);
  void Object(const Schema& schema, size_t depth, std::string& out);
  void Array(const Schema& schema, size_t depth, std::string& out);
  void Number(const Schema& schema, std::string& out);
  void Text(const Schema& schema, std::string& out);
  std::vector<const Schema*> Parts(const Schema& schema);
  size_t Below(size_t end) { return random_() % end; }

  const Schema& root_;
  std::mt19937_64& random_;
};

struct Attack {
  size_t events = 0;
  size_t held = 0;            // that satisfied the narrow side
  std::string contradiction;  // one that did, and not the wide side
};
Attack RunAttack(const Schema& narrow, bool narrow_strict, const Schema& wide, bool wide_strict, size_t events,
                 std::mt19937_64& random);

}  // namespace datahub::contract::evolution
