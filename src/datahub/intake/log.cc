#include "datahub/intake/log.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "datahub/base/clock.h"
#include "datahub/base/log.h"

namespace datahub::intake {
namespace {

// A segment is of zeros within some seconds, and posts that come meanwhile hardly notice.
constexpr auto kZerosEvery = std::chrono::milliseconds(10);
constexpr int64_t kMarkEveryUs = 1'000'000;
constexpr size_t kMarksMax = 1u << 20;
// A file of keys grows, by being written anew, up to so many.
constexpr size_t kKeyFileKeysMax = 64 * 1024;

uint64_t SecondsOf(int64_t us) { return static_cast<uint64_t>(us / 1'000'000); }
uint64_t NowSeconds() { return SecondsOf(clock::NowUs()); }

// After these this process cannot know what is on disk, or has no right to it any more.
bool EndsLog(const Error& error) { return error.code == Code::kCorruption || error.code == Code::kFenced; }

}  // namespace

Result<std::unique_ptr<Log>> Log::Open(const std::string& folder, const LogOptions& options, Completed completed,
                                       const std::function<void(const Entry&)>& entry) {
  std::unique_ptr<Log> made(new Log(options, std::move(completed)));
  std::vector<char> entries;
  std::vector<Mark> marks;
  const auto show = [&](const ScannedFrame& frame) -> Result<void> {
    if (marks.empty() || frame.header.written_at_us >= marks.back().at_us + kMarkEveryUs) {
      marks.push_back({frame.header.stream_offset, frame.header.written_at_us});
    }
    CopyEntries(frame.blocks, frame.header, entries);
    EntryCursor cursor({entries.data(), entries.size()}, frame.header.stream_offset);
    for (Entry found; DH_TRY(cursor.Next(&found));) {
      if (entry) entry(found);
      if (found.key.empty()) continue;
      made->keys_.Add({KeyOf(found.source, found.key), found.digest.low, SecondsOf(frame.header.written_at_us)},
                      found.end_offset);
    }
    return {};
  };
  SegmentFiles::Opened opened = DH_TRY(SegmentFiles::Open(folder, options.segment_bytes, options.faults, show));
  if (opened.torn) {
    log::Warn("the intake log ends in a write that was cut off; nobody was told that it had worked, it is dropped: {}",
              *opened.torn);
  }
  made->files_ = std::move(opened.files);
  made->id_ = opened.segments.back()->header.log_id;
  made->next_sequence_ = opened.next_sequence;
  made->next_block_ = opened.next_block;
  made->durable_end_ = opened.end_offset;
  made->blocks_left_ = opened.segments.back()->header.bytes / kBlockBytes - opened.next_block;
  made->segments_.assign(opened.segments.begin(), opened.segments.end());
  made->marks_.assign(marks.begin(), marks.end());
  for (const std::shared_ptr<Segment>& segment : made->segments_) segment->has_keys = made->keys_.size() > 0;
  DH_TRY(made->LoadKeys(opened.key_files));
  Log* const self = made.get();
  made->keeper_thread_ = std::jthread([self] { self->KeepSegments(); });
  made->writer_thread_ = std::jthread([self] { self->WriteFrames(); });
  return made;
}

Log::~Log() { Stop(); }

void Log::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  filled_.notify_all();
  if (writer_thread_.joinable()) writer_thread_.join();
  durable_.notify_all();
  if (keeper_thread_.joinable()) keeper_thread_.join();
}

Result<void> Log::CheckRoomLocked(size_t bytes) {
  if (failure_) return *failure_;
  if (stopping_) return Error{Code::kShuttingDown, "the intake log takes no more: the server stops"};
  const size_t frame_bytes_max = EntryBytesMax(options_.segment_bytes);
  if (bytes > frame_bytes_max) {
    return Error{Code::kInvalidInput, fmt::format("the post takes {} bytes, the intake log at most {} at once; send it "
                                                  "in parts",
                                                  bytes, frame_bytes_max)};
  }
  if (write_trouble_) return *write_trouble_;
  if (spare_trouble_ && RoundUpToPage(BlocksOf(filling_.entry_bytes() + bytes)) > blocks_left_) return *spare_trouble_;
  if (filling_.entry_bytes() + bytes > frame_bytes_max) {
    return Error{Code::kLimit, "more posts come than the disk can write; try again"};
  }
  const uint64_t slowest = SlowestLocked();
  const uint64_t end = durable_end() + filling_.entry_bytes();
  if (end - std::min(end, slowest) + bytes > options_.log_bytes_max) {
    return Error{Code::kLimit, fmt::format("the intake log holds {} bytes that are not landed yet, its limit; see "
                                           "`datahub status` for what keeps them",
                                           end - slowest)};
  }
  while (marks_.size() > 1 && marks_[1].offset <= slowest) marks_.pop_front();
  if (!marks_.empty() && slowest < durable_end() && clock::NowUs() - marks_.front().at_us > options_.age_us_max) {
    return Error{Code::kLimit, fmt::format("the oldest record in the intake log waits since {}, longer than its limit; "
                                           "see `datahub status` for what keeps it",
                                           clock::ToIso(marks_.front().at_us))};
  }
  return {};
}

