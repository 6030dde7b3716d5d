#include "github_writer.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "datahub/app/demo_words.h"

namespace datahub::bench {
namespace {

constexpr uint64_t kPeople = 200'000;
constexpr uint64_t kRepos = 50'000;
constexpr uint64_t kDayUs = uint64_t(86'400) * 1'000'000;
constexpr std::string_view kSite = "https://code.example";
constexpr std::string_view kApi = "https://api.code.example";
constexpr std::string_view kLanguages[] = {"C++", "Rust", "Go", "Python", "Java", "Kotlin", "Zig", "TypeScript"};
constexpr std::string_view kLabels[] = {"bug",         "feature",  "docs",   "question", "good first issue",
                                        "performance", "security", "wontfix"};
constexpr std::string_view kColors[] = {"d73a4a", "a2eeef", "0075ca", "d876e3", "7057ff", "fbca04", "b60205", "ffffff"};
constexpr std::string_view kVerbs[] = {"fix",      "add",  "remove",   "rename", "speed up",
                                       "document", "test", "simplify", "guard",  "split"};
constexpr std::string_view kWords[] = {
    "the",        "parser", "of",    "a",     "reader",  "when",  "it",         "meets",        "an",
    "empty",      "file",   "and",   "then",  "retries", "with",  "more",       "memory",       "than",
    "before",     "so",     "that",  "every", "request", "waits", "for",        "its",          "turn",
    "in",         "queue",  "as",    "if",    "limit",   "were",  "never",      "reached",      "by",
    "one",        "thread", "which", "stops", "after",   "last",  "batch",      "was",          "sealed",
    "but",        "not",    "yet",   "seen",  "on",      "disk",  "caf\\u00e9", "na\xC3\xAFve", "\\\"quoted\\\"",
    "path\\\\to", "line\\n"};

template <class List>
std::string_view Pick(app::SeededRandom& random, const List& list) {
  return list[random.Below(std::size(list))];
}

}  // namespace

void GithubWriter::Number(uint64_t value) {
  char digits[20];
  const auto [end, error] = std::to_chars(digits, digits + sizeof(digits), value);
  (void)error;
  out_.append(digits, end);
}

void GithubWriter::Text(std::string_view text) {
  out_ += '"';
  out_ += text;
  out_ += '"';
}

void GithubWriter::Time(uint64_t before_us_max) {
  char text[app::EventClock::kTextBytes];
  clock_.Write(time_us_ - std::min(time_us_, random_.Below(before_us_max + 1)), text);
  Text({text, sizeof(text)});
}

void GithubWriter::TimeOrNull(uint64_t one_in) {
  if (random_.OneIn(one_in)) {
    Time(kDayUs);
  } else {
    Raw("null");
  }
}

uint64_t GithubWriter::AnyOf(uint64_t count) {
  const double place = static_cast<double>(random_.Below(1u << 30)) / (1u << 30);
  return static_cast<uint64_t>(place * place * place * static_cast<double>(count));
}

std::string GithubWriter::Hash() {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string hash;
  uint64_t bits = 0;
  for (int i = 0; i < 40; ++i) {
    if (i % 16 == 0) bits = random_.Next();
    hash += kHex[bits & 0xF];
    bits >>= 4;
  }
  return hash;
}

void GithubWriter::Sentence(uint64_t words) {
  out_ += '"';
  Raw(Pick(random_, kVerbs));
  for (uint64_t i = 0; i < words; ++i) {
    out_ += ' ';
    Raw(Pick(random_, kWords));
  }
  out_ += '"';
}

void GithubWriter::Login(uint64_t person) {
  Raw(app::FirstNames()[person % app::FirstNames().size()]);
  out_ += '-';
  Raw(app::StreetNames()[person / 7 % app::StreetNames().size()]);
  Number(person);
}

void GithubWriter::RepoName(uint64_t repo) {
  Login(repo * 3 % kPeople);
  out_ += '/';
  Raw(app::StreetNames()[repo % app::StreetNames().size()]);
  out_ += '-';
  Number(repo);
}

void GithubWriter::Actor() {
  Raw("{\"id\":"), Number(1'000 + actor_), Raw(",\"login\":\""), Login(actor_), Raw("\",\"display_login\":\""),
      Login(actor_);
  Raw("\",\"gravatar_id\":\"\",\"url\":\""), Raw(kApi), Raw("/users/"), Login(actor_);
  Raw("\",\"avatar_url\":\""), Raw(kSite), Raw("/avatars/"), Number(1'000 + actor_), Raw("?\"}");
}

void GithubWriter::Organization() {
  const uint64_t organization = repo_ % 5'000;
  Raw("{\"id\":"), Number(900'000 + organization), Raw(",\"login\":\"org-"), Number(organization);
  Raw("\",\"gravatar_id\":\"\",\"url\":\""), Raw(kApi), Raw("/orgs/org-"), Number(organization);
  Raw("\",\"avatar_url\":\""), Raw(kSite), Raw("/avatars/o"), Number(organization), Raw("?\"}");
}

void GithubWriter::User(uint64_t person) {
  Raw("{\"login\":\""), Login(person), Raw("\",\"id\":"), Number(1'000 + person);
  Raw(",\"avatar_url\":\""), Raw(kSite), Raw("/avatars/"), Number(1'000 + person);
  Raw("\",\"html_url\":\""), Raw(kSite), Raw("/"), Login(person);
  Raw("\",\"type\":\""), Raw(random_.OneIn(20) ? "Bot" : "User"), Raw("\",\"site_admin\":"), Flag(500), Raw("}");
}

void GithubWriter::RepoDetails(uint64_t repo) {
  Raw("{\"id\":"), Number(70'000 + repo), Raw(",\"full_name\":\""), RepoName(repo),
      Raw("\",\"private\":false,\"fork\":"), Flag(3);
  Raw(",\"description\":");
  if (random_.OneIn(5)) {
    Raw("null");
  } else {
    Sentence(6);
  }
  Raw(",\"language\":");
  if (random_.OneIn(10)) {
    Raw("null");
  } else {
    Text(Pick(random_, kLanguages));
  }
  Raw(",\"size\":"), Number(random_.Below(900'000)), Raw(",\"stargazers_count\":"), Number(random_.Below(40'000));
  Raw(",\"forks_count\":"), Number(random_.Below(4'000)), Raw(",\"open_issues_count\":"), Number(random_.Below(700));
  Raw(",\"score\":"), Number(random_.Below(100)), Raw("."), Number(1 + random_.Below(999));
  Raw(",\"topics\":[");
  for (uint64_t i = 0, topics = random_.Below(4); i < topics; ++i) {
    if (i > 0) Raw(",");
    Text(app::StreetNames()[random_.Below(app::StreetNames().size())]);
  }
  Raw("],\"default_branch\":\"main\",\"pushed_at\":"), Time(kDayUs), Raw("}");
}

void GithubWriter::Branch(uint64_t repo) {
  Raw("{\"label\":\""), Login(actor_), Raw(":main\",\"ref\":\"main\",\"sha\":\""), Raw(Hash()), Raw("\",\"user\":"),
      User(actor_);
  Raw(",\"repo\":"), RepoDetails(repo), Raw("}");
}

void GithubWriter::Commit(std::string_view hash) {
  const uint64_t person = random_.OneIn(4) ? AnyOf(kPeople) : actor_;
  Raw("{\"sha\":\""), Raw(hash), Raw("\",\"author\":{\"email\":\""), Login(person), Raw("@mail.example\",\"name\":\"");
  Raw(app::FirstNames()[person % app::FirstNames().size()]), Raw("\"},\"message\":"), Sentence(6 + random_.Below(25));
  Raw(",\"distinct\":"), Flag(2), Raw(",\"url\":\""), Raw(kApi), Raw("/repos/"), RepoName(repo_);
  Raw("/commits/"), Raw(hash), Raw("\"}");
}

void GithubWriter::Push() {
  const uint64_t commits = 1 + random_.Below(12);
  std::vector<std::string> hashes;
  for (uint64_t i = 0; i < commits; ++i) hashes.push_back(Hash());
  Raw("{\"push_id\":"), Number(7'000'000'000 + number_), Raw(",\"size\":"), Number(commits), Raw(",\"distinct_size\":"),
      Number(commits);
  Raw(",\"ref\":\"refs/heads/main\",\"head\":\""), Raw(hashes.back()), Raw("\",\"before\":\""), Raw(Hash()),
      Raw("\",\"commits\":[");
  for (uint64_t i = 0; i < commits; ++i) {
    if (i > 0) Raw(",");
    Commit(hashes[i]);
  }
  Raw("]}");
}

void GithubWriter::Labels() {
  Raw("[");
  for (uint64_t i = 0, labels = random_.Below(4); i < labels; ++i) {
    const size_t label = random_.Below(std::size(kLabels));
    if (i > 0) Raw(",");
    Raw("{\"id\":"), Number(4'000 + label), Raw(",\"name\":"), Text(kLabels[label]), Raw(",\"color\":"),
        Text(kColors[label]);
    Raw(",\"default\":"), Flag(2), Raw("}");
  }
  Raw("]");
}

void GithubWriter::Issue(uint64_t author) {
  Raw("{\"id\":"), Number(5'000'000 + random_.Below(1'000'000)), Raw(",\"number\":"), Number(1 + random_.Below(9'000));
  Raw(",\"title\":"), Sentence(8), Raw(",\"user\":"), User(author), Raw(",\"labels\":"), Labels();
  Raw(",\"state\":\""), Raw(random_.OneIn(3) ? "closed" : "open"), Raw("\",\"locked\":"), Flag(50);
  Raw(",\"assignees\":[");
  for (uint64_t i = 0, assignees = random_.Below(3); i < assignees; ++i) {
    if (i > 0) Raw(",");
    User(AnyOf(kPeople));
  }
  Raw("]");
  if (random_.OneIn(4)) {
    Raw(",\"milestone\":{\"id\":"), Number(random_.Below(90'000)), Raw(",\"title\":"), Sentence(2);
    Raw(",\"due_on\":"), TimeOrNull(2), Raw("}");
  }
  Raw(",\"comments\":"), Number(random_.Below(60)), Raw(",\"created_at\":"), Time(20 * kDayUs), Raw(",\"updated_at\":"),
      Time(kDayUs);
  Raw(",\"closed_at\":"), TimeOrNull(3), Raw(",\"body\":");
  if (random_.OneIn(10)) {
    Raw("null");
  } else {
    Sentence(120 + random_.Below(200));
  }
  Raw(",\"reactions\":{\"total_count\":"), Number(random_.Below(90)), Raw(",\"plus_one\":"), Number(random_.Below(60));
  Raw(",\"minus_one\":"), Number(random_.Below(6)), Raw(",\"heart\":"), Number(random_.Below(30)), Raw("}}");
}

void GithubWriter::Comment() {
  Raw("{\"id\":"), Number(8'000'000 + random_.Below(1'000'000)), Raw(",\"user\":"), User(actor_),
      Raw(",\"created_at\":"), Time(kDayUs);
  Raw(",\"updated_at\":"), Time(kDayUs), Raw(",\"author_association\":\"CONTRIBUTOR\",\"body\":"),
      Sentence(50 + random_.Below(200));
  Raw("}");
}

void GithubWriter::PullRequest() {
  Raw("{\"id\":"), Number(6'000'000 + random_.Below(1'000'000)), Raw(",\"number\":"), Number(1 + random_.Below(9'000));
  Raw(",\"state\":\""), Raw(random_.OneIn(2) ? "closed" : "open"), Raw("\",\"title\":"), Sentence(8), Raw(",\"user\":"),
      User(actor_);
  Raw(",\"body\":"), Sentence(40 + random_.Below(120)), Raw(",\"labels\":"), Labels(), Raw(",\"created_at\":"),
      Time(9 * kDayUs);
  Raw(",\"merged_at\":"), TimeOrNull(3), Raw(",\"head\":"), Branch(random_.OneIn(2) ? repo_ : AnyOf(kRepos)),
      Raw(",\"base\":"), Branch(repo_), Raw(",\"merged\":"), Flag(3);
  Raw(",\"mergeable\":");
  if (random_.OneIn(4)) {
    Raw("null");
  } else {
    Flag(2);
  }
  Raw(",\"commits\":"), Number(1 + random_.Below(40)), Raw(",\"additions\":"), Number(random_.Below(5'000));
  Raw(",\"deletions\":"), Number(random_.Below(3'000)), Raw(",\"changed_files\":"), Number(1 + random_.Below(90)),
      Raw("}");
}

void GithubWriter::Payload(std::string_view type) {
  if (type == "PushEvent") {
    Push();
  } else if (type == "PullRequestEvent") {
    Raw("{\"action\":\"opened\",\"number\":"), Number(1 + random_.Below(9'000)), Raw(",\"pull_request\":"),
        PullRequest(), Raw("}");
  } else if (type == "IssueCommentEvent") {
    Raw("{\"action\":\"created\",\"issue\":"), Issue(AnyOf(kPeople)), Raw(",\"comment\":"), Comment(), Raw("}");
  } else if (type == "IssuesEvent") {
    Raw("{\"action\":\"opened\",\"issue\":"), Issue(actor_), Raw("}");
  } else {
    Raw("{\"action\":\"started\"}");
  }
}

void GithubWriter::Write() {
  static constexpr std::string_view kTypes[] = {"PushEvent",         "PushEvent",         "PushEvent",
                                                "PushEvent",         "PullRequestEvent",  "PullRequestEvent",
                                                "PullRequestEvent",  "IssueCommentEvent", "IssueCommentEvent",
                                                "IssueCommentEvent", "IssuesEvent",       "WatchEvent"};
  const std::string_view type = Pick(random_, kTypes);
  actor_ = AnyOf(kPeople);
  repo_ = AnyOf(kRepos);
  Raw("{\"id\":\""), Number(24'000'000'000 + number_), Raw("\",\"type\":"), Text(type), Raw(",\"actor\":"), Actor();
  Raw(",\"repo\":{\"id\":"), Number(70'000 + repo_), Raw(",\"name\":\""), RepoName(repo_), Raw("\",\"url\":\""),
      Raw(kApi);
  Raw("/repos/"), RepoName(repo_), Raw("\"},\"payload\":"), Payload(type), Raw(",\"public\":true,\"created_at\":");
  Time(0);
  if (random_.OneIn(3)) Raw(",\"org\":"), Organization();
  Raw("}");
}

}  // namespace datahub::bench
