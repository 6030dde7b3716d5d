#include "datahub/intake/log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <set>
#include <thread>

#include <sys/resource.h>

#include <fmt/format.h>

#include "datahub/intake/log_fixture.h"

namespace datahub::intake {
namespace {

LogOptions Small() {
  LogOptions options;
  options.segment_bytes = kSegmentBytesMin;
  return options;
}

TEST(Log, WhatWasAcknowledgedIsThereAfterAnyNumberOfStarts) {
  LogFolder folder;
  std::vector<std::string> put;
  for (int life = 0; life < 5; ++life) {
    LogUser user;
    ASSERT_TRUE(user.Open(folder.path(), Small()));
    EXPECT_EQ(user.Read("web").value(), put);
    for (int i = 0; i < 60; ++i) {
      put.push_back(fmt::format("{{\"life\":{},\"i\":{},\"x\":\"{}\"}}", life, i, std::string(i * 40, 'x')));
      ASSERT_TRUE(user.Put("web", put.back()));
      ASSERT_TRUE(user.Put("other", "1"));
    }
    EXPECT_EQ(user.Read("web").value(), put);
  }
  EXPECT_GT(folder.Segments().size(), 5u);
}

TEST(Log, ReadsOnFromEveryPost) {
  LogFolder folder;
  LogUser user;
  ASSERT_TRUE(user.Open(folder.path(), Small()));
  std::vector<std::string> bodies;
  std::vector<uint64_t> ends = {0};
  for (int i = 0; i < 40; ++i) {
    bodies.push_back(fmt::format("{}{}", i, std::string(3000, 'y')));
    ends.push_back(user.Put("web", bodies.back()).value());
  }
  for (size_t i = 0; i < ends.size(); ++i) {
    const std::vector<std::string> rest(bodies.begin() + static_cast<ptrdiff_t>(i), bodies.end());
    EXPECT_EQ(user.Read("web", ends[i]).value(), rest) << i;
  }
}

TEST(Log, PostsThatWaitShareASync) {
  LogFolder folder;
  LogUser user;
  ASSERT_TRUE(user.Open(folder.path()));
  Post post;
  post.source = "web";
  post.body = "{}";
  constexpr int kPosts = 5000;
  for (int i = 0; i < kPosts; ++i) ASSERT_TRUE(user.Start(post));
  user.Wait();
  EXPECT_LT(user.log().totals().frames, kPosts / 2);
  EXPECT_EQ(user.log().totals().posts, static_cast<uint64_t>(kPosts));
  uint64_t before = 0;
  for (const Ticket& ticket : user.tickets()) {
    EXPECT_GT(ticket.end_offset.value(), before);
    before = *ticket.end_offset;
  }
  EXPECT_EQ(user.Read("web").value().size(), static_cast<size_t>(kPosts));
}

TEST(Log, ForgetsWhatTheSlowestReaderIsDoneWith) {
  LogFolder folder;
  uint64_t middle = 0;
  {
    LogUser user;
    ASSERT_TRUE(user.Open(folder.path(), Small()));
    user.log().Register("fast", 0);
    user.log().Register("slow", 0);
    for (int i = 0; i < 100; ++i) {
      const uint64_t end = user.Put("web", std::string(5000, 'z')).value();
      if (i == 50) middle = end;
    }
    const size_t all = folder.Segments().size();
    user.log().Release("fast", user.log().durable_end());
    EXPECT_EQ(folder.Segments().size(), all);
    user.log().Release("slow", middle);
    user.Close();  // the keeper has done what it had to
    LogUser again;
    ASSERT_TRUE(again.Open(folder.path(), Small()));
    again.log().Register("slow", middle);
    again.log().Release("slow", middle);
    while (again.log().begin_offset() == 0) std::this_thread::yield();
    EXPECT_LE(again.log().begin_offset(), middle);
    EXPECT_EQ(again.Read("web", middle).value().size(), 49u);
    const auto early = again.log().SegmentOf(0);
    ASSERT_FALSE(early);
    EXPECT_EQ(early.error().code, Code::kNotFound);
  }
}

TEST(Log, HoldsNoMoreThanItsLimit) {
  LogFolder folder;
  LogOptions options = Small();
  options.log_bytes_max = 20'000;
  LogUser user;
  ASSERT_TRUE(user.Open(folder.path(), options));
  user.log().Register("reader", 0);
  const std::string body(6000, 'a');
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(user.Put("web", body));
  const auto full = user.Put("web", body);
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, Code::kLimit);
  user.log().Release("reader", user.log().durable_end());
  EXPECT_TRUE(user.Put("web", body));
  const auto large = user.Put("web", std::string(kSegmentBytesMin, 'a'));
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().code, Code::kInvalidInput);
}

