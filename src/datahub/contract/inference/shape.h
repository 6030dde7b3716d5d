#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "datahub/contract/inference/evidence.h"

namespace datahub::contract::inference {

// What the evidence of a place is taken for.
enum class Form : uint8_t {
  kOpen,   // nothing but null, or numbers that no column of numbers holds: no type is proposed
  kMixed,  // a list of types
  kBoolean,
  kInteger,
  kNumber,
  kString,
  kArray,
  kObject,
  kMap,
};

struct Shape {
  Form form = Form::kOpen;
  std::vector<std::string_view> types;  // as `type` lists them, without null
  Format format = Format::kNone;
  bool is_enum = false;
  bool is_minimum_zero = false;
};
Shape ShapeOf(const Evidence& evidence);

// Whether an object whose members have places is rather a map.
bool LooksLikeMap(const Objects& objects);

// In the order of the mean position in the objects that have them; a frequent one before a rare one, then by key.
std::vector<const Member*> InOrder(const Objects& objects);
// The columns that hold these members where their keys cannot be the names: else nothing.
std::vector<std::optional<std::string>> ColumnNames(const std::vector<const Member*>& members);

}  // namespace datahub::contract::inference
