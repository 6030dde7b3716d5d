#pragma once

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <unistd.h>

#include "datahub/intake/log.h"
#include "datahub/intake/log_cursor.h"

namespace datahub::intake {

// A folder that goes away with the test.
class LogFolder {
 public:
  LogFolder() {
    std::string pattern = std::filesystem::temp_directory_path() / "datahub-intake-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) Panic(__FILE__, __LINE__, "no temporary folder");
    path_ = pattern;
  }
  ~LogFolder() {
    std::error_code failure;
    std::filesystem::remove_all(path_, failure);
  }
  LogFolder(const LogFolder&) = delete;
  LogFolder& operator=(const LogFolder&) = delete;

  const std::string& path() const { return path_; }
  // The segments, by name.
  std::vector<std::string> Segments() const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path_)) {
      if (ParseSegmentName(entry.path().filename().string())) found.push_back(entry.path());
    }
    std::sort(found.begin(), found.end());
    return found;
  }

 private:
  std::string path_;
};

// Posts that are waited for.
class LogUser {
 public:
  Result<void> Open(const std::string& folder, LogOptions options = {}) {
    log_ = DH_TRY(Log::Open(folder, options, [this](Ticket* first) {
      std::lock_guard lock(mutex_);
      for (; first != nullptr; first = first->next) ++done_;
      changed_.notify_all();
    }));
    return {};
  }
  Result<uint64_t> Put(std::string_view source, std::string_view body, Form form = Form::kLines) {
    Post post;
    post.source = source;
    post.form = form;
    post.body = body;
    DH_TRY(Start(post));
    Wait();
    return tickets_.back().end_offset;
  }
  // Its ticket is tickets().back().
  Result<void> Start(const Post& post) {
    tickets_.emplace_back();
    auto taken = log_->Append(post, tickets_.back());
    if (!taken) {
      tickets_.pop_back();
      return taken;
    }
    ++taken_;
    return {};
  }
  void Wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return done_ == taken_; });
  }
  const std::deque<Ticket>& tickets() const { return tickets_; }
  Log& log() { return *log_; }
  void Close() { log_.reset(); }

  // The bodies of a source's posts from an offset on.
  Result<std::vector<std::string>> Read(std::string_view source, uint64_t offset = 0) {
    std::vector<std::string> bodies;
    LogCursor cursor(*log_, offset);
    while (DH_TRY(cursor.Next())) {
      EntryCursor entries = cursor.entries();
      for (Entry entry; DH_TRY(entries.Next(&entry));) {
        if (entry.source == source && entry.end_offset > offset) bodies.emplace_back(entry.body);
      }
    }
    return bodies;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  size_t done_ = 0;
  size_t taken_ = 0;
  std::deque<Ticket> tickets_;
  std::unique_ptr<Log> log_;  // last: its thread ends before what it uses
};

}  // namespace datahub::intake