TEST(Log, AgeIsALimitToo) {
  LogFolder folder;
  LogOptions options = Small();
  options.age_us_max = 1;
  LogUser user;
  ASSERT_TRUE(user.Open(folder.path(), options));
  user.log().Register("reader", 0);
  ASSERT_TRUE(user.Put("web", "1"));
  const auto old = user.Put("web", "2");
  ASSERT_FALSE(old);
  EXPECT_EQ(old.error().code, Code::kLimit);
  user.log().Release("reader", user.log().durable_end());
  EXPECT_TRUE(user.Put("web", "3"));
}

TEST(Log, StopCompletesWhatWasTaken) {
  for (int round = 0; round < 50; ++round) {
    LogFolder folder;
    LogUser user;
    ASSERT_TRUE(user.Open(folder.path(), Small()));
    Post post;
    post.source = "web";
    post.body = "{}";
    size_t taken = 0;
    std::thread stopper([&] { user.log().Stop(); });
    while (user.Start(post)) ++taken;
    stopper.join();
    user.Wait();
    for (const Ticket& ticket : user.tickets()) EXPECT_TRUE(ticket.end_offset);
    user.Close();
    ASSERT_TRUE(user.Open(folder.path(), Small()));
    EXPECT_EQ(user.Read("web").value().size(), taken);
    user.Close();
  }
}

TEST(Log, AProcessThatWasTakenOverAcknowledgesNothing) {
  LogFolder folder;
  LogUser old;
  LogUser successor;
  ASSERT_TRUE(old.Open(folder.path(), Small()));
  ASSERT_TRUE(old.Put("web", "1"));
  ASSERT_TRUE(successor.Open(folder.path(), Small()));
  const auto late = old.Put("web", "2");
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Code::kFenced);
  const auto later = old.Put("web", "3");
  ASSERT_FALSE(later);
  ASSERT_TRUE(successor.Put("web", "4"));
  EXPECT_EQ(successor.Read("web").value(), (std::vector<std::string>{"1", "4"}));
  old.Close();
  EXPECT_EQ(successor.Read("web").value(), (std::vector<std::string>{"1", "4"}));
}

class LogKeys : public testing::Test {
 protected:
  // Where the post ends; the same for what is not taken again.
  Result<uint64_t> Put(LogUser& user, std::string_view source, std::string_view key, std::string_view body) {
    Post post;
    post.source = source;
    post.key = key;
    post.body = body;
    post.digest = HashBytes(body);
    DH_TRY(user.Start(post));
    user.Wait();
    return user.tickets().back().end_offset;
  }
  LogFolder folder_;
};

TEST_F(LogKeys, APostIsTakenOnceAlsoAfterStartsAndWhenItsSegmentIsGone) {
  LogOptions options = Small();
  uint64_t first = 0;
  for (int life = 0; life < 4; ++life) {
    LogUser user;
    ASSERT_TRUE(user.Open(folder_.path(), options));
    user.log().Register("reader", user.log().begin_offset());
    const auto end = Put(user, "web", "key-1", "{}");
    ASSERT_TRUE(end) << end.error().message;
    if (life == 0) first = *end;
    const auto other = Put(user, "web", "key-1", "[]");
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().code, Code::kAlreadyExists);
    EXPECT_TRUE(Put(user, "app", "key-1", "{}")) << "a source has keys of its own";
    if (life > 0) continue;
    // The segment leaves, and with it the post.
    for (int i = 0; i < 30; ++i) ASSERT_TRUE(Put(user, "web", fmt::format("more-{}", i), std::string(6000, 'k')));
    user.log().Release("reader", user.log().durable_end());
    while (user.log().begin_offset() < first) std::this_thread::yield();
  }
  LogUser user;
  ASSERT_TRUE(user.Open(folder_.path(), options));
  const uint64_t begin = user.log().durable_end();
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(Put(user, "web", fmt::format("more-{}", i), std::string(6000, 'k')));
  EXPECT_EQ(user.log().durable_end(), begin) << "nothing was taken again";
}

TEST_F(LogKeys, RepeatsThatComeAtOnceAreOnePost) {
  LogUser user;
  ASSERT_TRUE(user.Open(folder_.path()));
  Post post;
  post.source = "web";
  post.key = "k";
  post.body = "{}";
  for (int i = 0; i < 500; ++i) ASSERT_TRUE(user.Start(post));
  user.Wait();
  for (const Ticket& ticket : user.tickets()) EXPECT_EQ(ticket.end_offset.value(), *user.tickets()[0].end_offset);
  EXPECT_EQ(user.Read("web").value().size(), 1u);
}

