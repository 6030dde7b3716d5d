#include "datahub/ledger/commit_json.h"

#include <gtest/gtest.h>

namespace datahub::ledger {
namespace {

Commit Full() {
  Commit commit;
  commit.id = CommitId{"users", {12, 0x9f86d081884c7d65}, 7};
  commit.target = "users";
  commit.moves = {{{"in\"box", "a/b.ndjson\n", "users"}, "", "1\t2"}};
  DataFile file;
  file.table = "users";
  file.key = "sales/users/day=2026-01-01/x.parquet";
  file.unseen = ".unseen/000012-9f86d081884c7d65/1-x.parquet";
  file.bytes = UINT64_MAX;
  file.checksum = std::string(32, 'f');
  file.rows = 1;
  file.partition = {{"z", "1"}, {"a", "caf%C3%A9"}};
  file.schema_version = 2;
  file.contract_version = -1;
  file.commit = commit.id.ToString();
  commit.added = {file};
  commit.removed = {{"users_quarantine", "sales/q/y.parquet"}};
  commit.settled = {{"users-000001-0000000000000001-000001", {{"inbox", "a#1", "users"}, "", "9"}}};
  commit.records = 3;
  commit.accepted = 2;
  commit.rejected = 1;
  commit.bytes_in = 400;
  commit.created_at_us = 1'767'225'600'000'000;
  return commit;
}

TEST(CommitIdTest, Text) {
  EXPECT_EQ(Full().id.ToString(), "users-000012-9f86d081884c7d65-000007");
  EXPECT_EQ(*ParseIncarnation("000012-9f86d081884c7d65"), (Incarnation{12, 0x9f86d081884c7d65}));
  EXPECT_EQ(*ParseIncarnation("1234567-0000000000000001"), (Incarnation{1234567, 1}));
  for (const char* bad :
       {"", "12-9f", "000012", "000012-9F86D081884C7D65", "000012-9f86d081884c7d65x", "-1-0000000000000001"}) {
    EXPECT_FALSE(ParseIncarnation(bad)) << bad;
  }
}

TEST(CommitJsonTest, ReadsWhatItWrote) {
  const auto read = RecordFromJson(RecordToJson(Full()));
  ASSERT_TRUE(read) << read.error().ToString();
  EXPECT_EQ(*read, Full());
  EXPECT_EQ(*RecordFromJson(RecordToJson(Commit{})), Commit{});
}

// Whatever member is missing or of another type, the record is refused.
TEST(CommitJsonTest, EveryMemberIsNeeded) {
  const std::string json = RecordToJson(Full());
  size_t members = 0;
  for (size_t at = json.find("\":"); at != json.npos; at = json.find("\":", at + 1)) {
    const size_t begin = json.rfind('"', at - 1);
    const std::string key = json.substr(begin + 1, at - begin - 1);
    if (key == "z" || key == "a") continue;
    std::string renamed = json;
    renamed[begin + 1] = '?';
    EXPECT_EQ(RecordFromJson(renamed).error().code, Code::kCorruption) << renamed;
    ++members;
  }
  EXPECT_GE(members, 27u);
  for (const std::string bad : {"", "null", "[]", "{}", "{\"pipeline\":1}"}) EXPECT_FALSE(RecordFromJson(bad)) << bad;
}

TEST(CommitJsonTest, ListsAndPartitions) {
  const std::vector<PartitionKey> keys = {{"land", "identity", "a\""}, {"dt", "day", "created_at"}};
  EXPECT_EQ(*PartitionKeysFromJson(ToJson(keys)), keys);
  EXPECT_EQ(PartitionKeysFromJson("[1]").error().code, Code::kCorruption);
  EXPECT_EQ(PartitionKeysFromJson("{}").error().code, Code::kCorruption);
  EXPECT_EQ(PartitionKeysFromJson(R"([{"name":"dt","transform":1,"column":"c"}])").error().code, Code::kCorruption);
  EXPECT_EQ(ToJson(PartitionValues{}), "{}");
  EXPECT_EQ(*PartitionFromJson(R"({"z":"1","a":"2"})"), (PartitionValues{{"z", "1"}, {"a", "2"}}));
  EXPECT_FALSE(PartitionFromJson(R"({"z":1})"));
  EXPECT_FALSE(PartitionFromJson("[]"));
}

}  // namespace
}  // namespace datahub::ledger
