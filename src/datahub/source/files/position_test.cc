#include "datahub/source/files/position.h"

#include <initializer_list>
#include <utility>

#include "datahub/source/files/prefix_hash.h"
#include "datahub/source/files/rotation.h"

namespace datahub::source::files {
namespace {

Position Example() {
  return {.path = "in/ä \"b\".ndjson",
          .id = {.device = 65024, .inode = 7, .birth_ns = -5, .generation = UINT32_MAX},
          .modified_us = 1'795'972'991'722'026,
          .head = {.bytes = 100, .hash = {1, 0xfedcba9876543210}},
          .at = UINT64_MAX,
          .hash = {.all = {2, 3}, .chain = {6, 7}},
          .array = {},
          .passing = {},
          .stored = {},
          .emptied = false};
}

TEST(PositionText, SaysAllAndIsReadBack) {
  Position position = Example();
  for (int form = 0; form < 16; ++form) {
    if (form & 1) position.array = ArrayPlace{12, true};
    if (form & 2) position.stored = StoredPlace{99, {4, 5}};
    position.emptied = (form & 4) != 0;
    if (form & 8) position.passing = Passing{.line = false, .depth = 3, .in_string = true, .escaped = true};
    const std::string text = ToText(position);
    const Result<Position> read = PositionFromText(text);
    ASSERT_TRUE(read) << text << ": " << read.error().message;
    EXPECT_EQ(ToText(*read), text);
    EXPECT_EQ(read->path, position.path);
    EXPECT_EQ(read->head, position.head);
    EXPECT_EQ(read->at, position.at);
    EXPECT_EQ(read->hash, position.hash);
    EXPECT_TRUE(read->id.Is(position.id));
  }
}

TEST(PositionText, EveryFieldIsNeededAndChecked) {
  Position position = Example();
  position.array = ArrayPlace{};
  position.stored = StoredPlace{};
  position.passing = Passing{};
  position.emptied = true;
  const std::string text = ToText(position);
  ASSERT_TRUE(PositionFromText(text));
  for (const char* field :
       {"\"v\"", "path", "\"head\"", "head_bytes", "device", "inode", "birth", "generation", "modified", "\"at\"",
        "\"hash\"", "\"chain\"", "inside", "depth", "in_string", "escaped", "stored_tail"}) {
    std::string broken = text;
    broken.replace(broken.find(field) + 1, 1, "X");
    EXPECT_FALSE(PositionFromText(broken)) << broken;
  }
  for (const char* bytes : {"0", "4097", "-1", "1.5", "\"1\""}) {
    std::string broken = text;
    broken.replace(broken.find("\"head_bytes\":100") + 13, 3, bytes);
    EXPECT_FALSE(PositionFromText(broken)) << broken;
  }
}

TEST(PositionText, AnotherFormatIsNamedAsThat) {
  for (const char* format : {"1", "3"}) {
    std::string text = ToText(Example());
    text.replace(text.find("\"v\":2") + 4, 1, format);
    const Result<Position> read = PositionFromText(text);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, Code::kConflict);
    EXPECT_EQ(read.error().message,
              std::string("it is of format ") + format + ", this program reads and writes format 2");
  }
}

TEST(FileIds, AnInodeIsTheSameFileOnlyWithItsBirth) {
  const FileId id{.device = 1, .inode = 2, .birth_ns = 3, .generation = 4};
  EXPECT_TRUE(id.Is(id));
  FileId other = id;
  other.generation = 0;  // not known
  EXPECT_TRUE(id.Is(other));
  other.generation = 5;
  EXPECT_FALSE(id.MayBe(other));
  other = id;
  other.birth_ns = 4;
  EXPECT_FALSE(id.MayBe(other));
  other = id;
  other.device = 9;  // numbered anew when the machine started
  EXPECT_TRUE(id.MayBe(other));
  EXPECT_FALSE(id.Is(other));
  const FileId unborn{.device = 1, .inode = 2, .birth_ns = 0, .generation = 0};
  EXPECT_TRUE(unborn.MayBe(unborn));
  EXPECT_FALSE(unborn.Is(unborn));
}

TEST(PathText, EveryPathHasATextOfItsOwn) {
  EXPECT_EQ(PathText("a%FF"), "a%25FF");
  for (const char* path : {"a", "a%FF", "a\xff", "%", "%%41", "a%2", "ä%C3\xc3", "\n%0A"}) {
    EXPECT_EQ(PathFromText(PathText(path)), path);
  }
}

TEST(PathText, KeepsTextAndShowsTheRest) {
  EXPECT_EQ(PathText("in/a ä€😀#1"), "in/a ä€😀#1");
  EXPECT_EQ(PathText("a\xff\n\xc3"), "a%FF%0A%C3");
  EXPECT_EQ(PathText("\xed\xa0\x80\xc0\xaf\x7f"), "%ED%A0%80%C0%AF%7F");
}

PrefixHash HashOf(std::string_view bytes) {
  PrefixHasher hasher;
  hasher.Add(bytes);
  return hasher.Digest();
}

TEST(PrefixHash, IsTheSameHoweverTheBytesCameAndWhereverItWasResumed) {
  std::string all;
  for (uint64_t i = 0; all.size() < 5 * kHashBlockBytes; ++i) all += std::to_string(i * 2654435761u);
  const uint64_t block = kHashBlockBytes;
  for (const uint64_t end : {uint64_t(1), block - 1, block, block + 1, 2 * block - 1, 2 * block, 3 * block + 17}) {
    const std::string_view bytes = std::string_view(all).substr(0, end);
    const PrefixHash whole = HashOf(bytes);
    PrefixHasher pieces;
    uint64_t size = 1;
    for (uint64_t at = 0; at < end; at += size, size = size * 3 % 100'003) pieces.Add(bytes.substr(at, size));
    EXPECT_EQ(pieces.Digest(), whole) << end;
    EXPECT_LE(end - PrefixHasher::ResumeAt(end), 2 * block);
    PrefixHasher resumed(PrefixHasher::ResumeAt(end), whole.chain);
    resumed.Add(bytes.substr(resumed.at()));
    EXPECT_EQ(resumed.Digest(), whole) << end;
    resumed.Add(std::string_view(all).substr(end));
    EXPECT_EQ(resumed.Digest(), HashOf(all)) << end;
  }
  EXPECT_NE(HashOf("a").all, HashOf("b").all);
  std::string changed = all;
  changed[block / 2] ^= 1;
  EXPECT_NE(HashOf(changed).all, HashOf(all).all);
}

TEST(PrefixHash, ZerosOfAHoleHashAsIfTheyWereRead) {
  for (const uint64_t before : {uint64_t(0), uint64_t(10), kHashBlockBytes - 1}) {
    for (const uint64_t hole : {uint64_t(1), kHashBlockBytes, 3 * kHashBlockBytes + 5}) {
      PrefixHasher hasher;
      hasher.Add(std::string(before, 'x'));
      hasher.AddZeros(hole);
      hasher.Add("y");
      EXPECT_EQ(hasher.Digest(), HashOf(std::string(before, 'x') + std::string(hole, '\0') + "y"));
    }
  }
}

TEST(Rotations, AreKnownByTheirNames) {
  for (const auto& [before, after] :
       std::initializer_list<std::pair<const char*, const char*>>{{"in/a", "in/a.1"},
                                                                  {"in/a", "in/a.3"},
                                                                  {"in/a", "in/a.gz"},
                                                                  {"in/a", "in/a.1.gz"},
                                                                  {"in/a.log", "in/a.log.zst"},
                                                                  {"in/a.1", "in/a.2"},
                                                                  {"in/a.1", "in/a.1.gz"},
                                                                  {"in/a.1", "in/a.4.gz"},
                                                                  {"in/a.1.gz", "in/a.2.gz"},
                                                                  {"in/a", "in/a-20260131"},
                                                                  {"in/a", "in/a-2026-01-31.gz"},
                                                                  {"in/a-b", "in/a-b-20260131-1769817600"},
                                                                  {"in/a", "in/a-20260131.1"},
                                                                  {"in/a-20260131", "in/a-20260131.gz"},
                                                                  {"in/a.7", "in/a.7.1"},
                                                                  {"in/a.7", "in/a.7-20260131.gz"}}) {
    EXPECT_TRUE(IsRotationOf(after, before)) << before << " " << after;
    EXPECT_FALSE(IsRotationOf(before, after)) << after << " " << before;
  }
  for (const auto& [before, after] :
       std::initializer_list<std::pair<const char*, const char*>>{{"in/a", "in/a"},
                                                                  {"in/a", "in/b"},
                                                                  {"in/a", "out/a.1"},
                                                                  {"in/a.json", "in/a.1.json"},
                                                                  {"in/a.1", "in/a.3"},
                                                                  {"in/a.2", "in/a.1"},
                                                                  {"in/a.1.gz", "in/a.2"},
                                                                  {"in/p1.json", "in/p2.json"},
                                                                  {"in/a-20260131", "in/a-20260201"},
                                                                  {"in/a-20260131.ndjson", "in/a-20260201.ndjson"},
                                                                  {"in/a", "in/a-99999999"},
                                                                  {"in/a", "in/a.gz.gz"},
                                                                  {"in/a", "in/a.old"}}) {
    EXPECT_FALSE(IsRotationOf(after, before)) << before << " " << after;
  }
}

}  // namespace
}  // namespace datahub::source::files