Result<void> Log::Append(const Post& post, Ticket& ticket) {
  {
    std::lock_guard lock(mutex_);
    ticket.next = nullptr;
    ticket.repeats.reset();
    if (post.key.empty() || !DH_TRY(LookUpKeyLocked(post, ticket))) {
      DH_TRY(CheckRoomLocked(EntryBytes(post)));
      AppendEntry(post, filling_);
      ticket.end_offset = filling_.entry_bytes();  // from the frame's beginning, until that is known
      if (!post.key.empty()) {
        const Hash128 key = KeyOf(post.source, post.key);
        keys_.Add({key, post.digest.low, NowSeconds()}, 0);
        filling_keys_.emplace_back(key, filling_.entry_bytes());
      }
    }
    (last_waiting_ == nullptr ? first_waiting_ : last_waiting_->next) = &ticket;
    last_waiting_ = &ticket;
  }
  filled_.notify_one();
  return {};
}

// Whether it was posted before: then its ticket waits for that to be durable.
Result<bool> Log::LookUpKeyLocked(const Post& post, Ticket& ticket) {
  if (failure_) return *failure_;
  if (stopping_) return Error{Code::kShuttingDown, "the intake log takes no more: the server stops"};
  const uint64_t now = NowSeconds();
  keys_.Expire(now - std::min(now, options_.key_seconds));
  const Hash128 key = KeyOf(post.source, post.key);
  if (const KeyTable::Known* known = keys_.Find(key)) {
    if (known->digest != post.digest.low) {
      return Error{Code::kAlreadyExists,
                   fmt::format("Idempotency-Key '{}' came with another body before; give each post a key of its own",
                               post.key.substr(0, 80))};
    }
    ticket.repeats = key;
    return true;
  }
  if (keys_.size() < options_.keys_max) return false;
  return Error{Code::kLimit, fmt::format("{} Idempotency-Keys of the last {} hours are kept, the limit; post without "
                                         "one, or later",
                                         keys_.size(), options_.key_seconds / 3600)};
}

void Log::SettleKeysLocked(const std::vector<std::pair<Hash128, uint64_t>>& keys, uint64_t begin, bool durable) {
  for (const auto& [key, end] : keys) {
    KeyTable::Known* const known = keys_.Find(key);
    if (known != nullptr && durable) known->end_offset = begin + end;
    if (known != nullptr && !durable) keys_.Remove(key);
  }
}

// A ticket that repeats another waits behind it, so that this one's fate is known by now.
void Log::SettleRepeatsLocked(Ticket* tickets) {
  for (Ticket* ticket = tickets; ticket != nullptr; ticket = ticket->next) {
    if (!ticket->repeats) continue;
    const KeyTable::Known* const known = keys_.Find(*ticket->repeats);
    if (known != nullptr && known->end_offset != 0) {
      ticket->end_offset = known->end_offset;
    } else {
      ticket->end_offset = Error{Code::kUnavailable, "the post that had this Idempotency-Key was not taken; try again"};
    }
  }
}

