#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "datahub/contract/schema.h"

namespace datahub::contract {

// A schema that asserts nothing: `true`, or annotations alone.
bool IsTrivial(const Schema& schema);
// Something is asserted beside $ref.
bool AssertsBesidesRef(const Schema& schema);
// Follows $ref as long as nothing is asserted beside it.
const Schema& Resolve(const Schema& schema);

// Asks what a schema, its in-place applicators included, says of a value. Circles of $ref and pathological fan-out end in
// "anything".
class SchemaReader {
 public:
  // The types it allows; a number type always carries the integer bit too.
  uint8_t Types(const Schema& s);
  // date-time or date, where every string must be one; else kNone.
  Format TimeFormat(const Schema& s);
  // What all of these that allow a string agree in.
  Format Common(const std::vector<const Schema*>& branches);

 private:
  static constexpr size_t kVisitsMax = 20'000;

  uint8_t TypesOrAny(const Schema* s);
  uint8_t Union(const std::vector<const Schema*>& branches);
  bool Enter(const Schema& s);
  void Leave() { path_.pop_back(); }

  std::vector<const Schema*> path_;
  size_t visits_ = 0;
};

}  // namespace datahub::contract
