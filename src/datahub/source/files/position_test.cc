#include "datahub/source/files/position.h"

#include "datahub/source/files/tail_window.h"

namespace datahub::source::files {
namespace {

TEST(PositionText, SaysAllAndIsReadBack) {
  Position position{.path = "in/ä \"b\".ndjson",
                    .head = {.bytes = 100, .hash = {1, 0xfedcba9876543210}},
                    .inode = 7,
                    .at = UINT64_MAX,
                    .tail = {2, 3},
                    .array = {},
                    .stored = {},
                    .emptied = false};
  for (int form = 0; form < 8; ++form) {
    if (form & 1) position.array = ArrayPlace{12, true};
    if (form & 2) position.stored = StoredPlace{99, {4, 5}};
    position.emptied = (form & 4) != 0;
    const std::string text = ToText(position);
    const Result<Position> read = PositionFromText(text);
    ASSERT_TRUE(read) << text << ": " << read.error().message;
    EXPECT_EQ(ToText(*read), text);
    EXPECT_EQ(read->path, position.path);
    EXPECT_EQ(read->head, position.head);
    EXPECT_EQ(read->at, position.at);
  }
}

TEST(PositionText, EveryFieldIsNeededAndChecked) {
  const Position position{.path = "a",
                          .head = {.bytes = 1, .hash = {}},
                          .inode = 7,
                          .at = 1,
                          .tail = {},
                          .array = ArrayPlace{},
                          .stored = StoredPlace{},
                          .emptied = true};
  const std::string text = ToText(position);
  ASSERT_TRUE(PositionFromText(text));
  for (const char* field :
       {"\"v\"", "path", "\"head\"", "head_bytes", "inode", "\"at\"", "\"tail\"", "inside", "stored_tail"}) {
    std::string broken = text;
    broken.replace(broken.find(field) + 1, 1, "X");
    EXPECT_FALSE(PositionFromText(broken)) << broken;
  }
  for (const char* bytes : {"0", "4097", "-1", "1.5", "\"1\""}) {
    std::string broken = text;
    broken.replace(broken.find("\"head_bytes\":1") + 13, 1, bytes);
    EXPECT_FALSE(PositionFromText(broken)) << broken;
  }
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

TEST(TailWindow, IsTheLastBytesHoweverTheyCame) {
  std::string all;
  TailWindow window;
  for (const size_t size : {1, 4000, 95, 1, 5000, 4096, 4095, 3, 0}) {
    std::string piece;
    for (size_t i = 0; i < size; ++i) piece += static_cast<char>('a' + (all.size() + i) % 23);
    all += piece;
    window.Append(piece);
    EXPECT_EQ(window.Hash(),
              HashBytes(std::string_view(all).substr(all.size() - std::min(all.size(), kIdentityBytes))));
  }
}

}  // namespace
}  // namespace datahub::source::files
