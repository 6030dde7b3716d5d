// What a disk, or somebody, may do to a log: found and named, never read as if nothing were.

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <random>

#include <fmt/format.h>

#include "datahub/intake/log_fixture.h"

namespace datahub::intake {
namespace {

struct Image {
  std::string name;
  std::string bytes;
};
using Row = std::vector<Image>;

std::string ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Frames of many sizes over four segments, the last with room left.
Row MakeRow() {
  LogFolder folder;
  {
    LogUser user;
    LogOptions options;
    options.segment_bytes = kSegmentBytesMin;
    EXPECT_TRUE(user.Open(folder.path(), options));
    std::mt19937 random(1);
    for (int i = 0; folder.Segments().size() < 4 || i % 7 != 0; ++i) {
      EXPECT_TRUE(user.Put("web", fmt::format("{} {}", i, std::string(random() % 7000, 'd'))));
    }
  }
  Row row;
  for (const std::string& path : folder.Segments()) {
    row.push_back({std::filesystem::path(path).filename(), ReadFile(path)});
  }
  return row;
}

struct Reading {
  Result<void> result;
  std::vector<std::string> entries;
  std::optional<std::string> torn;
};

Reading Read(const Row& row) {
  Reading reading;
  RowScan scan;
  for (const Image& image : row) {
    const auto added = scan.Add(image.name, image.bytes, "/log/" + image.name, [&](const ScannedFrame& frame) {
      std::vector<char> entries;
      CopyEntries(frame.blocks, frame.header, entries);
      reading.entries.emplace_back(entries.begin(), entries.end());
      return Result<void>();
    });
    if (!added) reading.result = added.error();
    if (!added) break;
  }
  reading.torn = scan.result().torn;
  return reading;
}

struct FramePlace {
  size_t image;
  size_t begin;  // bytes
  size_t size;
};

std::vector<FramePlace> FramesOf(const Row& row) {
  std::vector<FramePlace> places;
  RowScan scan;
  for (size_t i = 0; i < row.size(); ++i) {
    EXPECT_TRUE(scan.Add(row[i].name, row[i].bytes, row[i].name, [&](const ScannedFrame& frame) {
      places.push_back({i, frame.first_block * kBlockBytes, frame.header.blocks * kBlockBytes});
      return Result<void>();
    }));
  }
  return places;
}

class LogDamage : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    row_ = new Row(MakeRow());
    whole_ = new Reading(Read(*row_));
    frames_ = new std::vector<FramePlace>(FramesOf(*row_));
  }
  static void TearDownTestSuite() {
    delete row_;
    delete whole_;
    delete frames_;
  }

  // Damage is an error that names file and byte.
  static void ExpectFound(const Row& row, const std::string& what) {
    const Reading reading = Read(row);
    ASSERT_FALSE(reading.result) << what;
    EXPECT_EQ(reading.result.error().code, Code::kCorruption) << what;
    EXPECT_NE(reading.result.error().message.find(".log at byte "), std::string::npos)
        << reading.result.error().message;
  }

  // All but the last frame, and a warning where a piece of that is left.
  static void ExpectTorn(const Row& row, bool traces, const std::string& what) {
    const Reading reading = Read(row);
    ASSERT_TRUE(reading.result) << what << ": " << reading.result.error().message;
    const std::vector<std::string> before(whole_->entries.begin(), whole_->entries.end() - 1);
    EXPECT_EQ(reading.entries, before) << what;
    EXPECT_EQ(reading.torn.has_value(), traces) << what;
  }

  static Row* row_;
  static Reading* whole_;
  static std::vector<FramePlace>* frames_;
};
Row* LogDamage::row_ = nullptr;
Reading* LogDamage::whole_ = nullptr;
std::vector<FramePlace>* LogDamage::frames_ = nullptr;

TEST_F(LogDamage, NothingDoneIsNothingFound) {
  EXPECT_TRUE(whole_->result);
  EXPECT_FALSE(whole_->torn);
  EXPECT_GT(whole_->entries.size(), 20u);
  EXPECT_GE(row_->size(), 4u);
}

TEST_F(LogDamage, EveryBitFlipIsFound) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 6000; ++i) {
    Row row = *row_;
    Image& image = row[random() % row.size()];
    const size_t byte = random() % image.bytes.size();
    image.bytes[byte] = static_cast<char>(image.bytes[byte] ^ (1 << random() % 8));
    ExpectFound(row, fmt::format("case {}: {} byte {}", i, image.name, byte));
    if (HasFailure()) return;
  }
}

TEST_F(LogDamage, EveryTruncationIsFound) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 1000; ++i) {
    Row row = *row_;
    Image& image = row[random() % row.size()];
    image.bytes.resize(random() % image.bytes.size());
    ExpectFound(row, fmt::format("case {}: {} cut to {}", i, image.name, image.bytes.size()));
    if (HasFailure()) return;
  }
}

