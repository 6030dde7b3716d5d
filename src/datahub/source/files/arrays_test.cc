// JSON arrays: elements one by one, wherever the array is cut.
#include <fmt/format.h>

#include "datahub/source/files/files_fixture.h"

namespace datahub::source::files {
namespace {

class Arrays : public testing::Test {
 protected:
  Strings ReadNew(std::string_view bytes) {
    folder_.Write("in/a.json", bytes);
    return Texts(run_.Read());
  }
  Folder folder_;
  Runs run_{folder_};
};

TEST_F(Arrays, ElementsAreRecordsAndTheirIndexesOffsets) {
  folder_.Write("in/a.json", "\xEF\xBB\xBF\n [ {\"a\":1}, {\"a\":[2,{\"b\":3}]} ,\n\"x, ]\\\"\", 4 , null]\n");
  const std::vector<Delivered> got = run_.Read();
  EXPECT_EQ(Texts(got), (Strings{"{\"a\":1}", "{\"a\":[2,{\"b\":3}]}", "\"x, ]\\\"\"", "4", "null"}));
  for (size_t i = 0; i < got.size(); ++i) EXPECT_EQ(got[i].offset, i);
  EXPECT_EQ(run_.Kinds(), "");
  EXPECT_EQ(Texts(run_.Read()), Strings());
  EXPECT_EQ(run_.Kinds(), "");
}

TEST_F(Arrays, PrettyPrintedElementsKeepTheirLines) {
  EXPECT_EQ(ReadNew("[\n  {\n    \"a\": 1\n  },\r\n  {\n    \"a\": 2\n  }\r\n]\n"),
            (Strings{"{\n    \"a\": 1\n  }", "{\n    \"a\": 2\n  }"}));
}

TEST_F(Arrays, EmptyArraysAreNothing) {
  EXPECT_EQ(ReadNew("[]"), Strings());
  EXPECT_EQ(run_.Kinds(), "");
  EXPECT_EQ(ReadNew(" [ \n ] "), Strings());
  EXPECT_EQ(run_.Kinds(), "");
}

TEST_F(Arrays, SeveralArraysCountOn) {
  EXPECT_EQ(ReadNew("[1,2]\n[3]"), (Strings{"1", "2", "3"}));
  folder_.Append("in/a.json", "[]\n[4,5]");
  const std::vector<Delivered> more = run_.Read();
  EXPECT_EQ(Texts(more), (Strings{"4", "5"}));
  EXPECT_EQ(more[0].offset, 3u);
  EXPECT_EQ(run_.Kinds(), "");
}

TEST_F(Arrays, AnArrayThatGrowsIsReadAsFarAsItIs) {
  EXPECT_EQ(ReadNew("[1,2,3"), (Strings{"1", "2"}));
  EXPECT_EQ(run_.Kinds(), "incomplete_array");
  folder_.Append("in/a.json", "4,");
  const std::vector<Delivered> more = run_.Read();
  EXPECT_EQ(Texts(more), Strings{"34"});
  EXPECT_EQ(more[0].offset, 2u);
  EXPECT_EQ(run_.Kinds(), "incomplete_array");
  folder_.Append("in/a.json", "5]");
  EXPECT_EQ(Texts(run_.Read()), Strings{"5"});
  EXPECT_EQ(run_.Kinds(), "");
}

TEST_F(Arrays, WithoutEndInACompleteFileTheRestIsARecord) {
  run_.spec().options["complete_after"] = {"1h"};
  folder_.Write("in/a.json", "[{\"a\":1},{\"a\":");
  folder_.Age("in/a.json", std::chrono::hours(2));
  EXPECT_EQ(Texts(run_.Read()), (Strings{"{\"a\":1}", "{\"a\":"}));
  EXPECT_EQ(run_.Kinds(), "broken_array");
  EXPECT_NE(run_.notices()[0].message.find("in/a.json is broken at byte 14"), std::string::npos)
      << run_.notices()[0].message;
  EXPECT_EQ(Texts(run_.Read()), Strings());
}

TEST_F(Arrays, GarbageIsHandedOutWhereItStands) {
  EXPECT_EQ(ReadNew("[1, {\"a\":1} xx {\"b\":2}, }, 2]"), (Strings{"1", "{\"a\":1} xx {\"b\":2}", "}", "2"}));
}

TEST_F(Arrays, MissingElementsAndTrailingCommasAreSaid) {
  EXPECT_EQ(ReadNew("[1,,2,]"), (Strings{"1", "2"}));
  EXPECT_EQ(run_.Kinds(), "broken_array");
  EXPECT_NE(run_.notices()[0].message.find("at byte 3"), std::string::npos) << run_.notices()[0].message;
}

TEST_F(Arrays, TextBehindTheEndGoesByLines) {
  const std::string bytes = "[1,2]\nnonsense\n{\"a\":3}\n[4]\nrest";
  EXPECT_EQ(ReadNew(bytes), (Strings{"1", "2", "nonsense", "{\"a\":3}", "4"}));
  EXPECT_EQ(run_.Kinds(), "broken_array incomplete_last_line");
}

TEST_F(Arrays, UnbalancedBracketsSwallowTheRestAndSayNothingIsMissing) {
  EXPECT_EQ(ReadNew("[{\"a\":[1}, {\"b\":2}]"), Strings());
  EXPECT_EQ(run_.Kinds(), "incomplete_array");
}

TEST_F(Arrays, FormatNdjsonTakesLinesOfArraysAsTheyAre) {
  run_.spec().options["format"] = {"ndjson"};
  EXPECT_EQ(ReadNew("[1,2]\n[3]\n"), (Strings{"[1,2]", "[3]"}));
}

TEST_F(Arrays, AnElementLongerThanTheLimitIsCutAndTheNextIsWhole) {
  run_.options() = {.chunk_bytes = 64, .record_bytes_max = 1000};
  const std::string text(5000, 'x');
  folder_.Write("in/a.json", fmt::format("[1,[\"{}],\\\"\",{{}}],{{\"a\":2}},\"{}", text, text));
  const std::vector<Delivered> got = run_.Read();
  ASSERT_EQ(got.size(), 4u);
  EXPECT_EQ(got[1].bytes.substr(0, 10), "[\"xxxxxxxx");
  EXPECT_EQ(got[1].cut_from, 5012u);
  EXPECT_EQ(got[1].offset, 1u);
  EXPECT_EQ(got[2].bytes, "{\"a\":2}");
  EXPECT_EQ(got[2].offset, 2u);
  EXPECT_EQ(got[3].offset, 3u);
  EXPECT_EQ(got[3].cut_from, 5001u) << "so far";
  folder_.Append("in/a.json", "\",3]");
  const std::vector<Delivered> more = run_.Read();
  ASSERT_EQ(more.size(), 1u);
  EXPECT_EQ(more[0].bytes, "3");
  EXPECT_EQ(more[0].offset, 4u);
}

TEST_F(Arrays, ManyBlanksTakeNoMemory) {
  run_.options() = {.chunk_bytes = 64, .record_bytes_max = 64};
  const std::string blanks(10'000, ' ');
  EXPECT_EQ(ReadNew(fmt::format("[{}1{},{}2]{}[3]", blanks, "", blanks, blanks)), (Strings{"1", "2", "3"}));
}

TEST_F(Arrays, AreTheSameWhereverABufferEnds) {
  const std::string element = R"({"a":"\\\",]}\"","b":["}",[{}],"\\"]})";
  for (size_t blanks = 0; blanks < 80; ++blanks) {
    Folder folder;
    Runs run(folder);
    run.options() = {.chunk_bytes = 64, .record_bytes_max = 1000};
    const std::string padded = "\"" + std::string(blanks, 'x') + "\"";
    folder.Write("in/a.json", fmt::format("[{},{},{}]", padded, element, element));
    EXPECT_EQ(Texts(run.Read()), (Strings{padded, element, element})) << blanks;
  }
}

TEST_F(Arrays, AreTheSameWhereverTheyAreCut) {
  const std::string bytes = "[{\"a\":\"}],\\\\\\\"\\u00e9\"},[[],{}],\"\\\\\",-1.5e3,{\"b\":{\"c\":[1,2,\"]\"]}}]\n";
  const Strings expected = ReadNew(bytes);
  ASSERT_EQ(expected.size(), 5u);
  for (size_t cut = 1; cut < bytes.size(); ++cut) {
    Folder folder;
    Runs run(folder);
    folder.Write("in/a.json", bytes.substr(0, cut));
    Strings got = Texts(run.Read());
    folder.Append("in/a.json", bytes.substr(cut));
    for (std::string& text : Texts(run.Read())) got.push_back(text);
    EXPECT_EQ(got, expected) << "cut at " << cut;
  }
}

}  // namespace
}  // namespace datahub::source::files
