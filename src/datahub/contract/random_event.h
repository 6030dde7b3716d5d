#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "datahub/base/json.h"

namespace datahub::contract {

// Makes events that aim at a contract: members it names, values it lists, at its bounds and just beyond. Many satisfy it,
// most of the others nearly do. The same seed makes the same events.
//
// Bounded  values lie at most kDepthMax deep in each other, recursive contracts too
class RandomEvent {
 public:
  // `contract` is a schema as RandomSchema makes it, and must outlive this.
  RandomEvent(const json::Value& contract, uint64_t seed) : contract_(contract), random_(seed) {}
  std::string Make() { return Value({&contract_}, 0); }

 private:
  static constexpr int kDepthMax = 9;
  // Schemas that all apply to one value.
  using Parts = std::vector<const json::Value*>;

  size_t Below(size_t end) { return random_() % end; }
  bool Chance(size_t percent) { return Below(100) < percent; }

  std::string Value(Parts parts, int depth);
  // With what they pull in: references, allOf, one form each of the others.
  Parts Expanded(const Parts& parts);
  const json::Value* Referred(std::string_view reference) const;
  std::string TypeOf(const Parts& parts);
  std::string Scalar();
  std::string String(const Parts& parts);
  std::string Number(const Parts& parts, bool is_integer);
  std::string Array(const Parts& parts, int depth);
  std::string Object(const Parts& parts, int depth);
  // What the keywords at hand say of the member.
  static Parts OfMember(const Parts& parts, std::string_view name);

  const json::Value& contract_;
  std::mt19937_64 random_;
};

}  // namespace datahub::contract