TEST_F(LogKeys, KeysHaveAnAgeAndANumber) {
  LogOptions options = Small();
  options.keys_max = 2;
  LogUser user;
  ASSERT_TRUE(user.Open(folder_.path(), options));
  ASSERT_TRUE(Put(user, "web", "1", "{}"));
  ASSERT_TRUE(Put(user, "web", "2", "{}"));
  const auto many = Put(user, "web", "3", "{}");
  ASSERT_FALSE(many);
  EXPECT_EQ(many.error().code, Code::kLimit);
  EXPECT_TRUE(Put(user, "web", "2", "{}"));
  EXPECT_TRUE(user.Put("web", "{}")) << "without a key";
  KeyTable table;
  table.Add({{1, 1}, 7, 100}, 5);
  table.Add({{2, 2}, 7, 200}, 6);
  table.Expire(200);
  EXPECT_EQ(table.Find({1, 1}), nullptr);
  ASSERT_NE(table.Find({2, 2}), nullptr);
}

TEST(KeyFile, DamageIsFound) {
  const std::vector<PostedKey> keys = {{{1, 2}, 3, 4}, {{5, 6}, 7, 8}};
  const std::string text = KeyFileText(keys);
  EXPECT_EQ(ReadKeyFile(text, "f").value().size(), 2u);
  for (size_t bit = 0; bit < text.size() * 8; ++bit) {
    std::string other = text;
    other[bit / 8] = static_cast<char>(other[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(ReadKeyFile(other, "f"));
  }
  for (size_t size = 0; size < text.size(); ++size) EXPECT_FALSE(ReadKeyFile(text.substr(0, size), "f"));
  std::string newer = text.substr(0, text.size() - 4);
  newer[7] = '2';
  const uint32_t checksum = Crc32c(0, newer.data(), newer.size());
  newer.append(reinterpret_cast<const char*>(&checksum), sizeof(checksum));
  const auto read = ReadKeyFile(newer, "f");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Code::kInvalidInput);
  EXPECT_NE(read.error().message.find("a newer datahub"), std::string::npos) << read.error().message;
}

// Every call of the disk fails in turn, of maintenance too: what was acknowledged is there at the next start until all have
// read it, what was refused may be; keys are known also when their posts are gone; a log that did not end goes on.
class LogFaults : public testing::TestWithParam<std::pair<FaultPlan::Kind, Code>> {
 protected:
  static Post KeyedPost(const std::string& body) {
    Post post;
    post.source = "web";
    post.key = std::string_view(body).substr(0, 8);
    post.body = body;
    post.digest = {1, 1};
    return post;
  }
  // All have read what is there by now: its segments leave, unless the disk refuses for good.
  void Forget(LogUser& user, std::set<std::string>& acknowledged, std::set<std::string>& forgotten) {
    const uint64_t read = user.log().durable_end();
    forgotten.insert(acknowledged.begin(), acknowledged.end());
    acknowledged.clear();
    const uint64_t begin = user.log().SegmentOf(read).value()->header.base_offset;
    user.log().Release("reader", read);
    while (user.log().begin_offset() < begin && !EndsFor(user.log())) std::this_thread::yield();
  }
  static bool EndsFor(const Log& log) {
    return log.failure() || (GetParam().first == FaultPlan::Kind::kForEver && log.trouble());
  }
};

TEST_P(LogFaults, NothingAcknowledgedIsLost) {
  for (uint64_t at = 1;; ++at) {
    ASSERT_LT(at, 500u);
    LogFolder folder;
    FaultPlan plan(GetParam().first, at, GetParam().second);
    LogOptions options = Small();
    options.faults = &plan;
    options.retry_us = 2000;
    std::vector<std::string> sent;
    std::set<std::string> acknowledged;
    std::set<std::string> forgotten;
    for (int life = 0; life < 2; ++life) {
      LogUser user;
      if (!user.Open(folder.path(), options)) continue;
      user.log().Register("reader", user.log().begin_offset());
      for (int i = 0; i < 13; ++i) {
        if (i == 8) Forget(user, acknowledged, forgotten);
        sent.push_back(fmt::format("{}-{:06}-{}", life, i, std::string(i % 4 == 3 ? 60 : 20'000, 'b')));
        do {
          if (!user.Start(KeyedPost(sent.back()))) continue;
          user.Wait();
          if (user.tickets().back().end_offset) acknowledged.insert(sent.back());
        } while (!acknowledged.contains(sent.back()) && !EndsFor(user.log()) && i % 4 == 3);
      }
    }
    LogUser user;
    const auto opened = user.Open(folder.path(), Small());
    ASSERT_TRUE(opened) << at << ": " << opened.error().message;
    const std::vector<std::string> found = user.Read("web", user.log().begin_offset()).value();
    std::set<std::string> unique(found.begin(), found.end());
    EXPECT_EQ(unique.size(), found.size()) << "duplicated, call " << at;
    for (const std::string& body : acknowledged) EXPECT_TRUE(unique.contains(body)) << "lost, call " << at;
    for (const std::string& body : found) {
      EXPECT_TRUE(std::ranges::count(sent, body) == 1) << "ghost, call " << at;
    }
    const uint64_t end = user.log().durable_end();
    for (const std::set<std::string>& known : {acknowledged, forgotten}) {
      for (const std::string& body : known) ASSERT_TRUE(user.Start(KeyedPost(body)));
    }
    user.Wait();
    EXPECT_EQ(user.log().durable_end(), end) << "taken again, call " << at;
    if (testing::Test::HasFailure()) return;
    if (plan.failed() == 0) {
      EXPECT_EQ(acknowledged.size() + forgotten.size(), sent.size());
      EXPECT_GT(at, 60u);
      return;
    }
  }
}

// A sync that failed ends the process, anything else is tried again.
TEST(Log, SaysWhatTheDiskRefusesUntilItWorks) {
  LogFolder folder;
  FaultPlan plan;
  LogOptions options = Small();
  options.faults = &plan;
  std::atomic<int> ended = 0;
  options.ended = [&] { ++ended; };
  options.retry_us = 2000;
  LogUser user;
  ASSERT_TRUE(user.Open(folder.path(), options));
  ASSERT_TRUE(user.Put("web", std::string(6000, 'a')));
  EXPECT_FALSE(user.log().trouble());
  plan.Arm(FaultPlan::Kind::kForEver, 1);
  const auto refused = user.Put("web", std::string(6000, 'b'));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kUnavailable);
  ASSERT_TRUE(user.log().trouble());
  EXPECT_NE(user.log().trouble()->message.find("write frame"), std::string::npos);
  EXPECT_FALSE(user.log().failure());
  plan.Arm(FaultPlan::Kind::kNone, 0);
  while (user.log().trouble()) std::this_thread::yield();
  ASSERT_TRUE(user.Put("web", "{}"));
  EXPECT_EQ(ended, 0);
  plan.Arm(FaultPlan::Kind::kOnce, 2);  // write, sync
  ASSERT_FALSE(user.Put("web", "{}"));
  ASSERT_TRUE(user.log().failure());
  EXPECT_EQ(user.log().failure()->code, Code::kCorruption);
  EXPECT_FALSE(user.Put("web", "{}"));
  EXPECT_EQ(ended, 1);
}

INSTANTIATE_TEST_SUITE_P(Kinds, LogFaults,
                         testing::Values(std::pair(FaultPlan::Kind::kOnce, Code::kUnavailable),
                                         std::pair(FaultPlan::Kind::kOnce, Code::kDiskFull),
                                         std::pair(FaultPlan::Kind::kForEver, Code::kUnavailable),
                                         std::pair(FaultPlan::Kind::kForEver, Code::kDiskFull),
                                         std::pair(FaultPlan::Kind::kReplyLost, Code::kUnavailable)));

// A file may not grow larger than what a segment takes: to the log that is a full disk.
class NoRoom {
 public:
  explicit NoRoom(rlim_t bytes_max) {
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit now{bytes_max, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &now);
  }
  ~NoRoom() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

TEST(Log, GoesOnByItselfWhenThereIsRoomAgain) {
  LogFolder folder;
  LogUser user;
  ASSERT_TRUE(user.Open(folder.path(), Small()));
  user.Close();
  LogOptions larger;
  larger.segment_bytes = 2 * kSegmentBytesMin;
  const std::string body(6000, 'c');
  size_t put = 0;
  {
    const NoRoom no_room(kSegmentBytesMin + kPageBytes);
    ASSERT_TRUE(user.Open(folder.path(), larger));
    for (;; ++put) {
      const auto refused = user.Put("web", body);
      if (refused) continue;
      EXPECT_EQ(refused.error().code, Code::kDiskFull) << refused.error().message;
      break;
    }
    EXPECT_GT(put, 5u) << "what is there already is used";
    EXPECT_LT(put, 12u);
    const auto again = user.Put("web", body);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, Code::kDiskFull);
  }
  while (!user.Put("web", body)) std::this_thread::yield();
  EXPECT_EQ(user.Read("web").value().size(), put + 1);
}

}  // namespace
}  // namespace datahub::intake