void Log::WriteFrames() {
  std::unique_lock lock(mutex_);
  int64_t repair_at_us = 0;
  for (;;) {
    const auto has_work = [&] { return stopping_ || first_waiting_ != nullptr; };
    if (write_trouble_ && !failure_) {
      filled_.wait_for(lock, std::chrono::microseconds(options_.retry_us), has_work);
      if (!stopping_ && clock::MonotonicUs() >= repair_at_us) {
        lock.unlock();
        const Result<void> repaired = Repair();
        lock.lock();
        NoteLocked(repaired, "the intake log takes nothing until the disk does", write_trouble_);
        repair_at_us = clock::MonotonicUs() + options_.retry_us;
        continue;
      }
    } else {
      filled_.wait(lock, has_work);
    }
    if (first_waiting_ == nullptr && stopping_) break;
    if (first_waiting_ == nullptr) continue;
    std::swap(filling_, writing_);
    filling_.Clear();
    const std::vector<std::pair<Hash128, uint64_t>> keys = std::exchange(filling_keys_, {});
    Ticket* const tickets = std::exchange(first_waiting_, nullptr);
    last_waiting_ = nullptr;
    std::optional<Error> failure = failure_ ? failure_ : write_trouble_;
    lock.unlock();

    const uint64_t begin = durable_end();
    uint64_t end = begin;
    const int64_t began_us = clock::MonotonicUs();
    const bool any = writing_.entries() > 0;  // not when all repeat others
    if (!failure && any) {
      if (const Result<void> written = WriteFrame(writing_, &end); !written) failure = written.error();
      if (failure && !EndsLog(*failure) && failure->code != Code::kDiskFull) failure->code = Code::kUnavailable;
    }
    totals_.syncs_us += static_cast<uint64_t>(clock::MonotonicUs() - began_us);
    for (Ticket* ticket = tickets; ticket != nullptr; ticket = ticket->next) {
      if (ticket->repeats) continue;
      if (failure) {
        ticket->end_offset = *failure;
      } else {
        ticket->end_offset = begin + *ticket->end_offset;
        ++totals_.posts;
      }
    }
    lock.lock();
    if (failure && EndsLog(*failure)) FailLocked(*failure);
    if (failure && !write_trouble_ && (torn_blocks_ > 0 || segment_due_)) {
      NoteLocked(*failure, "the intake log takes nothing until the disk does", write_trouble_);
      repair_at_us = clock::MonotonicUs() + options_.retry_us;
    }
    SettleKeysLocked(keys, begin, !failure);
    if (!keys.empty()) segments_.back()->has_keys = true;
    if (!failure && any) {
      const int64_t now_us = clock::NowUs();
      if (marks_.empty() || (now_us >= marks_.back().at_us + kMarkEveryUs && marks_.size() < kMarksMax)) {
        marks_.push_back({begin, now_us});
      }
      durable_end_.store(end, std::memory_order_release);
      totals_.bytes += end - begin;
      ++totals_.frames;
    }
    SettleRepeatsLocked(tickets);
    lock.unlock();
    durable_.notify_all();
    completed_(tickets);
    lock.lock();
  }
  writer_done_ = true;
  keeper_.notify_one();
}

// Fenced, Corruption: nothing more can be written. Any other error: nothing was told to anybody, and what the disk may hold
// of the frame is wiped by Repair() before the next one takes its place.
Result<void> Log::WriteFrame(FrameBuilder& frame, uint64_t* end_offset) {
  std::shared_ptr<Segment> segment;
  {
    std::lock_guard lock(mutex_);
    segment = segments_.back();
  }
  const size_t blocks = RoundUpToPage(BlocksOf(frame.entry_bytes()));
  if (next_block_ + blocks > segment->header.bytes / kBlockBytes) {
    DH_TRY(NextSegment());
    std::lock_guard lock(mutex_);
    segment = segments_.back();
  }
  FrameHeader header;
  header.sequence = next_sequence_;
  header.synced_through = next_sequence_ - 1;
  header.stream_offset = durable_end();
  header.written_at_us = clock::NowUs();
  const std::string_view pages = frame.Seal(header, segment->header.nonce, next_block_);
  if (const Result<void> written = files_->WriteFrame(*segment, next_block_, pages); !written) {
    if (!EndsLog(written.error())) torn_blocks_ = static_cast<uint32_t>(blocks);
    return written;
  }
  next_block_ += static_cast<uint32_t>(blocks);
  blocks_left_ = segment->header.bytes / kBlockBytes - next_block_;
  ++next_sequence_;
  *end_offset = header.stream_offset + frame.entry_bytes();
  return {};
}

Result<void> Log::NextSegment() {
  {
    std::unique_lock lock(mutex_);
    spare_ready_.wait(lock, [&] { return !spare_wanted_ || spare_trouble_ || failure_; });
    if (failure_) return *failure_;
    if (spare_wanted_) return *spare_trouble_;
  }
  Result<std::shared_ptr<Segment>> next = files_->Activate(next_sequence_, durable_end());
  if (!next) {
    Error error = files_->Explain(next.error());
    segment_due_ = !EndsLog(error);
    if (error.code == Code::kNotFound) {  // somebody removed the spare: another one is made
      std::lock_guard lock(mutex_);
      spare_wanted_ = true;
      keeper_.notify_one();
    }
    return error;
  }
  segment_due_ = false;
  next_block_ = kFirstFrameBlock;
  blocks_left_ = (*next)->header.bytes / kBlockBytes - next_block_;
  {
    std::lock_guard lock(mutex_);
    segments_.push_back(*std::move(next));
    spare_wanted_ = true;
  }
  keeper_.notify_one();
  return {};
}

