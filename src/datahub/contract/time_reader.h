#pragma once

#include <cstdint>
#include <cstring>

#include "datahub/contract/literal.h"

namespace datahub::contract {

// Reads dates and times of one shape, YYYY-MM-DD[THH:MM:SS[.f…](Z|±HH:MM)], that columns hold, and remembers the last day:
// events come in order.
class TimeReader {
 public:
  bool ReadDay(const char* at, size_t size, int32_t* day) { return size == 10 && Day(at, day) && IsHeldDay(*day); }

  bool ReadInstant(const char* at, size_t size, bool reject_excess_digits, int64_t* micros) {
    int32_t day = 0;
    if (size < 20 || !Day(at, &day) || at[10] != 'T' || at[13] != ':' || at[16] != ':') return false;
    const uint32_t hour = Two(at + 11);
    const uint32_t minute = Two(at + 14);
    const uint32_t second = Two(at + 17);
    if (hour > 23 || minute > 59 || second > 59) return false;
    int64_t number = ((int64_t{day} * 24 + hour) * 60 + minute) * 60 + second;
    const char* const end = at + size;
    at += 19;
    uint32_t fraction = 0;
    if (*at == '.' && !Fraction(++at, end, reject_excess_digits, &fraction)) return false;
    if (at == end) return false;
    if (*at != 'Z') {
      if (end - at != 6 || (*at != '+' && *at != '-') || at[3] != ':') return false;
      const uint32_t offset_hour = Two(at + 1);
      const uint32_t offset_minute = Two(at + 4);
      if (offset_hour > 23 || offset_minute > 59) return false;
      const int64_t offset = (offset_hour * 60 + offset_minute) * 60;
      number -= *at == '-' ? -offset : offset;
    } else if (end - at != 1) {
      return false;
    }
    *micros = number * 1'000'000 + fraction;
    return IsHeldInstant(*micros);
  }

 private:
  static constexpr uint32_t kBad = 1000;

  static uint32_t Two(const char* at) {
    const auto tens = static_cast<unsigned char>(at[0] - '0');
    const auto ones = static_cast<unsigned char>(at[1] - '0');
    return tens > 9 || ones > 9 ? kBad : tens * 10u + ones;
  }

  static bool Fraction(const char*& at, const char* end, bool reject_excess_digits, uint32_t* micros) {
    constexpr int kDigitsMax = 6;
    int digits = 0;
    uint32_t number = 0;
    for (; at < end; ++at, ++digits) {
      const auto digit = static_cast<unsigned char>(*at - '0');
      if (digit > 9) break;
      if (digits < kDigitsMax) number = number * 10 + digit;
      if (digits >= kDigitsMax && digit != 0 && reject_excess_digits) return false;
    }
    if (digits == 0) return false;
    for (; digits < kDigitsMax; ++digits) number *= 10;
    *micros = number;
    return true;
  }

  bool Day(const char* at, int32_t* day) {
    uint64_t head = 0;
    uint64_t tail = 0;
    std::memcpy(&head, at, 8);
    std::memcpy(&tail, at + 2, 8);
    if (head != head_ || tail != tail_) [[unlikely]] {
      const std::optional<int32_t> read = DayOf({at, 10});
      if (!read) return false;
      head_ = head;
      tail_ = tail;
      day_ = *read;
    }
    *day = day_;
    return true;
  }

  uint64_t head_ = 0;
  uint64_t tail_ = 0;
  int32_t day_ = 0;
};

}  // namespace datahub::contract
