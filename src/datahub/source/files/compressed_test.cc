// gzip and zstd by content: frames, growth, truncation, damage, bombs.
#include <fmt/format.h>
#include <malloc.h>

#include "datahub/source/files/files_fixture.h"

namespace datahub::source::files {
namespace {

struct Format {
  std::string_view name;
  std::string (*compress)(std::string_view);
};

class Compressed : public testing::TestWithParam<Format> {
 protected:
  std::string Pack(std::string_view bytes) const { return GetParam().compress(bytes); }
  Strings Read() { return Texts(run_.Read()); }

  Folder folder_;
  Runs run_{folder_};
};
INSTANTIATE_TEST_SUITE_P(Formats, Compressed, testing::Values(Format{"gzip", &Gzip}, Format{"zstd", &Zstd}),
                         [](const auto& format) { return std::string(format.param.name); });

// HashLines that do not compress to nothing.
std::string HashLines(int from, int to) {
  std::string text;
  for (int i = from; i < to; ++i) text += fmt::format("{{\"n\":{},\"h\":\"{:016x}\"}}\n", i, i * 0x9E3779B97F4A7C15u);
  return text;
}

TEST_P(Compressed, IsToldByContentAndPositionsCountDecompressedBytes) {
  folder_.Write("in/a.ndjson", Pack("{\"a\":1}\n") + Pack("{\"a\":2}\n"));
  const std::vector<Delivered> got = run_.Read();
  ASSERT_EQ(Texts(got), (Strings{"{\"a\":1}", "{\"a\":2}"}));
  EXPECT_EQ(got[1].offset, 8u);
  EXPECT_EQ(Read(), Strings());
  EXPECT_EQ(run_.Kinds(), "");
}

TEST_P(Compressed, GrowsByWholeFrames) {
  folder_.Write("in/a", Pack(HashLines(0, 1000)));
  EXPECT_EQ(Read().size(), 1000u);
  folder_.Append("in/a", Pack(HashLines(1000, 1003) + "{\"n\":"));
  EXPECT_EQ(Read().size(), 3u);
  EXPECT_EQ(run_.Kinds(), "incomplete_last_line");
  folder_.Append("in/a", Pack("1}\n") + Pack(""));
  EXPECT_EQ(Read(), Strings{"{\"n\":1}"});
  EXPECT_EQ(run_.Kinds(), "");
  EXPECT_EQ(Read(), Strings());
}

TEST_P(Compressed, IsTheSameWhereverItIsCutAndRestarted) {
  run_.options() = {.chunk_bytes = 64, .record_bytes_max = 4096};
  const std::string packed = Pack(HashLines(0, 3)) + Pack(HashLines(3, 6));
  for (size_t cut = 0; cut <= packed.size(); ++cut) {
    Folder folder;
    Runs run(folder);
    run.options() = {.chunk_bytes = 64, .record_bytes_max = 4096};
    folder.Write("in/a", packed.substr(0, cut));
    Strings got = Texts(run.Read());
    folder.Append("in/a", packed.substr(cut));
    for (std::string& text : Texts(run.Read())) got.push_back(text);
    ASSERT_EQ(got.size(), 6u) << "cut at " << cut;
    EXPECT_EQ(run.Kinds(), "");
  }
}

TEST_P(Compressed, TruncatedWaitsAndSaysSo) {
  const std::string packed = Pack(HashLines(0, 5000));
  folder_.Write("in/a", packed.substr(0, packed.size() - 5));
  const size_t first = Read().size();
  EXPECT_GT(first, 0u);
  EXPECT_TRUE(run_.Kinds().starts_with("incomplete_compressed")) << run_.Kinds();
  folder_.Append("in/a", packed.substr(packed.size() - 5));
  EXPECT_EQ(first + Read().size(), 5000u);
  EXPECT_EQ(run_.Kinds(), "");
}

TEST_P(Compressed, TruncatedButCompleteGivesItsRestAsARecord) {
  run_.spec().options["complete_after"] = {"1h"};
  std::string text;  // so regular that zstd gives what it has
  for (int i = 0; i < 300'000; ++i) text += fmt::format("{}\n", i);
  const std::string packed = Pack(text);
  folder_.Write("in/a", packed.substr(0, packed.size() / 2));
  folder_.Age("in/a", std::chrono::hours(2));
  const Strings got = Read();
  EXPECT_GT(got.size(), 1000u);
  EXPECT_EQ(run_.Kinds(), "incomplete_compressed");
  EXPECT_EQ(Texts(run_.Poll()), Strings());
  EXPECT_EQ(run_.Kinds(), "");
  std::string read;
  for (const std::string& line : got) read += line + "\n";
  read.pop_back();
  EXPECT_TRUE(text.starts_with(read)) << "the rest is handed out as it is";
}

TEST_P(Compressed, DamageIsSaidAndWhatLiesBeforeIsRead) {
  std::string packed = Pack(HashLines(0, 10)) + Pack(HashLines(10, 20)) + "garbage behind";
  folder_.Write("in/a", packed);
  folder_.Write("in/b", "1\n");
  EXPECT_EQ(Read().size(), 21u);
  EXPECT_EQ(run_.Kinds(), "damaged");
  EXPECT_NE(run_.notices()[0].message.find("in/a is damaged at stored byte"), std::string::npos)
      << run_.notices()[0].message;
  EXPECT_EQ(Read(), Strings());
  EXPECT_EQ(run_.Kinds(), "damaged") << "at every run";
}

TEST_P(Compressed, ReplacedByALongerOneWithTheSameBeginningIsRewritten) {
  folder_.Write("in/a", Pack(HashLines(0, 2000)));
  EXPECT_EQ(Read().size(), 2000u);
  folder_.Write("in/a", Pack(HashLines(0, 1000)) + Pack(HashLines(5000, 9000)));
  EXPECT_EQ(Read().size() % 5000, 0u);  // another head already (read whole), or the same and rewritten
  EXPECT_TRUE(run_.Kinds() == "rewritten" || run_.Kinds() == "rotated") << run_.Kinds();
}

TEST_P(Compressed, RewrittenWithTheSameSizeIsSeenWithoutReadingItAll) {
  std::string packed = Pack(HashLines(0, 3000));
  folder_.Write("in/a", packed);
  EXPECT_EQ(Read().size(), 3000u);
  packed.back() ^= 1;
  folder_.Write("in/a", packed);
  EXPECT_EQ(Read(), Strings());
  EXPECT_EQ(run_.Kinds(), "rewritten");
}

TEST_P(Compressed, CutOffBelowWhatWasReadIsTruncated) {
  const std::string packed = Pack(HashLines(0, 3000));
  ASSERT_GT(packed.size(), 10'000u);
  folder_.Write("in/a", packed);
  EXPECT_EQ(Read().size(), 3000u);
  folder_.Truncate("in/a", packed.size() - 1000);
  EXPECT_EQ(Read(), Strings());
  EXPECT_EQ(run_.Kinds(), "truncated");
}

TEST_P(Compressed, RenamedIsNotReadAgainAndRemembered) {
  folder_.Write("in/a", Pack(HashLines(0, 10)));
  EXPECT_EQ(Read().size(), 10u);
  folder_.Rename("in/a", "in/b");
  EXPECT_EQ(Read(), Strings());
  EXPECT_EQ(run_.Kinds(), "renamed");
  EXPECT_EQ(Read(), Strings());
  EXPECT_EQ(run_.Kinds(), "") << "the new path is in the position";
}

TEST_P(Compressed, ArraysAreReadToo) {
  folder_.Write("in/a", Pack("[{\"a\":1},\n{\"a\":2}]"));
  const std::vector<Delivered> got = run_.Read();
  EXPECT_EQ(Texts(got), (Strings{"{\"a\":1}", "{\"a\":2}"}));
  EXPECT_EQ(got[1].offset, 1u);
  EXPECT_EQ(run_.Kinds(), "");
}

TEST_P(Compressed, ABombIsReadInBoundedMemory) {
  std::string frame = Pack(std::string(16 << 20, ' '));
  std::string bomb;
  for (int i = 0; i < 16; ++i) bomb += frame;
  folder_.Write("in/a", bomb + Pack("\n1\n"));
  run_.options() = {.chunk_bytes = 64 << 10, .record_bytes_max = 1 << 20};
  const size_t before = mallinfo2().hblkhd;  // large blocks; 0 under a sanitizer
  run_.Start();
  const auto chunk = run_.reader().Next();
  const size_t after = mallinfo2().hblkhd;
  ASSERT_TRUE(chunk && *chunk);
  EXPECT_EQ((*chunk)->cut_from, (256u << 20) + 1);
  EXPECT_LT(after, before + (24 << 20));
  EXPECT_EQ(Texts(run_.Poll()), Strings{"1"});
}

TEST(Gzip, ZerosBehindAMemberArePassedOver) {
  Folder folder;
  Runs run(folder);
  folder.Write("in/a", Gzip("1\n") + std::string(1000, '\0') + Gzip("2\n"));
  EXPECT_EQ(Texts(run.Read()), (Strings{"1", "2"}));
  EXPECT_EQ(run.Kinds(), "");
}

TEST(Gzip, AWrongChecksumIsDamage) {
  Folder folder;
  Runs run(folder);
  std::string packed = Gzip("1\n");
  packed[packed.size() - 8] ^= 1;
  folder.Write("in/a", packed);
  EXPECT_EQ(Texts(run.Read()), Strings{"1"});
  EXPECT_EQ(run.Kinds(), "damaged");
}

TEST(Zstd, SkippableFramesArePassedOver) {
  Folder folder;
  Runs run(folder);
  folder.Write("in/a", std::string("\x53\x2a\x4d\x18\x03\0\0\0abc", 11) + Zstd("1\n"));
  EXPECT_EQ(Texts(run.Read()), Strings{"1"});
  EXPECT_EQ(run.Kinds(), "");
}

}  // namespace
}  // namespace datahub::source::files