// What a failed write may have left is wiped, so that a shorter frame in its place has zeros behind it; a segment that
// could not be begun is begun.
Result<void> Log::Repair() {
  if (torn_blocks_ > 0) {
    std::shared_ptr<Segment> segment;
    {
      std::lock_guard lock(mutex_);
      segment = segments_.back();
    }
    DH_TRY(files_->WipeFrame(*segment, next_block_, torn_blocks_));
    torn_blocks_ = 0;
  }
  if (segment_due_) DH_TRY(NextSegment());
  return {};
}

void Log::FailLocked(Error error) {
  if (failure_) return;
  failure_ = std::move(error);
  log::Error("the intake log takes nothing more: {}", failure_->message);
  filled_.notify_all();
  keeper_.notify_all();
  spare_ready_.notify_all();
  if (options_.ended) options_.ended();
}

// Remembers what the disk refuses, says it once, and forgets it when it works.
void Log::NoteLocked(const Result<void>& tried, std::string_view what, std::optional<Error>& trouble) {
  if (tried) {
    if (trouble) log::Info("the disk works again; it had refused: {}", trouble->message);
    trouble.reset();
    return;
  }
  Error error = files_->Explain(tried.error());
  if (EndsLog(error)) return FailLocked(std::move(error));
  if (error.code != Code::kDiskFull) error.code = Code::kUnavailable;
  if (!trouble || trouble->message != error.message) log::Error("{}: {}", what, error.message);
  trouble = std::move(error);
}

// Makes the next segment's file before it is wanted, and removes those nobody reads any more.
void Log::KeepSegments() {
  std::unique_lock lock(mutex_);
  bool more_zeros = false;
  for (;;) {
    const auto has_work = [&] { return writer_done_ || failure_ || spare_wanted_ || MayForgetLocked(); };
    bool works = true;
    if (spare_trouble_ || forget_trouble_) {
      keeper_.wait_for(lock, std::chrono::microseconds(options_.retry_us), [&] { return writer_done_ || failure_; });
    } else {
      if (!more_zeros) keeper_.wait(lock, has_work);
      works = keeper_.wait_for(lock, kZerosEvery, has_work);
    }
    if (writer_done_ || failure_) return;
    const bool wanted = spare_wanted_;
    lock.unlock();
    if (!works) more_zeros = files_->WriteZeros();
    const Result<void> healthy = files_->CheckHealth();
    const Result<void> forgotten = healthy ? Forget() : healthy;
    const Result<void> made = wanted ? files_->PrepareSpare(options_.segment_bytes) : Result<void>();
    lock.lock();
    NoteLocked(forgotten, "what all have read of the intake log cannot be removed", forget_trouble_);
    NoteLocked(made, "the intake log cannot grow", spare_trouble_);
    if (wanted && made) {
      spare_wanted_ = false;
      more_zeros = true;
    }
    spare_ready_.notify_all();
  }
}

bool Log::MayForgetLocked() const {
  return segments_.size() > 1 && segments_[1]->header.base_offset <= SlowestLocked();
}

// The oldest first, and the next one only when that is gone: a gap would be damage to the next start. A segment leaves the
// list behind its file.
Result<void> Log::Forget() {
  for (;;) {
    std::shared_ptr<Segment> spent;
    {
      std::lock_guard lock(mutex_);
      if (!MayForgetLocked()) return {};
      spent = segments_.front();
    }
    if (spent->has_keys) DH_TRY(KeepKeys(*spent));
    DH_TRY(files_->Remove(*spent));
    std::lock_guard lock(mutex_);
    segments_.pop_front();
  }
}

