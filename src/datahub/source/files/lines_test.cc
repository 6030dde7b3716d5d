// Lines and what can be odd about them, in plain files.
#include <fmt/format.h>

#include "datahub/source/files/files_fixture.h"
#include "datahub/source/files/files_reader.h"

namespace datahub::source::files {
namespace {

TEST(Lines, OffsetsAreBytePlacesAndGrowthIsReadOnFromTheLast) {
  Folder folder;
  Runs run(folder);
  folder.Write("in/a.ndjson", "{\"a\":1}\n{\"a\":22}\n");
  std::vector<Delivered> got = run.Read();
  ASSERT_EQ(Texts(got), (Strings{"{\"a\":1}", "{\"a\":22}"}));
  EXPECT_EQ(got[0].offset, 0u);
  EXPECT_EQ(got[1].offset, 8u);
  EXPECT_TRUE(got[0].shard.starts_with("in/a.ndjson#")) << got[0].shard;
  EXPECT_EQ(got[0].shard.size(), std::string("in/a.ndjson#01234567").size());

  folder.Append("in/a.ndjson", "{\"a\":3}\n");
  const std::vector<Delivered> more = run.Read();
  ASSERT_EQ(Texts(more), Strings{"{\"a\":3}"});
  EXPECT_EQ(more[0].offset, 17u);
  EXPECT_EQ(more[0].shard, got[0].shard) << "a file that grew stays the same shard";
  EXPECT_EQ(run.Kinds(), "");
  EXPECT_EQ(Texts(run.Read()), Strings());
}

TEST(Lines, FilesComeInTheOrderOfTheirNames) {
  Folder folder;
  Runs run(folder, "./in/**");
  folder.Write("in/b", "2\n");
  folder.Write("in/a/z", "1\n");
  folder.Write("in/c", "3\n");
  EXPECT_EQ(Texts(run.Read()), (Strings{"1", "2", "3"}));
}

TEST(Lines, ByteOrderMarkCarriageReturnsAndBlankLines) {
  Folder folder;
  Runs run(folder);
  folder.Write("in/a", "\xEF\xBB\xBF{\"a\":1}\r\n\r\n  \n{\"a\":2}\r\n");
  const std::vector<Delivered> got = run.Read();
  ASSERT_EQ(Texts(got), (Strings{"{\"a\":1}", "{\"a\":2}"}));
  EXPECT_EQ(got[0].offset, 3u);
  EXPECT_EQ(run.Kinds(), "");
  folder.Append("in/a", "{\"a\":3}\r\n");
  EXPECT_EQ(Texts(run.Read()), Strings{"{\"a\":3}"});
}

TEST(Lines, EmptyAndBlankFilesAreNothing) {
  Folder folder;
  Runs run(folder);
  folder.Write("in/a", "");
  folder.Write("in/b", "  \n\n ");
  folder.Write("in/c", "\xEF\xBB\xBF");
  run.Read();
  EXPECT_EQ(run.Kinds(), "");
  folder.Append("in/a", "1\n");
  folder.Append("in/b", " 2\n");
  folder.Append("in/c", "3\n");
  EXPECT_EQ(Texts(run.Read()), (Strings{"1", "  2", "3"}));
}

TEST(Lines, ALastLineWithoutEndWaitsForIt) {
  Folder folder;
  Runs run(folder);
  folder.Write("in/a", "{\"a\":1}\n{\"a\":");
  EXPECT_EQ(Texts(run.Read()), Strings{"{\"a\":1}"});
  EXPECT_EQ(run.Kinds(), "incomplete_last_line");
  EXPECT_NE(run.notices()[0].message.find("in/a, from byte 8"), std::string::npos) << run.notices()[0].message;
  EXPECT_NE(run.notices()[0].message.find("complete_after"), std::string::npos);
  EXPECT_EQ(Texts(run.Poll()), Strings());
  EXPECT_EQ(run.Kinds(), "") << "said once";
  folder.Append("in/a", "2}\n");
  EXPECT_EQ(Texts(run.Poll()), Strings{"{\"a\":2}"});
}

TEST(Lines, ALastLineOfACompleteFileIsRead) {
  Folder folder;
  Runs run(folder);
  run.spec().options["complete_after"] = {"1h"};
  folder.Write("in/a", "1\n2");
  EXPECT_EQ(Texts(run.Read()), Strings{"1"});
  EXPECT_EQ(run.Kinds(), "incomplete_last_line");
  EXPECT_EQ(Texts(run.Poll()), Strings());
  folder.Age("in/a", std::chrono::hours(2));
  EXPECT_EQ(Texts(run.Poll()), Strings{"2"});
  EXPECT_EQ(Texts(run.Poll()), Strings());
  EXPECT_EQ(Texts(run.Read()), Strings());
  EXPECT_EQ(run.Kinds(), "");
}

TEST(Lines, ALineLongerThanAChunkIsWhole) {
  Folder folder;
  Runs run(folder);
  run.options() = {.chunk_bytes = 64, .record_bytes_max = 100 << 10};
  const std::string line = fmt::format("{{\"a\":\"{}\"}}", std::string(90 << 10, 'x'));
  folder.Write("in/a", fmt::format("1\n{}\n2\n{}\n3\n", line, line));
  EXPECT_EQ(Texts(run.Read()), (Strings{"1", line, "2", line, "3"}));
}

TEST(Lines, ALineLongerThanTheLimitIsCutAndSaysSo) {
  Folder folder;
  Runs run(folder);
  run.options() = {.chunk_bytes = 64, .record_bytes_max = 1000};
  const std::string fits(999, 'f');
  const std::string line(5000, 'x');
  folder.Write("in/a", fmt::format("1\n{}\n{}\n2\n{}", fits, line, line));
  const std::vector<Delivered> got = run.Read();
  ASSERT_EQ(got.size(), 5u);
  EXPECT_EQ(Texts(got), (Strings{"1", fits, std::string(64, 'x'), "2", std::string(64, 'x')}));
  EXPECT_EQ(got[1].cut_from, 0u);
  EXPECT_EQ(got[2].cut_from, 5001u);
  EXPECT_EQ(got[2].offset, 1002u);
  EXPECT_EQ(got[3].offset, 6003u);
  EXPECT_EQ(got[4].offset, 6005u);
  EXPECT_EQ(got[4].cut_from, 5000u) << "so far: it is rejected whatever follows";
  EXPECT_EQ(run.Kinds(), "");
  folder.Append("in/a", std::string(500, 'y'));
  EXPECT_EQ(Texts(run.Read()), Strings());
  folder.Append("in/a", "\n3\n");
  const std::vector<Delivered> more = run.Read();
  ASSERT_EQ(Texts(more), Strings{"3"});
  EXPECT_EQ(more[0].offset, 11'506u);
}

// A hole of 100 GB costs neither time nor memory, and what comes behind it is read: by the same reader and by the next.
TEST(Lines, AHugeSparseLineIsRejectedAndPassedOver) {
  for (const bool array : {false, true}) {
    SCOPED_TRACE(array);
    constexpr uint64_t kHole = 100'000'000'000;
    Folder folder;
    Runs run(folder);
    run.options() = {.chunk_bytes = 64, .record_bytes_max = 1 << 20};
    folder.Write("in/a", array ? "[1,\"\\" : "1\n");
    std::filesystem::resize_file(folder.Path("in/a"), kHole);
    folder.Write("in/b", "0\n");
    run.Start();
    std::vector<Delivered> got = run.Poll();
    ASSERT_EQ(got.size(), 3u);
    EXPECT_EQ(got[0].bytes, "1");
    EXPECT_EQ(got[1].cut_from, kHole - (array ? 3 : 2));
    EXPECT_EQ(got[2].bytes, "0");
    EXPECT_EQ(run.Kinds(), array ? "incomplete_array" : "");
    EXPECT_EQ(Texts(run.Poll()), Strings());
    folder.Append("in/a", array ? "\",2]" : "x\n2\n");
    EXPECT_EQ(Texts(run.Poll()), Strings{"2"});
    EXPECT_EQ(Texts(run.Read()), Strings());
    folder.Rename("in/a", "in/c");  // all of it is hashed again
    folder.Append("in/c", array ? "[3]" : "3\n");
    EXPECT_EQ(Texts(run.Read()), Strings{"3"});
    EXPECT_EQ(run.Kinds(), "renamed");
  }
}

TEST(Lines, ALongRecordThatIsNotSparseIsPassedOverInSteps) {
  for (const char* begin : {"", "[\""}) {
    Folder folder;
    Runs run(folder);
    run.options() = {.chunk_bytes = 64, .record_bytes_max = 1000};
    const std::string part(1500, 'x');
    folder.Write("in/a", begin + part);
    ASSERT_EQ(run.Read().size(), 1u);
    for (int i = 0; i < 3; ++i) {
      folder.Append("in/a", part);
      EXPECT_EQ(Texts(run.Read()), Strings());
    }
    folder.Append("in/a", *begin == 0 ? "\n1\n" : "\", 1]");
    EXPECT_EQ(Texts(run.Read()), Strings{"1"});
  }
}

// Whoever writes a file may set its time to what he likes.
TEST(Lines, AFileOfTheFutureIsCompleteByTheTimeOfItsLastChange) {
  Folder folder;
  Runs run(folder);
  run.spec().options["complete_after"] = {"100ms"};
  folder.Write("in/a", "1");
  folder.Age("in/a", -std::chrono::hours(24 * 365 * 10));
  run.Start();
  Strings got;
  while (got.empty()) got = Texts(run.Poll());
  EXPECT_EQ(got, Strings{"1"});
}

TEST(Lines, AHugeLineTakesNoMoreMemoryThanTheLimit) {
  Folder folder;
  Runs run(folder);
  run.options() = {.chunk_bytes = 1 << 20, .record_bytes_max = 4 << 20};
  folder.Write("in/a", std::string(100 << 20, 'x'));
  folder.Append("in/a", "\n1\n");
  run.Start();
  const auto chunk = run.reader().Next();
  ASSERT_TRUE(chunk && *chunk);
  EXPECT_EQ((*chunk)->cut_from, (100u << 20) + 1);
  EXPECT_LE((*chunk)->buffer->capacity(), 4u << 20);
  EXPECT_EQ(Texts(run.Poll()), Strings{"1"});
}

TEST(Lines, FilesThatAppearLaterAreFoundByTheSameReader) {
  Folder folder;
  Runs run(folder);
  run.Start();
  EXPECT_EQ(Texts(run.Poll()), Strings());
  EXPECT_EQ(run.Kinds(), "no_match");
  folder.Write("in/a", "1\n");
  EXPECT_EQ(Texts(run.Poll()), Strings{"1"});
  folder.Write("in/b", "2\n");
  folder.Append("in/a", "3\n");
  EXPECT_EQ(Texts(run.Poll()), (Strings{"3", "2"}));
  EXPECT_EQ(Texts(run.Poll()), Strings());
  EXPECT_EQ(run.Kinds(), "");
}

TEST(Lines, FilesThatHaveSettledAreLookedAtAgainWhenTheyChange) {
  Folder folder;
  Runs run(folder);
  run.spec().options["complete_after"] = {"1h"};
  Settings settings = Settings::From(run.spec()).value();
  settings.tick_us = -1'000'000;
  run.Start(std::make_unique<FilesReader>(settings, Roster::From({}, folder.root()).value(), run.options()));
  folder.Write("in/a", "1\n");
  folder.Write("in/b", "2\n3");
  EXPECT_EQ(Texts(run.Poll()), (Strings{"1", "2"}));
  EXPECT_EQ(Texts(run.Poll()), Strings());
  folder.Append("in/a", "4\n");
  EXPECT_EQ(Texts(run.Poll()), Strings{"4"});
  folder.Age("in/b", std::chrono::hours(2));
  EXPECT_EQ(Texts(run.Poll()), Strings{"3"});
  folder.Rename("in/a", "in/c");
  folder.Append("in/c", "5\n");
  folder.Write("in/a", "6\n");
  EXPECT_EQ(Texts(run.Poll()), (Strings{"6", "5"}));
  EXPECT_EQ(Texts(run.Poll()), Strings());
}

TEST(Lines, AFileBecomesCompleteByTimeAlone) {
  Folder folder;
  Runs run(folder);
  run.spec().options["complete_after"] = {"100ms"};
  Settings settings = Settings::From(run.spec()).value();
  settings.tick_us = -1'000'000;
  run.Start(std::make_unique<FilesReader>(settings, Roster::From({}, folder.root()).value(), run.options()));
  folder.Write("in/a", "1");
  Strings got;
  while (got.empty()) got = Texts(run.Poll());
  EXPECT_EQ(got, Strings{"1"});
}

TEST(Lines, UnreadableFilesAreAnErrorThatNamesThemOnceTheOthersAreRead) {
  Folder folder;
  Runs run(folder);
  folder.Write("in/b", "1\n");
  run.spec().options["follow_links"] = {"true"};
  std::filesystem::create_symlink("a", folder.Path("in/a"));  // nobody can open it, not even root
  EXPECT_EQ(Texts(run.Read()), Strings{"1"});
  const std::string error = run.TakeError();
  EXPECT_NE(error.find("source inbox"), std::string::npos) << error;
  EXPECT_NE(error.find("in/a: Too many levels of symbolic links"), std::string::npos) << error;
  folder.Append("in/b", "2\n");
  EXPECT_EQ(Texts(run.Poll()), Strings{"2"});
  EXPECT_NE(run.TakeError(), "");
  folder.Remove("in/a");
  folder.Write("in/a", "3\n");
  EXPECT_EQ(Texts(run.Poll()), Strings{"3"});
  EXPECT_EQ(run.TakeError(), "");
}

TEST(Lines, FilesWithoutPermissionAreAnErrorThatNamesThem) {
  Folder folder;
  Runs run(folder);
  folder.Write("in/a", "1\n");
  folder.Write("in/b", "2\n");
  std::filesystem::permissions(folder.root(), std::filesystem::perms(0755));
  std::filesystem::permissions(folder.Path("in/a"), std::filesystem::perms::none);
  const uid_t me = ::geteuid();
  ASSERT_EQ(::seteuid(me == 0 ? 65534 : me), 0);  // root may read anything
  const std::vector<Delivered> got = run.Read();
  ASSERT_EQ(::seteuid(me), 0);
  EXPECT_EQ(Texts(got), Strings{"2"});
  const std::string error = run.TakeError();
  EXPECT_NE(error.find("in/a: Permission denied"), std::string::npos) << error;
}

TEST(Lines, WhatIsNoTextIsRefusedByName) {
  Folder folder;
  Runs run(folder);
  folder.Write("in/a", "PAR1xxxx\n");
  folder.Write("in/b", "BZh91AY&SY\n");
  folder.Write("in/c", std::string("\xff\xfe{\0\n\0", 6));
  folder.Write("in/d", "1\n");
  EXPECT_EQ(Texts(run.Read()), Strings{"1"});
  EXPECT_EQ(run.Kinds(), "unsupported unsupported unsupported");
  EXPECT_NE(run.notices()[0].message.find("in/a is a Parquet file"), std::string::npos);
}

TEST(Lines, BytesAheadCountDownToNothing) {
  Folder folder;
  Runs run(folder);
  run.options() = {.chunk_bytes = 64, .record_bytes_max = 1000};
  for (const char* name : {"in/a", "in/b"}) {
    for (int i = 0; i < 10; ++i) folder.Append(name, fmt::format("{:049}\n", i));
  }
  run.Start();
  ASSERT_TRUE(run.reader().Next());
  EXPECT_GT(run.reader().BytesAhead(), 800u);
  EXPECT_LT(run.reader().BytesAhead(), 1000u);
  run.Poll();
  EXPECT_EQ(run.reader().BytesAhead(), 0u);
}

}  // namespace
}  // namespace datahub::source::files
