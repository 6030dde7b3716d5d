#include "datahub/source/compliance.h"

#include <atomic>
#include <charconv>
#include <cstring>

namespace datahub::source {
namespace {

// How a source can break its promise: one way for each case of the suite.
enum class Flaw { kNone, kSkipsOnRestart, kRepeats, kDropsBad, kHoldsAll, kIgnoresStop, kSaysNothing, kClaimsAll };

struct Medium {
  std::vector<std::string> records;
  Flaw flaw = Flaw::kNone;
};

// Records in memory, one shard, handed out one by one; the position is the number of records.
class MemoryReader final : public Reader {
 public:
  MemoryReader(Medium& medium, size_t at, const ReaderOptions& options) : medium_(medium), at_(at), options_(options) {
    if (at_ > 0 && medium_.flaw == Flaw::kSkipsOnRestart) ++at_;
  }

  Result<std::shared_ptr<record::Chunk>> Next() override {
    if (stop_ && medium_.flaw != Flaw::kIgnoresStop) return Error{Code::kShuttingDown, "stopped"};
    if (at_ >= medium_.records.size()) return std::shared_ptr<record::Chunk>();
    auto chunk = std::make_shared<record::Chunk>();
    chunk->source = "memory";
    chunk->shard = medium_.flaw == Flaw::kSaysNothing ? "" : "0";
    chunk->first_offset = at_;
    chunk->received_at_us = medium_.flaw == Flaw::kSaysNothing ? 0 : 1;
    Fill(*chunk);
    chunk->position_after = std::to_string(at_);
    if (medium_.flaw == Flaw::kHoldsAll) held_.push_back(chunk);
    return chunk;
  }

  Result<void> Acknowledge(const std::map<std::string, std::string>&) override {
    if (medium_.flaw == Flaw::kRepeats) --at_;
    return {};
  }
  bool HasRead(const std::string&, const std::string& position) const override {
    size_t records = 0;
    const auto [end, error] = std::from_chars(position.data(), position.data() + position.size(), records);
    if (position.empty() || medium_.flaw == Flaw::kClaimsAll) return true;
    return error == std::errc() && end == position.data() + position.size() && records <= at_;
  }
  void Stop() override { stop_ = true; }
  std::vector<Notice> TakeNotices() override { return {}; }
  uint64_t BytesAhead() const override { return at_ < medium_.records.size() ? medium_.records.size() - at_ : 0; }

 private:
  void Fill(record::Chunk& chunk) {
    const size_t size =
        std::max(options_.chunk_bytes, std::min(medium_.records[at_].size(), options_.record_bytes_max));
    chunk.buffer = std::make_shared<record::Buffer>(size);
    size_t filled = 0;
    while (at_ < medium_.records.size()) {
      const std::string& text = medium_.records[at_];
      if (medium_.flaw == Flaw::kDropsBad && text.front() != '{') {
        ++at_;
        continue;
      }
      const bool cut = text.size() > options_.record_bytes_max;
      const size_t kept = cut ? 100 : text.size();
      if (filled > 0 && (cut || filled + kept > options_.chunk_bytes)) break;
      std::memcpy(chunk.buffer->data() + filled, text.data(), kept);
      chunk.records.push_back({static_cast<uint32_t>(filled), static_cast<uint32_t>(kept)});
      filled += kept;
      ++at_;
      if (cut) chunk.cut_from = text.size();
      if (cut) break;
    }
    chunk.bytes = std::string_view(chunk.buffer->data(), filled);
  }

  Medium& medium_;
  size_t at_;
  ReaderOptions options_;
  std::atomic<bool> stop_ = false;
  std::vector<std::shared_ptr<record::Chunk>> held_;
};

class MemoryRig final : public Rig {
 public:
  explicit MemoryRig(Flaw flaw) { medium_.flaw = flaw; }
  void Put(std::span<const std::string> records) override {
    medium_.records.insert(medium_.records.end(), records.begin(), records.end());
  }
  Result<std::unique_ptr<Reader>> Open(const std::map<std::string, std::string>& committed,
                                       const ReaderOptions& options) override {
    size_t at = 0;
    for (const auto& [shard, text] : committed) std::from_chars(text.data(), text.data() + text.size(), at);
    return std::make_unique<MemoryReader>(medium_, at, options);
  }
  std::string name() const override { return "memory"; }

 private:
  Medium medium_;
};

RigFactory Rigs(Flaw flaw) {
  return [flaw] { return std::make_unique<MemoryRig>(flaw); };
}

TEST(ComplianceSuite, PassesASourceThatKeepsItsPromise) {
  EXPECT_EQ(RunCompliance(Rigs(Flaw::kNone)), std::vector<std::string>());
}

struct Breach {
  Flaw flaw;
  std::string_view failed;
};

class ComplianceSuiteFails : public testing::TestWithParam<Breach> {};

TEST_P(ComplianceSuiteFails, ASourceThatBreaksThePromiseInTheCaseThatIsAboutIt) {
  bool known = false;
  for (const ComplianceCase& one : ComplianceCases()) {
    if (one.name != GetParam().failed) continue;
    known = true;
    EXPECT_FALSE(one.run(Rigs(GetParam().flaw)).empty()) << one.name << " does not see the flaw";
  }
  EXPECT_TRUE(known) << "no case " << GetParam().failed;
}

constexpr Breach kBreaches[] = {
    {Flaw::kSkipsOnRestart, "restart_at_every_point"},
    {Flaw::kRepeats, "duplicate_delivery"},
    {Flaw::kDropsBad, "bad_record"},
    {Flaw::kHoldsAll, "slow_consumer"},
    {Flaw::kIgnoresStop, "stop_in_flight"},
    {Flaw::kSaysNothing, "metrics"},
    {Flaw::kClaimsAll, "has_read"},
};
INSTANTIATE_TEST_SUITE_P(EachFlaw, ComplianceSuiteFails, testing::ValuesIn(kBreaches),
                         [](const auto& breach) { return std::string(breach.param.failed); });

TEST(ComplianceSuite, HasAFlawedSourceForEachOfItsCases) { EXPECT_EQ(std::size(kBreaches), ComplianceCases().size()); }

}  // namespace
}  // namespace datahub::source
