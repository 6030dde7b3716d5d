#pragma once

#include <cstdint>
#include <string_view>

#include "datahub/base/result.h"

namespace datahub {

// "128MiB", "64 KiB", "1GB", "4096": a whole number, then B, KB, MB, GB, TB (powers of 1000) or KiB, MiB, GiB, TiB (powers
// of 1024); without a unit, bytes. Units are spelled as here. InvalidInput says what is wrong, or that it passes 2^63 - 1.
Result<uint64_t> ParseBytes(std::string_view text);

// "500ms", "60s", "5m", "1h", "7d" as microseconds: a whole number and a unit (us, ms, s, m, h, d). InvalidInput otherwise:
// a number without a unit is refused, as it says too little.
Result<int64_t> ParseDurationUs(std::string_view text);

}  // namespace datahub
