#include "datahub/serve/event_body.h"

#include <gtest/gtest.h>

#include "datahub/serve/inflate.h"

namespace datahub::serve {
namespace {

using intake::Form;

struct Case {
  const char* type;
  const char* body;
  int records;  // -1: refused
  Form form;
};

TEST(EventBody, TellsObjectsArraysAndLines) {
  const Case cases[] = {
      {"application/json", R"({"a":1})", 1, Form::kOne},
      {"application/json", " {\n\"a\" : 1\n}\n", 1, Form::kOne},
      {"application/json", R"([{"a":1}, 2, "x"])", 3, Form::kList},
      {"application/json", "[]", 0, Form::kList},
      {"application/json", "17", -1, {}},
      {"application/json", R"({"a":1)", -1, {}},
      {"application/json", "{\"a\":1}\n{\"a\":2}", -1, {}},
      {"application/json", R"([{"a":1},])", -1, {}},
      {"application/json", "  \n", -1, {}},
      {"application/json", R"({"a":1,"a":2})", 1, Form::kOne},  // the contract's to reject
      {"application/x-ndjson", "{\"a\":1}\n{\"a\":2}\n\n", 2, Form::kLines},
      {"application/x-ndjson", "{\"a\":1}\nnonsense\n", 2, Form::kLines},
      {"application/jsonl", "[1]\n[2]", 2, Form::kLines},
      {"application/x-www-form-urlencoded", "{\"a\":1}\n{\"a\":2}", 2, Form::kLines},
      {"", R"({"a":1})", 1, Form::kOne},
      {"", "[1,2]", 2, Form::kList},
      {"", "[1,2", -1, {}},
      {"text/plain", "{\"a\":\n1}", 1, Form::kOne},
  };
  EventBody reader;
  for (const Case& one : cases) {
    intake::Post post;
    const Result<size_t> records = reader.Read(one.body, one.type, &post);
    EXPECT_EQ(records ? static_cast<int>(*records) : -1, one.records) << one.type << ": " << one.body;
    if (records) {
      EXPECT_EQ(post.form, one.form) << one.body;
    } else {
      EXPECT_EQ(records.error().code, Code::kInvalidInput);
    }
  }
}

TEST(EventBody, AnArrayOfTooManyEventsIsRefused) {
  std::string body = "[1";
  for (size_t i = 1; i < EventBody::kEventsMax; ++i) body += ",1";
  EventBody reader;
  intake::Post post;
  const Result<size_t> fits = reader.Read(body + "]", "application/json", &post);
  ASSERT_TRUE(fits) << fits.error().message;
  EXPECT_EQ(*fits, EventBody::kEventsMax);
  EXPECT_LE(reader.memory(), 2 * EventBody::kEventsMax * sizeof(std::string_view));
  const Result<size_t> refused = reader.Read(body + ",1]", "application/json", &post);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kLimit);
}

TEST(EventBody, RecordsAreTheBytesThatCame) {
  EventBody reader;
  intake::Post post;
  const std::string body = "[ {\"a\" : 1.0},\n\"\\u0041\" ]";
  ASSERT_TRUE(reader.Read(body, "application/json", &post));
  ASSERT_EQ(post.list.size(), 2u);
  EXPECT_EQ(post.list[0], "{\"a\" : 1.0}");
  EXPECT_EQ(post.list[1], "\"\\u0041\"");
}

TEST(Inflate, RefusesDamageAndBombs) {
  for (const char* encoding : {"gzip", "zstd"}) {
    const auto damaged = Inflate("not compressed at all", encoding, 1000);
    ASSERT_FALSE(damaged);
    EXPECT_EQ(damaged.error().code, Code::kInvalidInput);
    EXPECT_FALSE(Inflate("", encoding, 1000) && std::string_view(encoding) == "gzip");
  }
  EXPECT_FALSE(Inflate("x", "br", 1000));
}

}  // namespace
}  // namespace datahub::serve
