#include "datahub/source/registry.h"

#include <cstdlib>
#include <set>

namespace datahub::source {
namespace {

SourceSpec Files(std::map<std::string, std::vector<std::string>, std::less<>> options) {
  return {.name = "inbox", .kind = "files", .base_folder = "/tmp", .options = std::move(options)};
}

std::string Complaint(const SourceSpec& spec) {
  const Result<void> checked = Check(spec);
  return checked ? "" : checked.error().ToString();
}

TEST(Registry, KindsAreNamedOnceAndDescribeTheirOptions) {
  std::set<std::string_view> names;
  for (const KindRow& kind : Kinds()) {
    EXPECT_TRUE(names.insert(kind.kind).second) << kind.kind;
    EXPECT_EQ(FindKind(kind.kind), &kind);
    for (const OptionRow& option : kind.options) EXPECT_FALSE(option.description.empty()) << option.name;
  }
  EXPECT_EQ(FindKind("files")->delivery, Delivery::kPull);
  EXPECT_EQ(FindKind("carrier_pigeon"), nullptr);
}

TEST(Registry, WrongSpecsAreRefusedByName) {
  EXPECT_EQ(Complaint(Files({{"path", {"./inbox/*.ndjson"}}, {"complete_after", {"30s"}}})), "");
  SourceSpec unknown = Files({});
  unknown.kind = "file";
  EXPECT_NE(Complaint(unknown).find("no kind 'file'; the kinds are: files"), std::string::npos);
  EXPECT_NE(Complaint(Files({})).find("needs the option 'path'"), std::string::npos);
  EXPECT_NE(Complaint(Files({{"path", {}}})).find("needs the option 'path'"), std::string::npos);
  EXPECT_NE(Complaint(Files({{"path", {"a"}}, {"pth", {"b"}}})).find("no option 'pth'"), std::string::npos);
  EXPECT_NE(Complaint(Files({{"path", {"a"}}, {"format", {"auto", "ndjson"}}})).find("one value"), std::string::npos);
}

TEST(Registry, WrongValuesAreRefusedWithWhatIsRight) {
  const auto with = [](std::string option, std::string value) {
    return Complaint(Files({{"path", {"a"}}, {std::move(option), {std::move(value)}}}));
  };
  EXPECT_NE(with("format", "csv").find("auto (NDJSON or JSON arrays by content) or ndjson"), std::string::npos);
  for (const char* duration : {"soon", "10", "-5s", "5  s", "s"}) {
    EXPECT_NE(with("complete_after", duration).find("not a duration like"), std::string::npos) << duration;
  }
  for (const char* path : {"", "s3://bucket/x", "./{a,b}.ndjson", "./", "/"}) {
    EXPECT_NE(Complaint(Files({{"path", {path}}})).find(path), std::string::npos) << path;
  }
}

TEST(Registry, OpenChecksLimitsAndPositions) {
  const SourceSpec spec = Files({{"path", {"./*.ndjson"}}});
  const auto refused = [&](size_t chunk_bytes, size_t record_bytes_max) {
    return !Open(spec, {}, {.chunk_bytes = chunk_bytes, .record_bytes_max = record_bytes_max});
  };
  EXPECT_FALSE(refused(kChunkBytesMin, kChunkBytesMin));
  EXPECT_TRUE(refused(kChunkBytesMin - 1, 4096));
  EXPECT_TRUE(refused(4096, 4095));
  EXPECT_TRUE(refused(4096, kRecordBytesMax + 1));

  for (const char* position : {"", "17", "{}", R"({"v":2})", R"({"v":1,"path":"a"})"}) {
    const auto reader = Open(spec, {{"a#1", position}}, {});
    ASSERT_FALSE(reader) << position;
    // Of another format, or damaged: said either way, never taken for a beginning.
    EXPECT_TRUE(reader.error().code == Code::kConflict || reader.error().code == Code::kCorruption) << position;
    EXPECT_NE(reader.error().message.find("source inbox"), std::string::npos) << reader.error().message;
    EXPECT_NE(reader.error().message.find("a#1"), std::string::npos) << reader.error().message;
  }
}

}  // namespace
}  // namespace datahub::source
