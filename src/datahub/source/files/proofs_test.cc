// The same only by proof: what is taken for a file that was read, and what is not.
#include <algorithm>
#include <atomic>
#include <fstream>
#include <utility>

#include "datahub/source/files/fates_fixture.h"

namespace datahub::source::files {
namespace {

class Proofs : public Fates {};
INSTANTIATE_TEST_SUITE_P(Readers, Proofs, testing::Bool(), ReaderName);

// What was the fault: the same few bytes, under another name, in the inode that the first file left.
TEST_P(Proofs, EqualContentUnderAnotherNameIsANewFile) {
  folder_.Write("in/p1.json", "{\"type\":\"ping\"}\n");
  EXPECT_EQ(Read().size(), 1u);
  std::string last = "in/p1.json";
  for (const char* name : {"in/p2.json", "in/p3.json", "in/p4.json"}) {
    folder_.Remove(last);
    folder_.Write(last = name, "{\"type\":\"ping\"}\n");
    EXPECT_EQ(Read(), Strings{"{\"type\":\"ping\"}"}) << name;
    EXPECT_EQ(Kinds(), "alike");
  }
  EXPECT_EQ(run_.committed().size(), 4u);
}

TEST_P(Proofs, ADumpWithOneValueChangedInTheMiddleIsANewFile) {
  std::string changed = Lines(0, 230);
  changed[11'500] = '7';
  for (const char* name : {"in/b", "in/a"}) {  // also under the old name
    folder_.Write("in/a", Lines(0, 230));
    Read();
    folder_.Remove("in/a");
    folder_.Write(name, changed);
    EXPECT_EQ(Read().size(), 230u) << name;
    EXPECT_EQ(Kinds(), name == std::string("in/a") ? "rotated alike" : "alike");
    folder_.Remove(name);
  }
  EXPECT_EQ(run_.committed().size(), 3u);
}

TEST_P(Proofs, AnExportThatBeginsWithYesterdaysRowsIsANewFile) {
  folder_.Write("in/1", Lines(0, 100));
  EXPECT_EQ(Read().size(), 100u);
  folder_.Remove("in/1");
  folder_.Write("in/2", Lines(0, 150));
  EXPECT_EQ(Read().size(), 150u);
  EXPECT_EQ(Kinds(), "alike");
}

// The recorded path is enough when every byte is there: a program that saves by renaming, or a restored backup.
TEST_P(Proofs, AnotherInodeAtThePathWithAllThatWasReadIsTheSame) {
  folder_.Write("in/a", Lines(0, 2000));
  EXPECT_EQ(Read().size(), 2000u);
  folder_.Write("new", Lines(0, 2001));
  folder_.Rename("new", "in/a");
  EXPECT_EQ(Read().size(), 1u);
  EXPECT_EQ(Kinds(), "");
  folder_.Write("new", Lines(0, 2001));
  folder_.Rename("new", "in/a");
  EXPECT_EQ(Read().size(), 0u);
  EXPECT_EQ(run_.committed().size(), 1u);
}

TEST_P(Proofs, AByteChangedInPlaceInTheMiddleIsSeenWhenNothingWasAppended) {
  for (const bool packed : {false, true}) {
    const std::string name = packed ? "in/b" : "in/a";
    const auto bytes = [&](const std::string& text) { return packed ? Gzip(text) : text; };
    std::string text = Lines(0, 4000);
    folder_.Write(name, bytes(text));
    EXPECT_EQ(Read().size(), 4000u);
    std::string other = bytes(text);
    other[other.size() / 2] ^= 1;
    std::fstream(folder_.Path(name), std::ios::binary | std::ios::in | std::ios::out) << other;
    folder_.Age(name, std::chrono::hours(-1));
    EXPECT_EQ(Read(), Strings());
    EXPECT_TRUE(Kinds() == "rewritten" || (packed && Kinds() == "damaged")) << Kinds();
    // As it was: all well again, and the next look does not read it once more.
    std::fstream(folder_.Path(name), std::ios::binary | std::ios::in | std::ios::out) << bytes(text);
    EXPECT_EQ(Read(), Strings());
    EXPECT_EQ(Kinds(), "");
  }
}

TEST_P(Proofs, RotatedAndCompressedBothThereAtTheFirstLookAreReadOnce) {
  folder_.Write("in/a.1", Lines(0, 500));
  folder_.Write("in/a.1.gz", Gzip(Lines(0, 500)));
  EXPECT_EQ(Read().size(), 500u);
  EXPECT_EQ(Kinds(), "recompressed");
  EXPECT_EQ(Read(), Strings());
  folder_.Remove("in/a.1");
  EXPECT_EQ(Read(), Strings());
  EXPECT_EQ(Kinds(), "recompressed");
  folder_.Append("in/a.1.gz", Gzip("1\n"));
  EXPECT_EQ(Read(), Strings{"1"});
  EXPECT_EQ(run_.committed().size(), 1u);
}

TEST_P(Proofs, ACompressedNeighbourWithOtherContentIsReadBesideIt) {
  folder_.Write("in/a", Lines(0, 500));
  folder_.Write("in/a.gz", Gzip(Lines(0, 499) + "1\n"));
  EXPECT_EQ(Read().size(), 1000u);
  EXPECT_EQ(Read().size(), 0u);
  folder_.Write("in/a.zst", Zstd(Lines(600, 601)));
  EXPECT_EQ(Read().size(), 1u);
}

TEST_P(Proofs, ACompressedNeighbourWaitsAlsoWhileTheLastLineOfThePlainOneDoes) {
  folder_.Write("in/a", "1");
  folder_.Write("in/a.gz", Gzip("1\n2\n"));
  EXPECT_EQ(Read(), Strings());
  folder_.Append("in/a", "\n2\n");
  EXPECT_EQ(Read(), (Strings{"1", "2"}));
  folder_.Remove("in/a");
  EXPECT_EQ(Read(), Strings());
  EXPECT_EQ(run_.committed().size(), 1u);
}

TEST_P(Proofs, CopiedToANameThatNoRotationMakesIsANewFileAlsoWhenTheOldOneIsGone) {
  folder_.Write("in/a", "1\n");
  EXPECT_EQ(Read().size(), 1u);
  folder_.Copy("in/a", "in/b");  // another inode
  folder_.Remove("in/a");
  EXPECT_EQ(Read(), Strings{"1"});
  EXPECT_EQ(Kinds(), "alike");
  folder_.Copy("in/b", "in/b-20260131");
  folder_.Remove("in/b");
  EXPECT_EQ(Read(), Strings());
  EXPECT_EQ(Kinds(), "renamed");
}

TEST_P(Proofs, PositionsAreHeldAgainstEveryByteWhenAsked) {
  using State = PositionCheck::State;
  const std::string text = Lines(0, 4000);
  for (const char* name : {"in/a", "in/b", "in/c", "in/e"}) folder_.Write(name, text);
  folder_.Write("in/d", Gzip(text));
  EXPECT_EQ(Read().size(), 20'000u);
  const auto states = [&] {
    std::vector<State> all;
    const auto checks = source::CheckPositions(run_.spec(), run_.committed(), std::atomic<bool>(false));
    EXPECT_TRUE(checks) << checks.error().message;
    for (const PositionCheck& check : *checks) all.push_back(check.state);
    return all;
  };
  EXPECT_EQ(states(), std::vector<State>(5, State::kHolds));
  std::string changed = text;
  changed[200'000] ^= 1;
  folder_.Write("in/a", changed + "more\n");  // which a run does not see: it grew
  EXPECT_EQ(Read(), Strings{"more"});
  folder_.Remove("in/b");
  folder_.Append("in/c", "1\n");
  folder_.Append("in/d", Gzip("1\n"));
  folder_.Remove("in/e");
  folder_.Write("in/e", "1\n");
  EXPECT_EQ(states(), (std::vector<State>{State::kOther, State::kGone, State::kHolds, State::kHolds, State::kGone}));
}

TEST_P(Proofs, PositionsOfAnotherFormatAreRefusedByNameAndWithTheWayOn) {
  folder_.Write("in/a", "1\n");
  EXPECT_EQ(Read().size(), 1u);
  std::string& position = run_.committed().begin()->second;
  position.replace(position.find("\"v\":2"), 5, "\"v\":1");
  const auto reader = source::Open(run_.spec(), run_.committed(), run_.options());
  ASSERT_FALSE(reader);
  for (const char* part : {"source inbox", "shard in/a#", "is of format 1", "datahub reset --source inbox"}) {
    EXPECT_NE(reader.error().message.find(part), std::string::npos) << reader.error().message;
  }
}

TEST_P(Proofs, WhatAGivenUpCommitHadReadIsNotFoundInAnEqualFileOfAnotherName) {
  folder_.Write("in/p1", "1\n");
  EXPECT_EQ(Read().size(), 1u);
  const std::map<std::string, std::string> lost = std::exchange(run_.committed(), {});
  folder_.Remove("in/p1");
  folder_.Write("in/p2", "1\n");
  run_.Start();
  EXPECT_EQ(Texts(run_.Poll()).size(), 1u);
  EXPECT_FALSE(run_.reader().HasRead(lost.begin()->first, lost.begin()->second));
}

TEST_P(Proofs, CopyTruncateSeenBetweenCopyAndTruncationIsExactlyOnce) {
  folder_.Write("in/a", "1\n");
  EXPECT_EQ(Read().size(), 1u);
  folder_.Copy("in/a", "in/a.1");
  EXPECT_EQ(Read(), Strings());
  EXPECT_EQ(Kinds(), "copied");
  EXPECT_NE(Message().find("in/a.1 holds all that was read of in/a"), std::string::npos) << Message();
  folder_.Append("in/a.1", "2\n");  // as if it had been written between
  folder_.Truncate("in/a", 0);
  folder_.Append("in/a", "3\n");
  EXPECT_EQ(Read(), (Strings{"3", "2"}));
  EXPECT_EQ(Kinds(), "renamed rotated");
}

}  // namespace
}  // namespace datahub::source::files
