#pragma once

#include <string_view>
#include <vector>

#include "datahub/contract/format.h"
#include "datahub/contract/key_table.h"
#include "datahub/contract/pattern.h"
#include "datahub/contract/schema.h"

namespace datahub::contract {

// Everything that a schema, or several that apply at one place, assert of a string.
struct StringChecks {
  size_t length_min = 0;
  size_t length_max = kNoLimit;
  std::vector<const Pattern*> patterns;
  std::vector<Format> formats;
  bool has_values = false;
  KeyTable values;  // enum
};

enum class StringVerdict : uint8_t { kValid, kInvalid, kUndecided };  // a pattern took too many steps

// `text` is decoded and valid UTF-8.
StringVerdict Judge(const StringChecks& checks, std::string_view text);

}  // namespace datahub::contract
