#include "datahub/query/query_process.h"

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "datahub/query/test_project.h"
#include "datahub/query/wire.h"

namespace datahub::query {
namespace {

namespace fs = std::filesystem;

// Processes that are no Datahub: shells that say something on the descriptor of answers.
class QueryProcessTest : public testing::Test {
 protected:
  QueryProcessTest() {
    std::string pattern = (fs::temp_directory_path() / "datahub-process-XXXXXX").string();
    folder = mkdtemp(pattern.data());
    options.limits.time_us_max = 2'000'000;
  }
  ~QueryProcessTest() override { fs::remove_all(folder); }

  Result<Answer> Ask(std::vector<std::string> arguments, const std::stop_token& stop = {}) {
    options.program = arguments[0];
    options.arguments = std::move(arguments);
    text.clear();
    QueryProcess process = DH_TRY(QueryProcess::Start(options));
    const Sink sink = [&](std::string_view more) -> Result<void> {
      text += more;
      return {};
    };
    return std::move(process).Run({}, sink, stop);
  }
  Result<Answer> AskShell(const std::string& script) { return Ask({"/bin/sh", "-c", script}); }
  // Of an answer that must not be one.
  Error FailureOf(const std::string& script) {
    const Result<Answer> answer = AskShell(script);
    return answer ? Error{Code::kNotFound, "no error"} : answer.error();
  }
  std::string FileOf(const std::string& name) {
    std::ifstream in(folder / name);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  fs::path folder;
  QueryProcessOptions options;
  std::string text;
};

std::string Escaped(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) out += fmt::format("\\{:03o}", static_cast<unsigned char>(c));
  return out;
}

std::string Say(FrameKind kind, std::string_view body) {
  return "printf '" + Escaped(FrameHead(kind, body.size()) + std::string(body)) + "' >&3; ";
}

TEST_F(QueryProcessTest, TextComesBetweenFrames) {
  Answer end;
  end.rows = 7;
  end.truncated = true;
  const Result<Answer> answer = AskShell(Say(FrameKind::kText, "hello ") + Say(FrameKind::kText, "") +
                                         Say(FrameKind::kText, "world") + Say(FrameKind::kEnd, Encode(end)));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->rows, 7u);
  EXPECT_TRUE(answer->truncated);
  EXPECT_EQ(text, "hello world");
}

TEST_F(QueryProcessTest, ItsFailureIsTheQuerys) {
  const Error error = FailureOf(Say(FrameKind::kText, "some") +
                                Say(FrameKind::kFailure, std::string(1, char(Code::kLimit)) + "too much"));
  EXPECT_EQ(error.code, Code::kLimit);
  EXPECT_EQ(error.message, "too much");
}

TEST_F(QueryProcessTest, WhatIsNoAnswerIsAnError) {
  const std::string long_text = FrameHead(FrameKind::kText, kTextBytesMax + 1);
  for (const std::string& script :
       {std::string("exit 0"), std::string("exit 3"), std::string("exec cat /dev/zero >&3"),
        std::string("exec yes T >&3"), std::string("echo '2026-01-01 INFO a log line' >&3; exec sleep 100"),
        "printf '" + Escaped(long_text) + "' >&3; exec sleep 100",  // not waited for
        "printf '" + Escaped(FrameHead(FrameKind::kEnd, uint32_t(-1))) + "' >&3; exec sleep 100",
        "printf '" + Escaped(FrameHead(FrameKind::kTask, 5)) + "' >&3; exec sleep 100", Say(FrameKind::kEnd, "short"),
        Say(FrameKind::kEnd, Encode(Answer{}) + "x"), Say(FrameKind::kFailure, ""),
        Say(FrameKind::kFailure, "\x7fwhat code is this"),
        Say(FrameKind::kEnd, Encode(Answer{})).substr(0, 40) + "' >&3"}) {
    const auto begin = std::chrono::steady_clock::now();
    const Error error = FailureOf(script);
    EXPECT_EQ(error.code, Code::kInternal) << script << ": " << error.message;
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2)) << script;
  }
  EXPECT_NE(FailureOf("kill -SEGV $$").message.find("signal 11"), std::string::npos);
  const Result<Answer> none = Ask({"/no/such/program"});
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().message.find("cannot start a process"), std::string::npos) << none.error().message;
}

