#include "datahub/intake/segment.h"

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>

#include "datahub/intake/crash_points.h"
#include "datahub/intake/post.h"

namespace datahub::intake {
namespace {

TEST(Block, ChecksumIsCastagnolis) {
  EXPECT_EQ(Crc32c(0, "123456789", 9), 0xE3069283u);  // RFC 3720's polynomial, its usual check value
  const std::string zeros(32, '\0');
  EXPECT_EQ(Crc32c(0, zeros.data(), zeros.size()), 0x8A9136AAu);  // RFC 3720, B.4
}

TEST(Block, TellsZeroGoodAndBad) {
  std::string block(kBlockBytes, '\0');
  uint32_t sequence = 0;
  EXPECT_EQ(LookAtBlock(block.data(), 7, 3, &sequence), BlockState::kZero);
  block[5] = 'x';
  EXPECT_EQ(LookAtBlock(block.data(), 7, 3, &sequence), BlockState::kBad);
  SealBlock(block.data(), 7, 3, 42);
  EXPECT_EQ(LookAtBlock(block.data(), 7, 3, &sequence), BlockState::kGood);
  EXPECT_EQ(sequence, 42u);
  EXPECT_EQ(LookAtBlock(block.data(), 8, 3, &sequence), BlockState::kBad) << "another segment's";
  EXPECT_EQ(LookAtBlock(block.data(), 7, 4, &sequence), BlockState::kBad) << "from another place";
}

TEST(Frame, EntriesOfEverySizeComeBack) {
  FrameBuilder builder;
  for (size_t size : {0u, 1u, 400u, 456u, 457u, 503u, 504u, 505u, 3000u, 4032u, 100'000u}) {
    builder.Clear();
    std::string bytes(size, '\0');
    for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 31 + size);
    for (size_t at = 0; at < size; at += 97) builder.Append(bytes.data() + at, std::min<size_t>(97, size - at));
    FrameHeader header;
    header.sequence = 5;
    header.stream_offset = 1000;
    const std::string pages(builder.Seal(header, 99, 8));
    EXPECT_EQ(pages.size() % kPageBytes, 0u);
    const FrameHeader read = HeaderOf(pages.data());
    EXPECT_EQ(read.entry_bytes, size);
    EXPECT_EQ(read.blocks, BlocksOf(size));
    for (uint32_t i = 0; i < pages.size() / kBlockBytes; ++i) {
      uint32_t sequence = 0;
      EXPECT_EQ(LookAtBlock(pages.data() + i * kBlockBytes, 99, 8 + i, &sequence),
                i < read.blocks ? BlockState::kGood : BlockState::kZero);
    }
    std::vector<char> entries;
    CopyEntries(pages.data(), read, entries);
    EXPECT_EQ(std::string(entries.begin(), entries.end()), bytes) << size;
  }
}

TEST(Post, EveryFormComesBack) {
  const std::vector<std::string_view> list = {"{\"a\":\n1}", "", "[2]"};
  FrameBuilder builder;
  Post lines{"web", Form::kLines, "{\"a\":1}\r\n\n  \n{\"a\":2}"};
  Post one{"app", Form::kOne, "{\n \"a\": 3\n}", {}, "key-1", {17, 18}};
  Post many{"web", Form::kList, "", list};
  for (const Post* post : {&lines, &one, &many}) {
    const size_t before = builder.entry_bytes();
    AppendEntry(*post, builder);
    EXPECT_EQ(builder.entry_bytes() - before, EntryBytes(*post));
  }
  FrameHeader header;
  header.sequence = 1;
  const std::string pages(builder.Seal(header, 1, 8));
  std::vector<char> bytes;
  CopyEntries(pages.data(), HeaderOf(pages.data()), bytes);

  std::vector<std::string> records;
  EntryCursor cursor({bytes.data(), bytes.size()}, 5000);
  Entry entry;
  while (cursor.Next(&entry).value()) {
    RecordsOfEntry of(entry);
    std::string_view record;
    for (size_t place; of.Next(&record, &place);) {
      records.push_back(std::string(entry.source) + " " + std::string(record));
      EXPECT_EQ(std::string_view(bytes.data() + entry.body_offset - 5000 + place, record.size()), record);
    }
    if (entry.source == "app") {
      EXPECT_EQ(entry.key, "key-1");
      EXPECT_EQ(entry.digest, (Hash128{17, 18}));
    }
  }
  EXPECT_EQ(entry.end_offset, 5000 + bytes.size());
  EXPECT_EQ(records, (std::vector<std::string>{"web {\"a\":1}", "web {\"a\":2}", "app {\n \"a\": 3\n}",
                                               "web {\"a\":\n1}", "web ", "web [2]"}));
}

// What another version made is not damaged, and what is damaged is not of another version.
TEST(Segment, AnotherVersionIsNamed) {
  SegmentHeader header;
  header.first_sequence = 1;
  header.bytes = kPageBytes;
  ASSERT_TRUE(ReadHeader(HeaderPage(header), kPageBytes, "f"));
  for (const auto& [magic, whose] :
       {std::pair("DHLOG_00", "an older datahub"), std::pair("DHLOG_02", "a newer datahub"),
        std::pair("DHLOX_02", "damaged"), std::pair("DHLOG_xy", "damaged")}) {
    std::memcpy(&header.magic, magic, sizeof(header.magic));
    std::string page = HeaderPage(header);
    const auto read = ReadHeader(page, kPageBytes, "f");
    ASSERT_FALSE(read);
    EXPECT_NE(read.error().message.find(whose), std::string::npos) << read.error().message;
    EXPECT_EQ(read.error().code == Code::kCorruption, std::string_view(whose) == "damaged");
    page[20] ^= 1;
    EXPECT_EQ(ReadHeader(page, kPageBytes, "f").error().code, Code::kCorruption);
  }
}

TEST(CrashPoints, ListIsTheSources) {
  std::set<std::string> called;
  for (const auto& file : std::filesystem::directory_iterator(std::string(DH_SOURCE_DIR) + "/src/datahub/intake")) {
    if (file.path().extension() != ".cc" || file.path().string().ends_with("_test.cc")) continue;
    std::ifstream in(file.path());
    const std::string text((std::istreambuf_iterator<char>(in)), {});
    const std::regex call("CrashPoint\\(\"([^\"]+)\"\\)");
    for (std::sregex_iterator at(text.begin(), text.end(), call), end; at != end; ++at) called.insert((*at)[1]);
  }
  EXPECT_EQ(called, std::set<std::string>(std::begin(kCrashPoints), std::end(kCrashPoints)));
}

}  // namespace
}  // namespace datahub::intake
