#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace datahub::query {

// Values as text, appended. Times are ISO 8601 and UTC; digits of a second only as many as needed.

__extension__ using Int128 = __int128;
__extension__ using Uint128 = unsigned __int128;

void AppendInt128(std::string& out, Int128 value);
void AppendUint128(std::string& out, Uint128 value);
// `unscaled` / 10^scale, with all digits: -0.50
void AppendDecimal(std::string& out, Int128 unscaled, int scale);
// The shortest text that reads back, with a point or exponent: 1.0; nan, inf, -inf.
void AppendFloat(std::string& out, float value);
void AppendDouble(std::string& out, double value);

// Days since 1970. Years beyond 9999 have more digits, years before 0 a sign (year 0 is 1 BC). "infinity" at the ends.
void AppendDate(std::string& out, int32_t days);
// 2026-01-31T12:00:00.5 and, with `zone`, Z behind it.
void AppendTimestamp(std::string& out, int64_t count, int64_t per_second, bool zone);
void AppendTime(std::string& out, int64_t count, int64_t per_second);
void AppendTimeZone(std::string& out, int32_t offset_seconds);                        // +02:00
void AppendInterval(std::string& out, int32_t months, int32_t days, int64_t micros);  // 1 year 2 days 00:00:01

void AppendUuid(std::string& out, Uint128 value);
// DuckDB's BIT: a byte that counts unused leading bits, then bytes.
void AppendBits(std::string& out, std::string_view bytes);
void AppendBase64(std::string& out, std::string_view bytes);

}  // namespace datahub::query
