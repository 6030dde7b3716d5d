#include "datahub/source/http/log_reader.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include "datahub/intake/log_fixture.h"
#include "datahub/source/compliance.h"
#include "datahub/source/registry.h"

namespace datahub::source::http {
namespace {

using intake::Form;
using intake::LogFolder;
using intake::LogUser;
using intake::Post;

// Posts of every form, between those of another source.
class HttpRig final : public Rig {
 public:
  HttpRig() {
    intake::LogOptions options;
    options.segment_bytes = 1u << 20;
    if (!user_.Open(folder_.path(), options)) Panic(__FILE__, __LINE__, "the log does not open");
  }
  void Put(std::span<const std::string> records) override {
    while (!records.empty()) {
      const size_t count = std::min<size_t>(records.size(), 1 + number_ % 7);
      PutOne(records.first(count), number_++);
      records = records.subspan(count);
    }
    user_.Wait();
  }
  Result<std::unique_ptr<Reader>> Open(const std::map<std::string, std::string>& committed,
                                       const ReaderOptions& options) override {
    ReaderOptions with_log = options;
    with_log.log = &user_.log();
    return source::Open({.name = "web", .kind = "http", .base_folder = "/", .options = {}}, committed, with_log);
  }
  std::string name() const override { return "web"; }

 private:
  void PutOne(std::span<const std::string> records, size_t number) {
    Post post;
    post.source = "other";
    post.body = "{\"not\":\"mine\"}";
    Start(post);
    post.source = "web";
    std::string lines;
    std::vector<std::string_view> list;
    for (const std::string& record : records) {
      lines += record + (number % 2 == 0 ? "\n" : "\n \n");
      list.push_back(record);
    }
    if (records.size() == 1) {
      post.form = Form::kOne;
      post.body = records.front();
    } else if (number % 3 == 0) {
      post.form = Form::kList;
      post.body = {};
      post.list = list;
    } else {
      post.form = Form::kLines;
      post.body = lines;
    }
    Start(post);
  }
  void Start(const Post& post) {
    // The frame that is being filled may have no room for more.
    while (!user_.Start(post)) user_.Wait();
  }

  LogFolder folder_;
  LogUser user_;
  size_t number_ = 0;
};

TEST(HttpCompliance, Posts) {
  EXPECT_EQ(RunCompliance([] { return std::make_unique<HttpRig>(); }), std::vector<std::string>());
}

class HttpSource : public testing::Test {
 protected:
  void SetUp() override {
    intake::LogOptions options;
    options.segment_bytes = 4u << 20;
    ASSERT_TRUE(user_.Open(folder_.path(), options));
  }
  Result<std::unique_ptr<Reader>> Open(const std::string& name, const Positions& committed = {}) {
    ReaderOptions options;
    options.log = &user_.log();
    return source::Open({.name = name, .kind = "http", .base_folder = "/", .options = {}}, committed, options);
  }

  LogFolder folder_;
  LogUser user_;
};

TEST_F(HttpSource, ASourceWithoutPostsLetsTheLogForgetWhatOthersPosted) {
  auto busy = Open("busy").value();
  auto idle = Open("idle").value();
  const std::string body(1u << 20, 'x');
  for (int i = 0; i < 40; ++i) {
    ASSERT_TRUE(user_.Put("busy", body));
    for (Reader* reader : {busy.get(), idle.get()}) {
      while (const std::shared_ptr<record::Chunk> chunk = reader->Next().value()) {
        EXPECT_EQ(chunk->source, reader == busy.get() ? "busy" : "idle");
        EXPECT_EQ(chunk->records.size(), reader == busy.get() ? 1u : 0u);
        ASSERT_TRUE(reader->Acknowledge({{chunk->shard, chunk->position_after}}));
      }
    }
  }
  EXPECT_LT(user_.log().waiting_bytes(), 20u << 20);
}

TEST_F(HttpSource, APositionOutsideOfTheLogIsNotGuessedAt) {
  const uint64_t end = user_.Put("web", "1").value();
  const std::string shard = ShardOf(user_.log());
  EXPECT_TRUE(Open("web", {{shard, PositionText(end)}}));
  for (const std::string& text : {PositionText(end + 1), std::string("x"), std::string("")}) {
    const auto opened = Open("web", {{shard, text}});
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Code::kCorruption);
  }
  auto other = Open("web", {{"log-0000000000000001", "77"}});
  ASSERT_TRUE(other);
  const std::vector<Notice> notices = (*other)->TakeNotices();
  ASSERT_EQ(notices.size(), 1u);
  EXPECT_EQ(notices[0].kind, "log_replaced");
}

TEST_F(HttpSource, WithoutALogItSaysWhoReadsIt) {
  const auto opened = source::Open({.name = "web", .kind = "http", .base_folder = "/", .options = {}}, {}, {});
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message.find("datahub serve"), std::string::npos);
}

}  // namespace
}  // namespace datahub::source::http
