#include "datahub/source/files/files_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "datahub/base/clock.h"
#include "datahub/source/files/files_source.h"
#include "datahub/source/files/glob.h"

namespace datahub::source::files {

Result<void> Check(const SourceSpec& spec) {
  DH_TRY(Settings::From(spec));
  return {};
}

Result<Roster> OpenRoster(const SourceSpec& spec, const Settings& settings, const Positions& committed) {
  Result<Roster> roster = Roster::From(committed, settings.base_folder, settings.access);
  if (roster) return roster;
  std::string message = fmt::format("source {}: {}", spec.name, roster.error().message);
  if (roster.error().code == Code::kConflict) message += fmt::format(" (datahub reset --source {})", spec.name);
  return Error{roster.error().code, std::move(message)};
}

Result<std::unique_ptr<Reader>> Open(const SourceSpec& spec, const Positions& committed, const ReaderOptions& options) {
  Settings settings = DH_TRY(Settings::From(spec));
  Roster roster = DH_TRY(OpenRoster(spec, settings, committed));
  return std::make_unique<FilesReader>(std::move(settings), std::move(roster), options);
}

FilesReader::FilesReader(Settings settings, Roster roster, const ReaderOptions& options)
    : settings_(std::move(settings)), roster_(std::move(roster)), options_(options), pool_(options.chunk_bytes) {}

Result<std::shared_ptr<record::Chunk>> FilesReader::Next() {
  std::shared_ptr<record::Chunk> chunk = DH_TRY(NextOfQueue());
  // Once more where some waited for a neighbour that was to be read first.
  for (int looks = 0; !chunk && (looks == 0 || (looks == 1 && roster_.wait())); ++looks) {
    Look();
    chunk = DH_TRY(NextOfQueue());
  }
  CountAhead();
  if (!chunk) return Conclude();
  return chunk;
}

// Only ShuttingDown is an error here; the others are kept for when all the rest is read.
Result<std::shared_ptr<record::Chunk>> FilesReader::NextOfQueue() {
  while (true) {
    if (stop_) return Error{Code::kShuttingDown, fmt::format("source {} was stopped", settings_.source)};
    if (!visit_) {
      if (queue_.empty()) return std::shared_ptr<record::Chunk>();
      visited_ = queue_.front().tracked;
      queue_bytes_ -= queue_.front().bytes;
      queue_.pop_front();
      Result<std::unique_ptr<FileVisit>> visit =
          FileVisit::Open(*visited_, {settings_, options_, pool_, roster_, notices_, stop_});
      if (!visit) Fail(visit.error());
      if (visit) visit_ = *std::move(visit);
      continue;
    }
    Result<std::shared_ptr<record::Chunk>> chunk = visit_->Next();
    if (!chunk && chunk.error().code == Code::kShuttingDown) continue;
    if (chunk && *chunk) return chunk;
    if (!chunk) Fail(chunk.error());
    visit_.reset();
  }
}

void FilesReader::Look() {
  FoundFiles found = FindFiles(settings_.patterns, settings_.base_folder, settings_.access);
  for (FoundFiles::Oddity& oddity : found.oddities) {
    notices_.PostState(oddity.path, {"", std::move(oddity.kind), std::move(oddity.message)});
  }
  std::vector<Error> errors = std::move(found.errors);
  for (const Sighting& sighting : roster_.Match(found.files, notices_, errors, stop_)) {
    if (!IsNew(sighting)) continue;
    const uint64_t size = sighting.file->stat.size;
    const uint64_t ahead = size - std::min(size, sighting.tracked->position.at);
    queue_.push_back({sighting.tracked, ahead});
    queue_bytes_ += ahead;
  }
  for (Error& error : errors) Fail(std::move(error));
}

bool FilesReader::IsNew(const Sighting& sighting) const {
  const Tracked& tracked = *sighting.tracked;
  if (tracked.seen != sighting.file->stat) return true;
  return !tracked.seen_complete && tracked.waiting && settings_.IsComplete(*tracked.seen, clock::NowUs());
}

void FilesReader::Fail(Error error) {
  error.message = fmt::format("source {}: {}", settings_.source, error.message);
  errors_.push_back(std::move(error));
}

Result<std::shared_ptr<record::Chunk>> FilesReader::Conclude() {
  for (const std::unique_ptr<Tracked>& tracked : roster_.all()) {
    if (tracked->bound && tracked->waiting) notices_.PostState(tracked->position.path, *tracked->waiting);
  }
  if (errors_.empty()) return std::shared_ptr<record::Chunk>();
  Error first = std::move(errors_.front());
  if (errors_.size() > 1) first.message += fmt::format(" (and {} more like this)", errors_.size() - 1);
  errors_.clear();
  return first;
}

// A file is read anew from its committed position by the next reader, so there is nothing to give back.
Result<void> FilesReader::Acknowledge(const std::map<std::string, std::string>&) { return {}; }

void FilesReader::CountAhead() { bytes_ahead_ = queue_bytes_ + (visit_ ? visit_->BytesAhead() : 0); }

}  // namespace datahub::source::files
