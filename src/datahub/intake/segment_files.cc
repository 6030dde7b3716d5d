#include "datahub/intake/segment_files.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "datahub/base/clock.h"
#include "datahub/base/crash_point.h"
#include "datahub/intake/key_table.h"
#include "datahub/storage/folder_tree.h"

namespace datahub::intake {
namespace {

namespace fs = std::filesystem;
using storage::PosixFile;

constexpr std::string_view kFolderPrefix = "log-";
constexpr std::string_view kUnfinished = "making";
constexpr std::string_view kSpare = "spare.tmp";
constexpr std::string_view kTemporary = ".tmp";
constexpr size_t kZerosBytes = 256u << 10;

Error TakenOver(const std::string& folder) {
  return {Code::kFenced, fmt::format("the intake log {} was taken over by another process: this one stops", folder)};
}

Result<uint64_t> RandomBits() {
  uint64_t bits = 0;
  if (::getrandom(&bits, sizeof(bits), 0) != sizeof(bits)) return ErrnoError(errno, "cannot get random bits");
  return bits;
}

Result<std::vector<std::string>> NamesIn(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code failure;
  for (fs::directory_iterator at(folder, failure), end; !failure && at != end; at.increment(failure)) {
    names.push_back(at->path().filename());
  }
  if (failure) return storage::FileError(failure.value(), "list", folder);
  std::ranges::sort(names);
  return names;
}

Result<std::string> ReadWhole(const PosixFile& file) {
  std::string image;
  image.resize(DH_TRY(file.Size()));
  image.resize(DH_TRY(file.ReadAt(0, image.data(), image.size())));
  return image;
}

}  // namespace

template <class F>
auto SegmentFiles::Call(std::string_view what, F&& call) -> decltype(call()) {
  if (faults_ != nullptr) return faults_->Run(what, std::forward<F>(call));
  return call();
}

Result<void> SegmentFiles::Rename(const std::string& from, const std::string& to) {
  return Call("rename", [&]() -> Result<void> {
    if (::rename(from.c_str(), to.c_str()) == 0) return {};
    return storage::FileError(errno, "rename " + from + " to", to);
  });
}

Result<bool> SegmentFiles::Unlink(const std::string& path) {
  return Call("unlink", [&] { return storage::UnlinkIfThere(path); });
}

Result<void> SegmentFiles::SyncFolder() {
  PosixFile folder = DH_TRY(Call("open folder", [&] { return PosixFile::OpenFolder(folder_); }));
  return Call("sync folder", [&] { return folder.SyncNames(health_); });
}

// In the place of one that may have the name.
Result<void> SegmentFiles::WriteFile(const std::string& name, std::string_view bytes) {
  const std::string temporary = Path(name + std::string(kTemporary));
  DH_TRY(Unlink(temporary));
  const auto write = [&]() -> Result<void> {
    PosixFile file = DH_TRY(Call("create file", [&] { return PosixFile::CreateNew(temporary); }));
    DH_TRY(Call("write file", [&] { return file.Write(bytes); }));
    CrashPoint("intake.file_written");
    return Call("sync file", [&] { return file.SyncData(health_); });
  };
  if (const Result<void> written = write(); !written) {
    (void)storage::UnlinkIfThere(temporary);  // it takes room that may be what is wanting
    return written;
  }
  CrashPoint("intake.file_synced");
  DH_TRY(Rename(temporary, Path(name)));
  CrashPoint("intake.file_renamed");
  return SyncFolder();
}

Result<std::string> SegmentFiles::ReadFile(const std::string& name) {
  const PosixFile file = DH_TRY(Call("open file", [&] { return PosixFile::OpenForReading(Path(name)); }));
  return ReadWhole(file);
}

// Not synced: what comes back holds nothing that is not known.
Result<void> SegmentFiles::RemoveFile(const std::string& name) {
  DH_TRY(Unlink(Path(name)));
  return {};
}

Result<void> SegmentFiles::Scan(const Segment& segment, const std::function<Result<void>(const ScannedFrame&)>& frame) {
  const std::string image = DH_TRY(Call("read segment", [&] { return ReadWhole(segment.file); }));
  DH_TRY(ScanSegment(image, segment.header, segment.file.path(), frame));
  return {};
}

Result<std::shared_ptr<Segment>> SegmentFiles::WriteSegment(const std::string& name, std::string_view image) {
  DH_TRY(WriteFile(name, image));
  auto segment = std::make_shared<Segment>();
  segment->file = DH_TRY(PosixFile::OpenForUpdate(Path(name)));
  segment->header = DH_TRY(ReadHeader(image.substr(0, kPageBytes), image.size(), Path(name)));
  return segment;
}

// The folder appears with its first segment in it.
Result<void> SegmentFiles::MakeFirst(const std::string& path, uint64_t segment_bytes) {
  folder_ = path + "/" + std::string(kUnfinished);
  std::error_code failure;
  fs::remove_all(folder_, failure);
  if (::mkdir(folder_.c_str(), 0700) != 0) return storage::FileError(errno, "make", folder_);
  SegmentHeader header;
  header.log_id = DH_TRY(RandomBits());
  header.nonce = DH_TRY(RandomBits());
  header.first_sequence = 1;
  header.bytes = segment_bytes;
  header.made_at_us = clock::NowUs();
  std::string image = HeaderPage(header);
  image.resize(segment_bytes);
  DH_TRY(WriteFile(SegmentName(1), image));
  const std::string final_folder = path + "/" + std::string(kFolderPrefix) + "000000";
  DH_TRY(Rename(folder_, final_folder));
  folder_ = final_folder;
  return {};
}

Result<SegmentFiles::Opened> SegmentFiles::Open(const std::string& folder, uint64_t segment_bytes, FaultPlan* faults,
                                                const std::function<Result<void>(const ScannedFrame&)>& frame) {
  DH_ASSERT(segment_bytes >= kSegmentBytesMin && segment_bytes <= kSegmentBytesMax && segment_bytes % kPageBytes == 0);
  DH_TRY(storage::FolderTree::MakeRoot(folder, storage::Access::kPrivate));
  std::vector<std::string> logs;
  for (std::string& name : DH_TRY(NamesIn(folder))) {
    if (name.starts_with(kFolderPrefix)) logs.push_back(std::move(name));
  }
  if (logs.size() > 1) {
    return Error{Code::kCorruption, fmt::format("{} holds {} logs ({}, {}); one of them was put there by hand: move it "
                                                "away",
                                                folder, logs.size(), logs[0], logs[1])};
  }
  std::unique_ptr<SegmentFiles> files(new SegmentFiles("", faults));
  if (logs.empty()) {
    DH_TRY(files->MakeFirst(folder, segment_bytes));
    logs.push_back(std::string(kFolderPrefix) + "000000");
  }
  const uint64_t turn = std::strtoull(logs[0].c_str() + kFolderPrefix.size(), nullptr, 10);
  files->folder_ = fmt::format("{}/{}{:06}", folder, kFolderPrefix, turn + 1);
  DH_TRY(files->Rename(folder + "/" + logs[0], files->folder_));
  CrashPoint("intake.log_renamed");
  PosixFile parent = DH_TRY(PosixFile::OpenFolder(folder));
  DH_TRY(files->Call("sync intake folder", [&] { return parent.SyncNames(files->health_); }));
  SegmentFiles& mine = *files;
  Opened opened = DH_TRY(mine.Recover(frame));
  opened.files = std::move(files);
  return opened;
}

Result<SegmentFiles::Opened> SegmentFiles::Recover(const std::function<Result<void>(const ScannedFrame&)>& frame) {
  Opened opened;
  std::vector<std::string> names;
  for (const std::string& name : DH_TRY(NamesIn(folder_))) {
    if (name.ends_with(kTemporary)) {
      DH_TRY(Unlink(Path(name)));
    } else if (ParseSegmentName(name)) {
      names.push_back(name);
    } else if (IsKeyFileName(name)) {
      opened.key_files.push_back(name);
    } else {
      return Error{Code::kCorruption, fmt::format("{} is not the log's; move it away", Path(name))};
    }
  }
  if (names.empty()) return Error{Code::kCorruption, fmt::format("the intake log in {} has no segment", folder_)};
  RowScan row;
  for (const std::string& name : names) {
    const std::string path = Path(name);
    PosixFile file = DH_TRY(Call("open segment", [&] { return PosixFile::OpenForUpdate(path); }));
    std::string image = DH_TRY(Call("read segment", [&] { return ReadWhole(file); }));
    const SegmentHeader header = DH_TRY(row.Add(name, image, path, frame));
    if (&name != &names.back()) {
      auto segment = std::make_shared<Segment>();
      segment->file = std::move(file);
      segment->header = header;
      opened.segments.push_back(std::move(segment));
      continue;
    }
    // What was read may be in the page cache alone: nothing is built on it before a synced copy has its place.
    SegmentHeader fresh = header;
    fresh.nonce = DH_TRY(RandomBits());
    fresh.made_at_us = clock::NowUs();
    const ScanResult& scan = row.result();
    const size_t end = size_t(scan.next_block) * kBlockBytes;
    std::memset(image.data() + end, 0, image.size() - end);
    uint32_t sequence = 0;
    for (uint32_t block = kFirstFrameBlock; block < scan.next_block; ++block) {
      char* const at = image.data() + size_t(block) * kBlockBytes;
      if (LookAtBlock(at, header.nonce, block, &sequence) == BlockState::kGood) {
        SealBlock(at, fresh.nonce, block, sequence);
      }
    }
    HeaderPage(fresh).copy(image.data(), kPageBytes);
    opened.segments.push_back(DH_TRY(WriteSegment(name, image)));
  }
  log_id_ = row.log_id();
  opened.next_sequence = row.result().next_sequence;
  opened.end_offset = row.result().end_offset;
  opened.next_block = row.result().next_block;
  opened.torn = row.result().torn;
  return opened;
}

// Not synced: the sync of its header covers its size too.
Result<void> SegmentFiles::PrepareSpare(uint64_t segment_bytes) {
  const std::string path = Path(kSpare);
  if (DH_TRY(storage::FileExists(path))) return {};
  const std::string making = Path(std::string(kUnfinished) + std::string(kTemporary));
  DH_TRY(Unlink(making));
  const auto make = [&]() -> Result<void> {
    PosixFile file = DH_TRY(Call("create spare", [&] { return PosixFile::CreateNew(making); }));
    DH_TRY(Call("reserve segment", [&] { return file.Reserve(segment_bytes); }));
    return Rename(making, path);
  };
  if (const Result<void> made = make(); !made) {
    (void)storage::UnlinkIfThere(making);
    return made;
  }
  std::lock_guard lock(spare_mutex_);
  spare_ = DH_TRY(PosixFile::OpenForUpdate(path));
  spare_zeros_ = 0;
  return {};
}

bool SegmentFiles::WriteZeros() {
  static const std::string zeros(kZerosBytes, '\0');
  std::lock_guard lock(spare_mutex_);
  if (!spare_) return false;
  const auto write = [&]() -> Result<bool> {
    const uint64_t left = DH_TRY(spare_->Size()) - spare_zeros_;
    const size_t count = std::min<uint64_t>(left, kZerosBytes);
    DH_TRY(spare_->WriteAt(spare_zeros_, std::string_view(zeros).substr(0, count)));
    DH_TRY(spare_->SyncData(health_));
    spare_zeros_ += count;
    return left > count;
  };
  const Result<bool> more = write();  // without them it is slower, and nothing else
  if (!more || !*more) spare_.reset();
  return spare_.has_value();
}

Result<std::shared_ptr<Segment>> SegmentFiles::Activate(uint64_t first_sequence, uint64_t base_offset) {
  const std::string spare = Path(kSpare);
  const std::string path = Path(SegmentName(first_sequence));
  {
    std::lock_guard lock(spare_mutex_);
    spare_.reset();
  }
  const bool named = ready_ && ready_->first_sequence == first_sequence && DH_TRY(storage::FileExists(path));
  if (!named) {
    PosixFile file = DH_TRY(Call("open spare", [&] { return PosixFile::OpenForUpdate(spare); }));
    SegmentHeader header;
    header.log_id = log_id_;
    header.nonce = DH_TRY(RandomBits());
    header.first_sequence = first_sequence;
    header.base_offset = base_offset;
    header.bytes = DH_TRY(file.Size());
    header.made_at_us = clock::NowUs();
    DH_TRY(Call("write header", [&] { return file.WriteAt(0, HeaderPage(header)); }));
    DH_TRY(Call("sync header", [&] { return file.SyncData(health_); }));
    CrashPoint("intake.header_synced");
    ready_ = header;
    DH_TRY(Rename(spare, path));
    CrashPoint("intake.segment_linked");
  }
  DH_TRY(SyncFolder());
  auto segment = std::make_shared<Segment>();
  segment->file = DH_TRY(Call("open segment", [&] { return PosixFile::OpenForUpdate(path); }));
  segment->header = *std::exchange(ready_, std::nullopt);
  return segment;
}

Result<void> SegmentFiles::Remove(const Segment& segment) {
  const bool there = DH_TRY(Unlink(segment.file.path()));
  if (there) CrashPoint("intake.segment_removed");
  return SyncFolder();
}

Result<void> SegmentFiles::WriteFrame(Segment& segment, uint32_t first_block, std::string_view pages) {
  DH_TRY(health_.Check());
  DH_TRY(Call("write frame", [&] { return segment.file.WriteAt(uint64_t(first_block) * kBlockBytes, pages); }));
  CrashPoint("intake.frame_written");
  DH_TRY(SyncFrame(segment));
  CrashPoint("intake.frame_synced");
  if (segment.file.IsStillThere()) return {};
  return TakenOver(folder_);
}

Result<void> SegmentFiles::WipeFrame(Segment& segment, uint32_t first_block, uint32_t blocks) {
  DH_TRY(health_.Check());
  const std::string zeros(size_t(blocks) * kBlockBytes, '\0');
  DH_TRY(Call("wipe frame", [&] { return segment.file.WriteAt(uint64_t(first_block) * kBlockBytes, zeros); }));
  return SyncFrame(segment);
}

// Whatever it says: a second sync would know nothing of what the first one lost.
Result<void> SegmentFiles::SyncFrame(Segment& segment) {
  Result<void> synced = Call("sync frame", [&] { return segment.file.SyncData(health_); });
  if (synced) return synced;
  Error error = synced.error();
  error.code = Code::kCorruption;
  return error;
}

Error SegmentFiles::Explain(Error error) const {
  const auto there = storage::FileExists(folder_);
  return there && !*there ? TakenOver(folder_) : std::move(error);
}

}  // namespace datahub::intake
