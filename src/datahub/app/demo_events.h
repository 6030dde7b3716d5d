#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "datahub/app/event_clock.h"
#include "datahub/app/seeded_random.h"

namespace datahub::app {

// The contract that the demo's events are made for (JSON Schema, draft-07).
std::string_view UserContract();

struct EventOptions {
  uint64_t seed = 1;
  uint64_t count = 10'000;
  int days = 28;          // from 2026-01-01 on
  double bad_share = 0;   // 0 … 1: exactly this share of `count`, at places that the seed chooses
  bool shuffled = false;  // each event's time anywhere in the days; otherwise in order of time
};

// What a bad event has wrong with it.
enum class Badness { kMissingField, kWrongType, kUnknownField, kBadDateTime, kOutOfRange, kNotJson };
inline constexpr size_t kBadnesses = 6;

// Seeded events of users, about 228 bytes each, one a line: for the demo and for benches.
//
//   UserEvents events({.count = 1'000'000});
//   while (events.left() > 0) events.Append(10'000, text);
//
// The same options give the same bytes on every machine, however they are cut into calls.
class UserEvents {
 public:
  explicit UserEvents(const EventOptions& options);

  uint64_t left() const { return options_.count - made_; }
  // Appends up to `most` events.
  void Append(uint64_t most, std::string& out);
  // How many bad ones of each kind there were so far.
  const std::array<uint64_t, kBadnesses>& bad() const { return bad_; }

 private:
  char* WriteGood(char* to);
  char* WriteBad(Badness badness, char* to);

  EventOptions options_;
  SeededRandom random_;
  EventClock clock_;
  uint64_t made_ = 0;
  uint64_t bad_left_ = 0;
  std::array<uint64_t, kBadnesses> bad_{};
};

}  // namespace datahub::app
