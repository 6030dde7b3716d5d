#include "datahub/app/demo_events.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "datahub/app/demo_words.h"
#include "datahub/base/json.h"
#include "datahub/contract/contract.h"

namespace datahub::app {
namespace {

std::string Made(const EventOptions& options, uint64_t at_once = 1'000) {
  UserEvents events(options);
  std::string text;
  while (events.left() > 0) events.Append(at_once, text);
  return text;
}

std::vector<std::string> LinesOf(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t at = 0; at < text.size();) {
    const size_t end = text.find('\n', at);
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

std::string DayOf(const std::string& line) { return line.substr(line.find("\"created_at\":\"") + 14, 10); }

// What the contract says: whether it accepts the event.
class Judge {
 public:
  Judge() {
    std::vector<contract::CompileError> errors;
    contract_ = contract::Contract::Compile(std::string(UserContract()), {.name = "user"}, &errors);
    EXPECT_TRUE(contract_) << (errors.empty() ? "" : errors[0].message);
  }
  bool Accepts(const std::string& line) {
    const auto value = document_.Parse(line);
    contract::ValidateOptions options;
    options.strict = true;
    return value && contract::Validate(contract_->schemas().root(), **value, options, nullptr);
  }

 private:
  std::shared_ptr<const contract::Contract> contract_;
  json::Document document_;
};

TEST(DemoEvents, SameSeedSameBytesHoweverCut) {
  const EventOptions options{.seed = 7, .count = 3'000, .bad_share = 0.05};
  const std::string text = Made(options, 3'000);
  EXPECT_EQ(text, Made(options, 7));
  EXPECT_NE(text, Made({.seed = 8, .count = 3'000, .bad_share = 0.05}));
  EXPECT_EQ(LinesOf(text).size(), 3'000u);
}

TEST(DemoEvents, GoodOnesAreAcceptedBadOnesAreNot) {
  UserEvents events({.seed = 3, .count = 6'000, .bad_share = 0.1});
  std::string text;
  events.Append(10'000, text);
  uint64_t bad = 0;
  for (const uint64_t of_kind : events.bad()) {
    EXPECT_GT(of_kind, 50u);  // all six
    bad += of_kind;
  }
  EXPECT_EQ(bad, 600u);  // exactly the share
  Judge judge;
  uint64_t rejected = 0;
  for (const std::string& line : LinesOf(text)) rejected += !judge.Accepts(line);
  EXPECT_EQ(rejected, bad);
}

TEST(DemoEvents, LooksLikeTheCustomers) {
  const std::string text = Made({.seed = 1, .count = 10'000});
  std::set<std::string> ids;
  std::set<std::string> days;
  std::string last;
  for (const std::string& line : LinesOf(text)) {
    EXPECT_TRUE(ids.insert(line.substr(8, 36)).second);
    const std::string time = line.substr(line.size() - 29, 27);
    EXPECT_LE(last, time);  // in order of time
    last = time;
    days.insert(DayOf(line));
  }
  EXPECT_EQ(days.size(), 28u);
  EXPECT_EQ(*days.begin(), "2026-01-01");
  EXPECT_EQ(*days.rbegin(), "2026-01-28");
  EXPECT_NEAR(static_cast<double>(text.size()) / 10'000, 228, 4);
}

TEST(DemoEvents, Shuffled) {
  const std::string text = Made({.seed = 1, .count = 5'000, .shuffled = true});
  std::set<std::string> days;
  uint64_t backwards = 0;
  std::string last;
  for (const std::string& line : LinesOf(text)) {
    days.insert(DayOf(line));
    backwards += DayOf(line) < last;
    last = DayOf(line);
  }
  EXPECT_EQ(days.size(), 28u);
  EXPECT_GT(backwards, 2'000u);
}

TEST(DemoEvents, NoEvents) {
  EXPECT_EQ(Made({.count = 0}), "");
  EXPECT_EQ(LinesOf(Made({.count = 1})).size(), 1u);
  EXPECT_EQ(LinesOf(Made({.count = 20, .bad_share = 1})).size(), 20u);
}

TEST(DemoWords, AreDifferent) {
  EXPECT_EQ(std::set<std::string_view>(FirstNames().begin(), FirstNames().end()).size(), FirstNames().size());
  EXPECT_EQ(std::set<std::string_view>(StreetNames().begin(), StreetNames().end()).size(), StreetNames().size());
}

}  // namespace
}  // namespace datahub::app
