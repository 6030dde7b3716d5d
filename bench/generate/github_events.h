#pragma once

#include <cstdint>
#include <string>

#include "datahub/app/demo_events.h"
#include "datahub/app/event_clock.h"
#include "datahub/app/seeded_random.h"

namespace datahub::bench {

// The contract of the events below (JSON Schema, draft 2020-12, without combinators and references).
std::string GithubContract();

// Seeded events in the shape of a code host's public activity: nested and wide, about 3 KB each, with arrays of objects,
// optional objects and nulls. Every value is invented.
class GithubEvents {
 public:
  explicit GithubEvents(const app::EventOptions& options);

  uint64_t left() const { return options_.count - made_; }
  // Appends up to `most` events, one a line.
  void Append(uint64_t most, std::string& out);

 private:
  void AppendGood(std::string& out);
  void AppendBad(std::string& out);

  app::EventOptions options_;
  app::SeededRandom random_;
  app::EventClock clock_;
  uint64_t made_ = 0;
  uint64_t bad_left_ = 0;
};

}  // namespace datahub::bench
