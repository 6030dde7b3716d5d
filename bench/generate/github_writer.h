#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "datahub/app/event_clock.h"
#include "datahub/app/seeded_random.h"

namespace datahub::bench {

// Writes one event as JSON text, member by member.
class GithubWriter {
 public:
  GithubWriter(app::SeededRandom& random, const app::EventClock& clock, uint64_t number, uint64_t time_us,
               std::string& out)
      : random_(random), clock_(clock), number_(number), time_us_(time_us), out_(out) {}

  void Write();

 private:
  void Raw(std::string_view json) { out_ += json; }
  void Number(uint64_t value);
  void Text(std::string_view text);
  void Flag(uint64_t one_in) { Raw(random_.OneIn(one_in) ? "true" : "false"); }
  void Time(uint64_t before_us_max);  // at most so long before the event
  void TimeOrNull(uint64_t one_in);
  void Hex(int digits);
  void Sentence(uint64_t words);  // quoted
  void Login(uint64_t person);    // unquoted
  void RepoName(uint64_t repo);   // unquoted

  void Actor();
  void Organization();
  void User();
  void RepoDetails();
  void Branch();
  void Commit();
  void Labels();
  void Issue();
  void Comment();
  void PullRequest();
  void Payload(std::string_view type);

  app::SeededRandom& random_;
  const app::EventClock& clock_;
  const uint64_t number_;
  const uint64_t time_us_;
  std::string& out_;
};

}  // namespace datahub::bench