TEST_F(QueryProcessTest, ItIsKilledWhenItsTimeIsOverOrNobodyWantsIt) {
  options.limits.time_us_max = 1;
  EXPECT_EQ(FailureOf("exec sleep 100").code, Code::kTimeout);
  options.limits.time_us_max = 0;
  std::stop_source stopping;
  std::jthread stopper([&] { stopping.request_stop(); });
  const Result<Answer> answer = Ask({"/bin/sleep", "100"}, stopping.get_token());
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::kShuttingDown);
}

TEST_F(QueryProcessTest, ItHasNothingOfOursButItsTwoDescriptors) {
  options.lake = folder / "lake";
  options.spill_prefix = folder / "spill";
  fs::create_directories(options.lake);
  ::setenv("DATAHUB_TEST_SECRET", "s3cr3t", 1);
  const int open_in_us = ::open("/dev/null", O_RDONLY);  // not even closed on exec
  (void)AskShell(
      "exec 9> ../out; pwd >&9; tr '\\0' '\\n' < /proc/$$/environ >&9; exec 9>&-; ls /proc/$$/fd > ../fds; "
      "ls -l /proc/$$/fd/0 /proc/$$/fd/1 /proc/$$/fd/2 | grep -c /dev/null > ../null; echo x > "
      "/proc/self/fd/4/spilled");
  ::close(open_in_us);
  ::unsetenv("DATAHUB_TEST_SECRET");
  EXPECT_EQ(FileOf("out"), options.lake + "\n");
  EXPECT_EQ(FileOf("null"), "3\n");
  std::string descriptors = FileOf("fds");
  std::erase(descriptors, '\n');
  EXPECT_TRUE(descriptors.starts_with("01") && descriptors.find('5') == descriptors.npos) << descriptors;
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), {}), 4);  // no folder of spills is left
}

TEST_F(QueryProcessTest, ASpillFolderThatWasLeftIsRemovedByTheNext) {
  const std::string prefix = folder / "spill";
  fs::create_directories(prefix + "-1-1/more");
  std::ofstream(prefix + "-1-1/more/file") << "x";
  std::ofstream(folder / "spillover") << "not ours";
  {
    const SpillFolder one = SpillFolder::Make(prefix);
    const SpillFolder two = SpillFolder::Make(prefix);
    EXPECT_GE(one.descriptor(), 0);
    EXPECT_GE(two.descriptor(), 0);
    EXPECT_GT(one.free_bytes(), 0u);
    EXPECT_EQ(std::distance(fs::directory_iterator(folder), {}), 3);
  }
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), {}), 1);
  EXPECT_EQ(SpillFolder::Make("").descriptor(), -1);
  EXPECT_EQ(SpillFolder::Make(folder / "not there" / "spill").descriptor(), -1);
}

TEST(QueryTaskTest, ATaskComesBackWhole) {
  TestProject project;
  project.AddTable("users", {MakeField("id", record::Kind::kInt64)}, {"day"});
  project.AddFile("users", {{"day", "2026-01-01"}}, "SELECT CAST(1 AS BIGINT) AS id");
  project.AddTable("orders", {MakeField("id", record::Kind::kInt64)}, {});
  project.ledger.positions = {{{"inbox", "a.ndjson", "p"}, "{\"at\":5}"}};
  QueryTask task = *project.TaskOf("SELECT '\xff\n\"' FROM users, datahub.positions", {.format = Format::kCsv});
  const std::string bytes = Encode(task);
  const Result<QueryTask> back = DecodeTask(bytes);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(Encode(*back), bytes);
  EXPECT_EQ(back->sql, task.sql);
  EXPECT_EQ(back->snapshot.table_names.size(), 2u);
  ASSERT_EQ(back->snapshot.tables.size(), 1u);
  EXPECT_EQ(back->snapshot.tables[0].files[0].location, project.Location(project.ledger.files["users"][0].key));
  // Cut anywhere, or one byte more.
  for (size_t cut = 0; cut < bytes.size(); ++cut)
    EXPECT_FALSE(DecodeTask(std::string_view(bytes).substr(0, cut))) << cut;
  EXPECT_FALSE(DecodeTask(bytes + "x"));
  project.snapshot.lake = project.Location("");
  task = *project.TaskOf("FROM users", {});
  EXPECT_EQ(task.snapshot.tables[0].files[0].location, task.snapshot.tables[0].files[0].key);
}

}  // namespace
}  // namespace datahub::query
