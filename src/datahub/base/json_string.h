#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "datahub/base/json_pool.h"

namespace datahub::json {

// Reads the strings of one text: a view into it where nothing is escaped, else decoded into the pool.
struct StringReader {
  std::string_view text;
  Pool& pool;

  // `at` is on the opening quote and ends behind the closing one. Null, or what is wrong at byte `at`.
  const char* Read(size_t& at, std::string_view& out);

 private:
  const char* ReadEscaped(size_t begin, size_t& at, std::string_view& out);
  const char* ReadEscape(size_t& at, char*& to);
  bool ReadHex(size_t& at, uint32_t& point) const;
};

}  // namespace datahub::json
