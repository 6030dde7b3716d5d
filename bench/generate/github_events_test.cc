#include "github_events.h"

#include <algorithm>
#include <memory>

#include <gtest/gtest.h>

#include "datahub/base/json.h"
#include "datahub/contract/contract.h"
#include "datahub/contract/inference/inference.h"
#include "datahub/contract/inference/proposal.h"

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

// What is inferred from the events, bad ones among them, accepts all that are JSON.
void ExpectInferred(const std::string& text) {
  contract::inference::Inference inference;
  inference.Add(text);
  const uint64_t invalid = inference.invalid();
  const contract::inference::Proposal proposal = Propose(std::move(inference));
  std::vector<contract::CompileError> errors;
  const auto contract = contract::Contract::Compile(proposal.schema, {.name = "proposal"}, &errors);
  ASSERT_TRUE(contract) << (errors.empty() ? "" : errors[0].message);
  auto chunk = std::make_shared<record::Chunk>();
  chunk->buffer = std::make_shared<record::Buffer>(text.size());
  std::copy(text.begin(), text.end(), chunk->buffer->data());
  chunk->bytes = {chunk->buffer->data(), text.size()};
  const contract::WalkResult walked = contract::Walker(contract).Walk(chunk);
  EXPECT_EQ(walked.rejected.size(), invalid);
  for (const contract::Rejected& rejected : walked.rejected) EXPECT_EQ(rejected.reasons.at(0).keyword, "dh:json");
}

TEST(Inferred, AcceptsTheEventsOfBothShapes) {
  for (const double bad_share : {0.0, 0.1}) {
    std::string text;
    GithubEvents({.seed = 5, .count = 2'000, .bad_share = bad_share}).Append(2'000, text);
    ExpectInferred(text);
    text.clear();
    app::UserEvents({.seed = 5, .count = 20'000, .bad_share = bad_share}).Append(20'000, text);
    ExpectInferred(text);
  }
}

}  // namespace
}  // namespace datahub::bench
