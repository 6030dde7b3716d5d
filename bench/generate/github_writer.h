#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "datahub/app/event_clock.h"
#include "datahub/app/seeded_random.h"

namespace datahub::bench {

// Writes one event as JSON text, member by member. What hangs together in such events does here: few people and repositories
// are in many events, a commit's address repeats the event's repository and the commit's hash, most commits of a push are the
// pusher's, a push's head is its last commit, an issue is opened by who is the actor.
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
  uint64_t AnyOf(uint64_t count);  // of so many people or repositories: an eighth of them is half of what is drawn
  std::string Hash();              // of a commit
  void Sentence(uint64_t words);   // quoted
  void Login(uint64_t person);     // unquoted
  void RepoName(uint64_t repo);    // unquoted

  void Actor();
  void Organization();
  void User(uint64_t person);
  void RepoDetails(uint64_t repo);
  void Branch(uint64_t repo);
  void Commit(std::string_view hash);
  void Push();
  void Labels();
  void Issue(uint64_t author);
  void Comment();
  void PullRequest();
  void Payload(std::string_view type);

  app::SeededRandom& random_;
  const app::EventClock& clock_;
  const uint64_t number_;
  const uint64_t time_us_;
  uint64_t actor_ = 0;
  uint64_t repo_ = 0;
  std::string& out_;
};

}  // namespace datahub::bench