// The keys of a segment that leaves, so far as they still count, go to a file of their own. Once in two files, twice known
// the same: a death in between is harmless.
Result<void> Log::KeepKeys(const Segment& segment) {
  const uint64_t now = NowSeconds();
  const auto counts = [&](uint64_t posted_at) { return posted_at + options_.key_seconds >= now; };
  std::vector<PostedKey> keys = key_file_keys_;
  std::erase_if(keys, [&](const PostedKey& key) { return !counts(key.posted_at); });
  const size_t before = keys.size();
  std::vector<char> entries;
  const auto collect = [&](const ScannedFrame& frame) -> Result<void> {
    CopyEntries(frame.blocks, frame.header, entries);
    EntryCursor cursor({entries.data(), entries.size()}, frame.header.stream_offset);
    for (Entry found; DH_TRY(cursor.Next(&found));) {
      const uint64_t posted_at = SecondsOf(frame.header.written_at_us);
      if (!found.key.empty() && counts(posted_at)) {
        keys.push_back({KeyOf(found.source, found.key), found.digest.low, posted_at});
      }
    }
    return {};
  };
  DH_TRY(files_->Scan(segment, collect));
  while (!key_files_.empty() && !counts(key_files_.front().second)) {
    DH_TRY(files_->RemoveFile(key_files_.front().first));
    key_files_.erase(key_files_.begin());
  }
  if (keys.size() == before) return {};
  const std::string name = KeyFileName(segment.header.first_sequence);
  DH_TRY(files_->WriteFile(name, KeyFileText(keys)));
  if (!key_file_.empty() && key_file_ != name) DH_TRY(files_->RemoveFile(key_file_));
  key_file_ = name;
  key_file_keys_ = std::move(keys);
  if (key_file_keys_.size() < kKeyFileKeysMax) return {};
  key_files_.emplace_back(std::exchange(key_file_, ""), key_file_keys_.back().posted_at);
  key_file_keys_.clear();
  return {};
}

// Before posts come. Keys that the segments showed are newer, and stay.
Result<void> Log::LoadKeys(const std::vector<std::string>& files) {
  const uint64_t now = NowSeconds();
  for (const std::string& name : files) {
    const std::string bytes = DH_TRY(files_->ReadFile(name));
    const std::vector<PostedKey> keys = DH_TRY(ReadKeyFile(bytes, name));
    uint64_t newest = 0;
    for (const PostedKey& key : keys) {
      newest = std::max(newest, key.posted_at);
      const bool counts = key.posted_at + options_.key_seconds >= now;
      if (counts && keys_.Find(key.key) == nullptr) keys_.Add(key, 1);  // long durable, and read by all
    }
    key_files_.emplace_back(name, newest);
  }
  keys_.SortByAge();
  return {};
}

uint64_t Log::begin_offset() const {
  std::lock_guard lock(mutex_);
  return segments_.front()->header.base_offset;
}

uint64_t Log::SlowestLocked() const {
  uint64_t slowest = readers_.empty() ? 0 : UINT64_MAX;
  for (const auto& [name, position] : readers_) slowest = std::min(slowest, position);
  return std::max(slowest, segments_.front()->header.base_offset);
}

uint64_t Log::waiting_bytes() const {
  std::lock_guard lock(mutex_);
  const uint64_t end = durable_end();
  return end - std::min(end, SlowestLocked());
}

std::optional<Error> Log::failure() const {
  std::lock_guard lock(mutex_);
  return failure_;
}

std::optional<Error> Log::trouble() const {
  std::lock_guard lock(mutex_);
  for (const std::optional<Error>* one : {&failure_, &write_trouble_, &spare_trouble_, &forget_trouble_}) {
    if (*one) return *one;
  }
  return std::nullopt;
}

bool Log::WaitFor(uint64_t beyond, int64_t timeout_us) const {
  std::unique_lock lock(mutex_);
  durable_.wait_for(lock, std::chrono::microseconds(timeout_us), [&] { return stopping_ || durable_end() > beyond; });
  return durable_end() > beyond;
}

Result<std::shared_ptr<const Segment>> Log::SegmentOf(uint64_t offset) const {
  std::lock_guard lock(mutex_);
  const auto behind =
      std::ranges::upper_bound(segments_, offset, {}, [](const auto& segment) { return segment->header.base_offset; });
  if (behind == segments_.begin()) {
    return Error{Code::kNotFound, fmt::format("the intake log begins at {}, what was at {} is gone",
                                              segments_.front()->header.base_offset, offset)};
  }
  return std::shared_ptr<const Segment>(*std::prev(behind));
}

void Log::Register(const std::string& reader, uint64_t position) {
  {
    std::lock_guard lock(mutex_);
    readers_[reader] = position;
  }
  keeper_.notify_one();
}

void Log::Release(const std::string& reader, uint64_t position) {
  {
    std::lock_guard lock(mutex_);
    uint64_t& known = readers_[reader];
    known = std::max(known, position);
  }
  keeper_.notify_one();
}

uint64_t Log::released(std::string_view reader) const {
  std::lock_guard lock(mutex_);
  const auto known = readers_.find(reader);
  return known == readers_.end() ? 0 : known->second;
}

}  // namespace datahub::intake
