// The intake log on a disk that forgets: what it acknowledged is there, and each of its syncs is needed for it.
#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include <fmt/format.h>

#include "datahub/intake/crash_points.h"
#include "datahub/intake/log.h"
#include "killed_run.h"

namespace forgetful {
namespace {

using datahub::Result;
using datahub::intake::Entry;
using datahub::intake::Log;
using datahub::intake::LogOptions;
using datahub::intake::Post;
using datahub::intake::Ticket;

constexpr int kPosts = 25;  // some segments

LogOptions Small() {
  LogOptions options;
  options.segment_bytes = datahub::intake::kSegmentBytesMin;
  return options;
}

// Posts carry their number; the log begins with any of them and misses none after it.
class Numbers {
 public:
  void operator()(const Entry& entry) {
    const int number = std::stoi(std::string(entry.body.substr(0, 6)));
    if (next_ != 0 && number != next_) gap_ = true;
    next_ = number + 1;
  }
  int next() const { return gap_ ? -2 : next_; }

 private:
  int next_ = 0;
  bool gap_ = false;
};

// Counts on from what is there; every acknowledgement is told. What was acknowledged before is forgotten soon.
void IntakePosts(const std::string& root) {
  std::mutex mutex;
  std::condition_variable changed;
  bool done = false;
  Numbers there;
  auto log = Log::Open(
      root + "/intake", Small(),
      [&](Ticket*) {
        std::lock_guard lock(mutex);
        done = true;
        changed.notify_all();
      },
      [&](const Entry& entry) { there(entry); });
  if (!log) return Acknowledge(-1);
  int count = there.next();
  Acknowledge(count);
  (*log)->Register("reader", (*log)->begin_offset());
  for (int i = 0; i < kPosts; ++i) {
    const std::string body = fmt::format("{:06}{}", count, std::string(6000, 'x'));
    Post post;
    post.source = "web";
    post.body = body;
    Ticket ticket;
    done = false;
    if (!(*log)->Append(post, ticket)) return;
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return done; });
    if (!ticket.end_offset) return;
    Acknowledge(++count);
    (*log)->Release("reader", *ticket.end_offset - body.size());
  }
  static auto stays_open = std::move(*log);  // nothing is done at an end that does not come
}

const Registration registration("intake_posts", IntakePosts);

// What the next post's number would be; -1 where the log does not open, -2 where one is missing.
int EntriesIn(const ForgetfulDisk& disk) {
  Numbers there;
  const auto log = Log::Open(
      disk.root() + "/intake", Small(), [](Ticket*) {}, [&](const Entry& entry) { there(entry); });
  return log ? there.next() : -1;
}

TEST(IntakeDurability, WhatWasAcknowledgedIsThere) {
  ForgetfulDisk disk;
  for (int life = 1; life <= 3; ++life) EXPECT_EQ(disk.RunAndForget("intake_posts"), life * kPosts);
  EXPECT_EQ(EntriesIn(disk), 3 * kPosts);
}

// Without any single one of them something that was acknowledged is lost.
TEST(IntakeDurability, EachSyncOfANewLogIsNeeded) {
  for (const char* place : {".", "intake", "intake/log-*", "intake/log-*/*.log"}) {
    ForgetfulDisk disk;
    disk.Set("FORGETFUL_IGNORE_SYNC", place);
    EXPECT_EQ(disk.RunAndForget("intake_posts"), kPosts);
    EXPECT_LT(EntriesIn(disk), kPosts) << place << ": " << disk.Names();
  }
}

// A log that has its name and was never recovered.
TEST(IntakeDurability, EachSyncOfAFirstSegmentIsNeeded) {
  for (const char* place : {"none", "intake/making", "intake/making/*"}) {
    ForgetfulDisk disk;
    disk.Set("FORGETFUL_IGNORE_SYNC", place);
    disk.Set("DATAHUB_CRASH_AT", "intake.file_written:2");
    disk.RunAndForget("intake_posts");
    EXPECT_EQ(EntriesIn(disk), std::string_view(place) == "none" ? 0 : -1) << disk.Names();
  }
}

// A segment that has its name and not yet a frame: its header is there.
TEST(IntakeDurability, TheSyncOfAHeaderIsNeeded) {
  constexpr int kPostsOfASegment = 7;
  for (const char* place : {"none", "intake/log-*/spare.tmp"}) {
    ForgetfulDisk disk;
    disk.Set("FORGETFUL_IGNORE_SYNC", place);
    disk.Set("DATAHUB_CRASH_AT", fmt::format("intake.frame_written:{}", kPostsOfASegment + 1));
    EXPECT_EQ(disk.RunAndForget("intake_posts"), kPostsOfASegment);
    EXPECT_EQ(EntriesIn(disk), std::string_view(place) == "none" ? kPostsOfASegment : -1) << disk.Names();
  }
}

// A kill loses nothing, so the second process sees all; what it hands out and builds on must be synced by itself.
TEST(IntakeDurability, EachSyncOfARecoveryIsNeeded) {
  for (const char* place : {"none", "intake/log-*/*.log.tmp"}) {
    ForgetfulDisk disk;
    disk.Set("FORGETFUL_IGNORE_SYNC", place);
    disk.Set("DATAHUB_CRASH_AT", "intake.frame_written:5");
    EXPECT_EQ(disk.Run("intake_posts"), 4);
    disk.Set("DATAHUB_CRASH_AT", "intake.frame_written:1");
    EXPECT_EQ(disk.RunAndForget("intake_posts"), 5) << "what was found may be on its way into a table";
    EXPECT_EQ(EntriesIn(disk) == 5, std::string_view(place) == "none") << disk.Names();
  }
}

// Killed at every step, on a disk that forgets and on one that does not, and again while it recovers.
TEST(IntakeDurability, EveryStepMayBeTheLast) {
  for (const char* point : datahub::intake::kCrashPoints) {
    int killed = 0;
    for (int nth = 1; nth <= 10; ++nth) {
      ForgetfulDisk disk;
      const bool forgets = nth % 2 == 0;
      int acknowledged = nth % 3 == 0 ? disk.Run("intake_posts") : 0;
      const auto live = [&](const std::string& crash_at) {
        disk.Set("DATAHUB_CRASH_AT", crash_at);
        const int before = acknowledged;
        const int told = forgets ? disk.RunAndForget("intake_posts") : disk.Run("intake_posts");
        acknowledged = std::max(told, before);
        killed += told < before + kPosts ? 1 : 0;
      };
      live(fmt::format("{}:{}", point, (nth + 1) / 2));
      live(fmt::format("{}:1", point));
      const int there = EntriesIn(disk);
      EXPECT_GE(there, acknowledged) << point << " " << nth << ": " << disk.Names();
      EXPECT_LE(there, acknowledged + 2) << point << " " << nth << ": in each life one was under way";
      if (HasFailure()) return;
    }
    EXPECT_GT(killed, 0) << point << " is not passed";
  }
}

TEST(IntakeDurability, AFailedSyncStopsTheLog) {
  for (const char* place : {"intake/log-*/*.log", "intake/log-*/spare.tmp"}) {
    ForgetfulDisk disk;
    disk.Set("FORGETFUL_FAIL_SYNC", std::string("3:") + place);
    const int acknowledged = disk.RunAndForget("intake_posts");
    EXPECT_LT(acknowledged, kPosts) << place;
    EXPECT_GE(EntriesIn(disk), acknowledged) << place;
  }
}

}  // namespace
}  // namespace forgetful
