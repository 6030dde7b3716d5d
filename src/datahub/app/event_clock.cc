#include "datahub/app/event_clock.h"

#include <algorithm>
#include <chrono>

#include "datahub/base/result.h"

namespace datahub::app {
namespace {

constexpr uint64_t kDayUs = uint64_t(86'400) * 1'000'000;

char* Digits(uint64_t value, int digits, char* to) {
  for (int i = digits - 1; i >= 0; --i) {
    to[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  return to + digits;
}

}  // namespace

EventClock::EventClock(uint64_t count, int days, bool shuffled)
    : span_us_(static_cast<uint64_t>(days) * kDayUs),
      step_us_(std::max<uint64_t>(1, span_us_ / std::max<uint64_t>(1, count))),
      count_(std::max<uint64_t>(1, count)),
      shuffled_(shuffled) {
  DH_ASSERT(days >= 1 && days <= kDaysMax);
}

uint64_t EventClock::TimeOf(uint64_t number, SeededRandom& random) const {
  if (shuffled_) return random.Below(span_us_);
  const auto begin = static_cast<uint64_t>(static_cast<unsigned __int128>(span_us_) * number / count_);
  return std::min(begin + random.Below(step_us_), span_us_ - 1);
}

char* EventClock::Write(uint64_t time_us, char* to) const {
  using namespace std::chrono;
  const uint64_t day = time_us / kDayUs;
  const uint64_t us = time_us % kDayUs;
  const year_month_day date(sys_days(year(2026) / January / 1) + days(static_cast<int64_t>(day)));
  to = Digits(static_cast<uint64_t>(static_cast<int>(date.year())), 4, to);
  *to++ = '-';
  to = Digits(static_cast<unsigned>(date.month()), 2, to);
  *to++ = '-';
  to = Digits(static_cast<unsigned>(date.day()), 2, to);
  *to++ = 'T';
  to = Digits(us / 3'600'000'000, 2, to);
  *to++ = ':';
  to = Digits(us / 60'000'000 % 60, 2, to);
  *to++ = ':';
  to = Digits(us / 1'000'000 % 60, 2, to);
  *to++ = '.';
  to = Digits(us % 1'000'000, 6, to);
  *to++ = 'Z';
  return to;
}

}  // namespace datahub::app