// Zeros are what a write leaves that did not reach the disk. Of the last frame that is what it was: nobody was told that
// it is durable. Anywhere else it is damage.
TEST_F(LogDamage, ZeroedPagesAreFoundButInTheLastFrame) {
  std::mt19937_64 random(4);
  const FramePlace& last = frames_->back();
  const size_t last_page_end = last.begin + RoundUpToPage(last.size / kBlockBytes) * kBlockBytes;
  for (int i = 0; i < 1500; ++i) {
    Row row = *row_;
    const size_t which = i % 3 == 0 ? row.size() - 1 : random() % row.size();
    Image& image = row[which];
    const size_t page =
        i % 3 == 0 ? (last.begin + random() % last.size) / kPageBytes : random() % (image.bytes.size() / kPageBytes);
    const size_t begin = page * kPageBytes;
    const std::string before = image.bytes.substr(begin, kPageBytes);
    image.bytes.replace(begin, kPageBytes, kPageBytes, '\0');
    const std::string what = fmt::format("case {}: {} page {}", i, image.name, page);
    if (before == image.bytes.substr(begin, kPageBytes)) {
      EXPECT_EQ(Read(row).entries, whole_->entries) << what;  // there were zeros
    } else if (which == row.size() - 1 && begin >= last.begin && begin < last_page_end) {
      ExpectTorn(row, last.size > kPageBytes, what);
    } else {
      ExpectFound(row, what);
    }
    if (HasFailure()) return;
  }
}

// What a power loss leaves of the last frame: any of its blocks, on disks that write 512 bytes at once.
TEST_F(LogDamage, ATornTailIsDroppedWhateverIsLeftOfIt) {
  std::mt19937_64 random(5);
  const FramePlace& last = frames_->back();
  for (int i = 0; i < 500; ++i) {
    Row row = *row_;
    size_t kept = 0;
    size_t dropped = 0;
    for (size_t at = last.begin; at < last.begin + last.size; at += kBlockBytes) {
      if (random() % 4 != 0) {
        ++kept;
        continue;
      }
      row.back().bytes.replace(at, kBlockBytes, kBlockBytes, '\0');
      ++dropped;
    }
    if (dropped > 0) ExpectTorn(row, kept > 0, fmt::format("case {}", i));
    if (HasFailure()) return;
  }
}

TEST_F(LogDamage, SwappedFramesAreFound) {
  std::mt19937_64 random(6);
  for (int i = 0; i < 1000; ++i) {
    Row row = *row_;
    const FramePlace& a = (*frames_)[random() % frames_->size()];
    const FramePlace& b = (*frames_)[random() % frames_->size()];
    if (a.image == b.image && a.begin == b.begin) continue;
    const size_t size = std::min(a.size, b.size);
    const std::string of_a = row[a.image].bytes.substr(a.begin, size);
    row[a.image].bytes.replace(a.begin, size, row[b.image].bytes.substr(b.begin, size));
    row[b.image].bytes.replace(b.begin, size, of_a);
    ExpectFound(row, fmt::format("case {}", i));
    if (HasFailure()) return;
  }
}

TEST_F(LogDamage, MissingSwappedAndForeignSegmentsAreFound) {
  for (size_t i = 1; i + 1 < row_->size(); ++i) {
    Row row = *row_;
    row.erase(row.begin() + static_cast<ptrdiff_t>(i));
    ExpectFound(row, fmt::format("segment {} is missing", i));
  }
  for (size_t i = 0; i + 1 < row_->size(); ++i) {
    Row row = *row_;
    std::swap(row[i].bytes, row[i + 1].bytes);
    ExpectFound(row, fmt::format("segments {} and {} are swapped", i, i + 1));
  }
  Row other = MakeRow();
  Row row = *row_;
  row[1] = other[1];
  ExpectFound(row, "another log's segment");
}

// The same through the files: an open log says where, and changes nothing.
TEST_F(LogDamage, OpeningADamagedLogNamesTheFile) {
  LogFolder folder;
  LogOptions options;
  options.segment_bytes = kSegmentBytesMin;
  {
    LogUser user;
    ASSERT_TRUE(user.Open(folder.path(), options));
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(user.Put("web", std::string(5000, 'e')));
  }
  std::string bytes = ReadFile(folder.Segments().front());
  bytes[6000] ^= 1;
  std::ofstream(folder.Segments().front(), std::ios::binary) << bytes;
  for (int i = 0; i < 2; ++i) {
    LogUser user;
    const auto opened = user.Open(folder.path(), options);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Code::kCorruption);
    EXPECT_NE(opened.error().message.find(folder.Segments().front() + " at byte"), std::string::npos);
    EXPECT_EQ(ReadFile(folder.Segments().front()), bytes);
  }
}

}  // namespace
}  // namespace datahub::intake
