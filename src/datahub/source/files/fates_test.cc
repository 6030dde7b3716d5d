// What can be done to a file between two looks: each is recognised, reported, and loses or doubles nothing. Every test runs
// twice: with one reader that stays, and with a new one at every look.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "datahub/source/files/fates_fixture.h"

namespace datahub::source::files {
namespace {

INSTANTIATE_TEST_SUITE_P(Readers, Fates, testing::Bool(), ReaderName);

TEST_P(Fates, ASmallFileGrowsBeyondWhatItIsKnownBy) {
  folder_.Write("in/a", Lines(0, 1));
  EXPECT_EQ(Read().size(), 1u);
  for (const auto& [from, to] : {std::pair(1, 30), std::pair(30, 200), std::pair(200, 201)}) {
    folder_.Append("in/a", Lines(from, to));
    EXPECT_EQ(Read().size(), size_t(to - from));
    EXPECT_EQ(Kinds(), "");
  }
  EXPECT_EQ(run_.committed().size(), 1u) << "one shard all the way";
}

TEST_P(Fates, RotatedByRenameWithTheNewNameInThePattern) {
  folder_.Write("in/a", "1\n2\n");
  EXPECT_EQ(Read(), (Strings{"1", "2"}));
  folder_.Append("in/a", "3\n");
  folder_.Rename("in/a", "in/a.1");
  folder_.Write("in/a", "4\n");
  EXPECT_EQ(Read(), (Strings{"4", "3"}));
  EXPECT_EQ(Kinds(), "renamed rotated");
  EXPECT_EQ(run_.committed().size(), 2u);
  folder_.Rename("in/a.1", "in/a.2");
  folder_.Rename("in/a", "in/a.1");
  folder_.Append("in/a.1", "5\n");
  folder_.Write("in/a", "6\n");
  EXPECT_EQ(Read(), (Strings{"6", "5"}));
  EXPECT_EQ(Kinds(), "renamed renamed rotated");
  folder_.Append("in/a", "7\n");
  EXPECT_EQ(Read(), Strings{"7"});
  EXPECT_EQ(Kinds(), "");
  EXPECT_EQ(run_.committed().size(), 3u);
}

TEST_P(Fates, RotatedOutOfThePatternSaysHowFarTheOldOneWasRead) {
  folder_.Write("in/a", "1\n2\n");
  EXPECT_EQ(Read().size(), 2u);
  folder_.Remove("in/a");
  folder_.Write("in/a", "3\n");
  EXPECT_EQ(Read(), Strings{"3"});
  EXPECT_EQ(Kinds(), "rotated");
  EXPECT_NE(Message().find("read up to byte 4"), std::string::npos) << Message();
}

TEST_P(Fates, TruncatedInTheMiddleStaysWhereItIs) {
  folder_.Write("in/a", Lines(0, 100));
  EXPECT_EQ(Read().size(), 100u);
  folder_.Truncate("in/a", 5000);
  EXPECT_EQ(Read(), Strings());
  EXPECT_EQ(Kinds(), "truncated");
  EXPECT_NE(Message().find("in/a ends before byte 10100"), std::string::npos) << Message();
  // The same bytes again: goes on.
  folder_.Write("in/a", Lines(0, 101));
  EXPECT_EQ(Read().size(), 1u);
  EXPECT_EQ(Kinds(), "");
  // Other bytes: not read, and said.
  folder_.Truncate("in/a", 5050);
  folder_.Append("in/a", Lines(500, 600));
  EXPECT_EQ(Read(), Strings());
  EXPECT_EQ(Kinds(), "rewritten");
}

TEST_P(Fates, TruncatedToNothingAndBegunAnewIsANewFile) {
  folder_.Write("in/a", "1\n2\n");
  EXPECT_EQ(Read().size(), 2u);
  folder_.Truncate("in/a", 0);
  EXPECT_EQ(Read(), Strings());
  EXPECT_EQ(Kinds(), "truncated");
  folder_.Append("in/a", "3\n");
  EXPECT_EQ(Read(), Strings{"3"});
  EXPECT_EQ(Kinds(), "rotated");
}

TEST_P(Fates, EmptiedAndBegunAnewWithTheSameLinesIsANewFileToo) {
  folder_.Write("in/a", "1\n2\n");
  EXPECT_EQ(Read().size(), 2u);
  folder_.Truncate("in/a", 0);
  EXPECT_EQ(Read(), Strings());
  EXPECT_EQ(Kinds(), "truncated");
  EXPECT_EQ(Read(), Strings());
  EXPECT_EQ(Kinds(), "") << "that it was emptied is in the position";
  folder_.Append("in/a", "1\n2\n3\n");
  EXPECT_EQ(Read(), (Strings{"1", "2", "3"}));
  EXPECT_EQ(Kinds(), "rotated");
  EXPECT_EQ(run_.committed().size(), 2u);
  folder_.Append("in/a", "4\n");
  EXPECT_EQ(Read(), Strings{"4"});
  EXPECT_EQ(Kinds(), "");
  // And again, in the same inode.
  folder_.Truncate("in/a", 0);
  EXPECT_EQ(Read(), Strings());
  EXPECT_EQ(Kinds(), "truncated");
  folder_.Append("in/a", "1\n2\n3\n4\n");
  EXPECT_EQ(Read(), (Strings{"1", "2", "3", "4"}));
  EXPECT_EQ(run_.committed().size(), 3u);
}

TEST_P(Fates, EmptiedAndItsCopyComesLaterGoesOnInTheCopy) {
  folder_.Write("in/a", "1\n2\n");
  EXPECT_EQ(Read().size(), 2u);
  folder_.Copy("in/a", "elsewhere");
  folder_.Truncate("in/a", 0);
  EXPECT_EQ(Read(), Strings());
  folder_.Append("elsewhere", "3\n");
  folder_.Rename("elsewhere", "in/a.1");
  EXPECT_EQ(Read(), Strings{"3"});
  EXPECT_EQ(Kinds(), "renamed");
  folder_.Append("in/a.1", "4\n");
  EXPECT_EQ(Read(), Strings{"4"});
}

// Daily exports begin alike: what a file begins with is not enough to take it for one that is gone.
TEST_P(Fates, AFileThatBeginsLikeOneThatIsGoneIsANewFile) {
  folder_.Write("in/a", Lines(0, 500));
  const std::vector<Delivered> first = Records();
  folder_.Remove("in/a");
  folder_.Write("in/b", Lines(0, 50) + Lines(1000, 1600));
  const std::vector<Delivered> longer = Records();
  EXPECT_EQ(longer.size(), 650u);
  EXPECT_EQ(Kinds(), "alike");
  EXPECT_NE(Message().find("in/b begins as in/a did, which is gone"), std::string::npos) << Message();
  folder_.Remove("in/b");
  folder_.Write("in/c", Lines(0, 50) + Lines(2000, 2010));
  const std::vector<Delivered> shorter = Records();
  EXPECT_EQ(shorter.size(), 60u);
  EXPECT_EQ(run_.committed().size(), 3u);
  folder_.Append("in/c", "1\n");
  EXPECT_EQ(Read(), Strings{"1"});
  EXPECT_EQ(Kinds(), "");
  // Under the name of the first one it is a shard of another name.
  folder_.Rename("in/c", "elsewhere");
  folder_.Write("in/a", Lines(0, 500));
  EXPECT_EQ(Read(), Strings()) << "the first one is back";
  EXPECT_EQ(run_.committed().size(), 3u);
}

TEST_P(Fates, RotatedAmongFilesThatBeginAlikeEachIsKnownByWhatWasRead) {
  folder_.Write("in/a", Lines(0, 50) + Lines(100, 200));
  EXPECT_EQ(Read().size(), 150u);
  folder_.Rename("in/a", "in/a.1");
  folder_.Write("in/a", Lines(0, 50) + Lines(200, 210));
  EXPECT_EQ(Read().size(), 60u);
  EXPECT_EQ(Kinds(), "renamed rotated copied");
  folder_.Rename("in/a.1", "in/a.2");
  folder_.Rename("in/a", "in/a.1");
  folder_.Append("in/a.1", "1\n");
  folder_.Write("in/a", Lines(0, 50) + Lines(300, 320));
  EXPECT_EQ(Read().size(), 71u);
  EXPECT_EQ(Kinds(), "renamed renamed rotated copied");
  EXPECT_EQ(run_.committed().size(), 3u);
  for (const char* name : {"in/a", "in/a.1", "in/a.2"}) folder_.Append(name, "2\n");
  EXPECT_EQ(Read(), (Strings{"2", "2", "2"}));
  EXPECT_EQ(Kinds(), "");
}

TEST_P(Fates, RotatedAndCompressedGoesOnInTheSameShard) {
  for (const auto& compress : {&Gzip, &Zstd}) {
    const std::string in = compress == &Gzip ? "in/gzip" : "in/zstd";
    folder_.Write(in, Lines(0, 500) + "tail without its end");
    const std::vector<Delivered> first = Records();
    ASSERT_EQ(first.size(), 500u);
    // Its last line came between the last look and the rotation; the name is another file's already.
    folder_.Write(in + ".1.gz", compress(Lines(0, 500) + "tail without its end\n1\n"));
    folder_.Write(in, "\"" + in + "\"\n");
    const std::vector<Delivered> more = Records();
    EXPECT_EQ(Texts(more), (Strings{"\"" + in + "\"", "tail without its end", "1"}));
    EXPECT_EQ(more.back().shard, first[0].shard);
    EXPECT_NE(Kinds().find("recompressed"), std::string::npos) << Kinds();
    EXPECT_EQ(Read(), Strings());
    EXPECT_EQ(Kinds(), "");
    folder_.Rename(in + ".1.gz", in + ".2.gz");
    EXPECT_EQ(Read(), Strings());
    EXPECT_EQ(Kinds(), "renamed");
  }
}

TEST_P(Fates, AllReadAndCompressedIsNotReadAgain) {
  folder_.Write("in/a", "1\n2\n");
  EXPECT_EQ(Read().size(), 2u);
  folder_.Write("in/a.gz", Gzip("1\n2\n"));
  folder_.Remove("in/a");
  EXPECT_EQ(Read(), Strings());
  EXPECT_EQ(Kinds(), "recompressed");
  EXPECT_EQ(Read(), Strings());
  EXPECT_EQ(Kinds(), "") << "what it is now is in the position";
}

TEST_P(Fates, WhileItIsBeingCompressedThePlainFileIsTheOne) {
  const std::string packed = Gzip(Lines(0, 3000));
  folder_.Write("in/a", Lines(0, 3000));
  EXPECT_EQ(Read().size(), 3000u);
  folder_.Rename("in/a", "in/a.1");
  folder_.Write("in/a.1.gz", packed.substr(0, packed.size() / 2));
  EXPECT_EQ(Read(), Strings());
  EXPECT_EQ(Kinds(), "renamed recompressed");
  EXPECT_NE(run_.notices()[1].message.find("read up to byte 303000"), std::string::npos) << run_.notices()[1].message;
  folder_.Write("in/a.1.gz", packed);
  EXPECT_EQ(Read(), Strings());
  folder_.Remove("in/a.1");
  EXPECT_EQ(Read(), Strings());
  folder_.Append("in/a.1.gz", Gzip("1\n"));
  EXPECT_EQ(Read(), Strings{"1"});
  EXPECT_EQ(run_.committed().size(), 1u);
}

TEST_P(Fates, ACompressedFileThatBeginsLikeAPlainOneThatIsGoneIsANewFile) {
  folder_.Write("in/a", Lines(0, 500));
  EXPECT_EQ(Read().size(), 500u);
  folder_.Remove("in/a");
  folder_.Write("in/b", Gzip(Lines(0, 50) + Lines(1000, 1600)));
  folder_.Write("in/c", Gzip(Lines(0, 60)));
  EXPECT_EQ(Read().size(), 710u);
  EXPECT_EQ(run_.committed().size(), 3u);
}

TEST_P(Fates, CopyTruncateGoesOnInTheCopy) {
  folder_.Write("in/a", "1\n2\n");
  EXPECT_EQ(Read().size(), 2u);
  folder_.Append("in/a", "3\n");
  folder_.Copy("in/a", "in/a.1");
  folder_.Truncate("in/a", 0);
  folder_.Append("in/a", "4\n");
  EXPECT_EQ(Read(), (Strings{"4", "3"}));
  EXPECT_EQ(Kinds(), "renamed rotated");
}

TEST_P(Fates, RenamedGoesOnAsTheSameShard) {
  folder_.Write("in/a", "1\n");
  const std::vector<Delivered> first = Records();
  folder_.Rename("in/a", "in/b");
  EXPECT_EQ(Read(), Strings());
  EXPECT_EQ(Kinds(), "renamed");
  EXPECT_NE(Message().find("in/b is what was in/a"), std::string::npos) << Message();
  folder_.Append("in/b", "2\n");
  const std::vector<Delivered> more = Records();
  ASSERT_EQ(Texts(more), Strings{"2"});
  EXPECT_EQ(more[0].shard, first[0].shard);
  // Known under the new name from now on.
  folder_.Append("in/b", "3\n");
  EXPECT_EQ(Read(), Strings{"3"});
  EXPECT_EQ(Kinds(), "");
}

TEST_P(Fates, RenamedAndCopiedAtOnceTheInodeTellsWhichIsWhich) {
  folder_.Write("in/c", "1\n");
  EXPECT_EQ(Read().size(), 1u);
  folder_.Copy("in/c", "in/a");
  folder_.Rename("in/c", "in/b");
  folder_.Append("in/b", "2\n");
  const std::vector<Delivered> got = Records();
  EXPECT_EQ(Texts(got), (Strings{"1", "2"}));
  EXPECT_EQ(Kinds(), "renamed copied");
  EXPECT_TRUE(got[1].shard.starts_with("in/c#")) << got[1].shard;
}

TEST_P(Fates, CopiedIsAFileOfItsOwn) {
  folder_.Write("in/a", Lines(0, 100));
  EXPECT_EQ(Read().size(), 100u);
  folder_.Copy("in/a", "in/b");
  EXPECT_EQ(Read().size(), 100u);
  EXPECT_EQ(Kinds(), "copied");
  folder_.Append("in/a", "1\n");
  folder_.Append("in/b", "2\n");
  EXPECT_EQ(Read(), (Strings{"1", "2"}));
  EXPECT_EQ(Kinds(), "");
  EXPECT_EQ(run_.committed().size(), 2u);
}

TEST_P(Fates, CopiedBackUnderTheOldNameIsAThirdShard) {
  folder_.Write("in/a", "1\n");
  EXPECT_EQ(Read().size(), 1u);
  folder_.Rename("in/a", "in/b");
  folder_.Append("in/b", "2\n");
  EXPECT_EQ(Read(), Strings{"2"});
  folder_.Write("in/a", "1\n");
  EXPECT_EQ(Read(), Strings{"1"});
  ASSERT_EQ(run_.committed().size(), 2u);
  EXPECT_EQ(run_.committed().rbegin()->first, run_.committed().begin()->first + ".2");
  folder_.Append("in/a", "3\n");
  folder_.Append("in/b", "4\n");
  EXPECT_EQ(Read(), (Strings{"3", "4"}));
}

TEST_P(Fates, TwoFilesThatBeginAlikeAreNoCopies) {
  folder_.Write("in/a", "{\"begin\":true}\n");
  EXPECT_EQ(Read().size(), 1u);
  folder_.Append("in/a", "1\n");
  folder_.Write("in/b", "{\"begin\":true}\n2\n");
  EXPECT_EQ(Read(), (Strings{"1", "{\"begin\":true}", "2"}));
  EXPECT_EQ(Kinds(), "");
}

TEST_P(Fates, RewrittenIsNotReadAndSaid) {
  folder_.Write("in/a", Lines(0, 100));
  EXPECT_EQ(Read().size(), 100u);
  folder_.Write("in/a", Lines(0, 99) + Lines(500, 510));
  EXPECT_EQ(Read(), Strings());
  EXPECT_EQ(Kinds(), "rewritten");
  EXPECT_NE(Message().find("in/a begins as before"), std::string::npos) << Message();
  EXPECT_NE(Message().find("copy it to a new name"), std::string::npos) << Message();
  // What the message says to do works.
  folder_.Copy("in/a", "in/b");
  EXPECT_EQ(Read().size(), 109u);
  folder_.Remove("in/a");
  EXPECT_EQ(Read(), Strings());
  folder_.Append("in/b", "1\n");
  EXPECT_EQ(Read(), Strings{"1"});
}

TEST_P(Fates, RewrittenWithTheSameSizeIsSeen) {
  folder_.Write("in/a", Lines(0, 100));
  EXPECT_EQ(Read().size(), 100u);
  folder_.Write("in/a", Lines(0, 99) + Lines(500, 501));
  EXPECT_EQ(Read(), Strings());
  EXPECT_EQ(Kinds(), "rewritten");
}

// A commit was given up: what it had read is asked for at a reader that knows less, and other shards' names.
TEST_P(Fates, WhatAGivenUpCommitHadReadIsFoundUnderAnotherName) {
  folder_.Write("in/a", Lines(0, 500));
  folder_.Write("in/small", "1\n");
  EXPECT_EQ(Read().size(), 501u);
  const std::map<std::string, std::string> lost = std::exchange(run_.committed(), {});
  folder_.Rename("in/a", "in/a.1");
  folder_.Append("in/a.1", Lines(500, 600));
  folder_.Remove("in/small");
  run_.Start();
  for (const auto& [shard, position] : lost) EXPECT_FALSE(run_.reader().HasRead(shard, position)) << "nothing read yet";
  EXPECT_EQ(Texts(run_.Poll()).size(), 600u);
  const auto has_read = [&](std::string_view name) {
    const auto at = std::ranges::find_if(lost, [&](const auto& one) { return one.first.starts_with(name); });
    return run_.reader().HasRead(at->first, at->second);
  };
  EXPECT_TRUE(has_read("in/a#"));
  EXPECT_FALSE(has_read("in/small#"));
  run_.Start();
  EXPECT_TRUE(has_read("in/a#")) << "before what it was opened at";
  folder_.Write("in/a.1.gz", Gzip(Lines(0, 600)));
  folder_.Remove("in/a.1");
  EXPECT_EQ(Texts(run_.Poll()), Strings());
  EXPECT_TRUE(has_read("in/a#")) << "compressed meanwhile";
}

TEST_P(Fates, WhatAGivenUpCommitHadReadIsNotFoundInAFileThatOnlyBeginsAlike) {
  folder_.Write("in/a", Lines(0, 500));
  EXPECT_EQ(Read().size(), 500u);
  const std::map<std::string, std::string> lost = std::exchange(run_.committed(), {});
  folder_.Remove("in/a");
  const auto& [shard, position] = *lost.begin();
  for (const char* name : {"in/b", "in/a"}) {  // in/a: a shard of the very same name
    folder_.Write(name, Lines(0, 50) + Lines(1000, 2000));
    run_.Start();
    EXPECT_EQ(Texts(run_.Poll()).size(), 1050u);
    EXPECT_FALSE(run_.reader().HasRead(shard, position)) << name;
  }
  EXPECT_TRUE(run_.committed().contains(shard));
}

TEST_P(Fates, RemovedWithAnUnreadRestIsSaid) {
  folder_.Write("in/a", "1\n2");
  EXPECT_EQ(Read(), Strings{"1"});
  folder_.Remove("in/a");
  EXPECT_EQ(Read(), Strings());
  EXPECT_EQ(Kinds(), GetParam() ? "no_match" : "no_match removed");  // a new reader never saw it
  folder_.Write("in/b", "3\n");
  EXPECT_EQ(Read(), Strings{"3"});
}

TEST_P(Fates, LinksAreReadOnceUnderOneName) {
  folder_.Write("in/b", "1\n");
  EXPECT_EQ(Read(), Strings{"1"});
  std::filesystem::create_hard_link(folder_.Path("in/b"), folder_.Path("in/a"));
  std::filesystem::create_symlink("b", folder_.Path("in/c"));
  folder_.Append("in/b", "2\n");
  EXPECT_EQ(Read(), Strings{"2"});
  EXPECT_EQ(Kinds(), "link linked");
  EXPECT_EQ(run_.committed().size(), 1u);
  folder_.Remove("in/b");  // the hard link is what is left of it
  folder_.Append("in/a", "3\n");
  EXPECT_EQ(Read(), Strings{"3"});
}

TEST_P(Fates, ASymbolicLinkIsFollowedOnlyWhenSaidAndNeverOutOfTheFolder) {
  folder_.Write("elsewhere/a", "1\n");
  std::filesystem::create_directories(folder_.Path("in"));
  std::filesystem::create_symlink("../elsewhere/a", folder_.Path("in/a"));
  std::filesystem::create_symlink("nothing", folder_.Path("in/b"));
  EXPECT_EQ(Read(), Strings());
  EXPECT_EQ(Kinds(), "link link");
  run_.spec().options["follow_links"] = {"true"};
  std::filesystem::create_symlink("../in/c", folder_.Path("in/d"));
  folder_.Write("in/c", "2\n");
  run_.Start();
  EXPECT_EQ(Texts(run_.Poll()), Strings{"2"});
  EXPECT_EQ(Kinds(), "link dangling_link linked");
}

TEST_P(Fates, AFolderThatMatchesIsPassedOver) {
  folder_.Write("in/folder/inner", "1\n");
  folder_.Write("in/a", "2\n");
  EXPECT_EQ(Read(), Strings{"2"});
  EXPECT_EQ(Kinds(), "not_a_file");
}

TEST_P(Fates, APatternThatChangedDoesNotTakeCopiesForRenamed) {
  folder_.Write("in/a", "1\n");
  EXPECT_EQ(Read(), Strings{"1"});
  folder_.Copy("in/a", "other");
  run_.spec().options["path"] = {"./other"};
  run_.Start();
  EXPECT_EQ(Texts(run_.Poll()), Strings{"1"});
  EXPECT_EQ(Kinds(), "copied");
}

TEST_P(Fates, ALastLineThatItsWriterBeginsAnewIsReadOnce) {
  folder_.Write("in/a", "1\n2\n{\"torn\":");
  EXPECT_EQ(Read(), (Strings{"1", "2"}));
  folder_.Write("in/a", "1\n2\n3\n");
  EXPECT_EQ(Read(), Strings{"3"});
  EXPECT_EQ(Kinds(), "");
  folder_.Append("in/a", "4");
  EXPECT_EQ(Read(), Strings());
  folder_.Write("in/a", "1\n2\n3\n");
  folder_.Append("in/a", "5\n");
  EXPECT_EQ(Read(), Strings{"5"});
  EXPECT_EQ(run_.committed().size(), 1u);
}

TEST_P(Fates, ACompressedFileIsTheOneThatIsGoneAmongThoseThatReadAlike) {
  folder_.Write("in/a", "0\n");
  folder_.Write("in/b", "0\n");
  EXPECT_EQ(Read().size(), 2u);
  folder_.Write("in/b.gz", Gzip("0\n1\n"));
  folder_.Remove("in/b");
  EXPECT_EQ(Read(), Strings{"1"});
  EXPECT_EQ(Kinds(), "recompressed");
}

TEST_P(Fates, NamesThatReadAlikeAreTwoFiles) {
  folder_.Write("in/a\xff", "1\n");
  folder_.Write("in/a%FF", "2\n");
  EXPECT_EQ(Read(), (Strings{"2", "1"}));
  EXPECT_EQ(run_.committed().size(), 2u);
  folder_.Append("in/a\xff", "3\n");
  folder_.Append("in/a%FF", "4\n");
  EXPECT_EQ(Read(), (Strings{"4", "3"}));
}

TEST_P(Fates, NamesThatAreNoTextAreFollowedToo) {
  folder_.Write("in/a\xff\n", "1\n");
  const std::vector<Delivered> got = Records();
  ASSERT_EQ(Texts(got), Strings{"1"});
  EXPECT_TRUE(got[0].shard.starts_with("in/a%FF%0A#")) << got[0].shard;
  folder_.Append("in/a\xff\n", "2\n");
  EXPECT_EQ(Read(), Strings{"2"});
  EXPECT_EQ(Kinds(), "");
}

}  // namespace
}  // namespace datahub::source::files
