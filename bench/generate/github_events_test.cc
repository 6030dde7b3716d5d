#include "github_events.h"

#include <gtest/gtest.h>

#include "datahub/base/json.h"
#include "datahub/contract/contract.h"

namespace datahub::bench {
namespace {

TEST(GithubEvents, GoodOnesAreAcceptedBadOnesAreNot) {
  std::vector<contract::CompileError> errors;
  const auto contract = contract::Contract::Compile(GithubContract(), {.name = "event"}, &errors);
  ASSERT_TRUE(contract) << (errors.empty() ? "" : errors[0].message);
  std::string text;
  GithubEvents({.seed = 5, .count = 2'000, .bad_share = 0.1}).Append(2'000, text);
  EXPECT_NEAR(static_cast<double>(text.size()) / 2'000, 3'000, 250);

  json::Document document;
  contract::ValidateOptions options;
  options.strict = true;
  uint64_t events = 0;
  uint64_t rejected = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t end = text.find('\n', at);
    const std::string_view line = std::string_view(text).substr(at, end - at);
    const auto value = document.Parse(line);
    std::vector<contract::Reason> reasons;
    const bool accepted = value && contract::Validate(contract->schemas().root(), **value, options, &reasons);
    rejected += !accepted;
    ++events;
    at = end + 1;
  }
  EXPECT_EQ(events, 2'000u);
  EXPECT_EQ(rejected, 200u);
}

TEST(GithubEvents, SameSeedSameBytes) {
  std::string a;
  std::string b;
  GithubEvents({.seed = 5, .count = 300}).Append(300, a);
  GithubEvents events({.seed = 5, .count = 300});
  while (events.left() > 0) events.Append(7, b);
  EXPECT_EQ(a, b);
}

}  // namespace
}  // namespace datahub::bench
