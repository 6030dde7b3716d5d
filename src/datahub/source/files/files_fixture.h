#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "datahub/source/compliance.h"
#include "datahub/source/registry.h"

namespace datahub::source::files {

// A folder of its own for a test, gone with it.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "dh-files-XXXXXX").string();
    root_ = ::mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(root_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  const std::string& root() const { return root_; }
  std::string Path(std::string_view name) const { return root_ + "/" + std::string(name); }

  void Write(std::string_view name, std::string_view bytes) const { Put(name, bytes, std::ios::trunc); }
  void Append(std::string_view name, std::string_view bytes) const { Put(name, bytes, std::ios::app); }
  void Rename(std::string_view from, std::string_view to) const { std::filesystem::rename(Path(from), Path(to)); }
  void Copy(std::string_view from, std::string_view to) const {
    std::filesystem::copy_file(Path(from), Path(to), std::filesystem::copy_options::overwrite_existing);
  }
  void Remove(std::string_view name) const { std::filesystem::remove(Path(name)); }
  void Truncate(std::string_view name, size_t size) const { std::filesystem::resize_file(Path(name), size); }
  // As if nobody had written to it for so long.
  void Age(std::string_view name, std::chrono::seconds age) const {
    const auto at = std::filesystem::last_write_time(Path(name));
    std::filesystem::last_write_time(Path(name), at - age);
  }

 private:
  void Put(std::string_view name, std::string_view bytes, std::ios::openmode mode) const {
    std::filesystem::create_directories(std::filesystem::path(Path(name)).parent_path());
    std::ofstream(Path(name), std::ios::binary | mode) << bytes;
  }
  std::string root_;
};

// A project's source over a folder, with what the ledger would keep: run after run.
class Runs {
 public:
  explicit Runs(const Folder& folder, std::string_view path = "./in/*") : folder_(folder) {
    spec_ = {
        .name = "inbox", .kind = "files", .base_folder = folder.root(), .options = {{"path", {std::string(path)}}}};
  }

  SourceSpec& spec() { return spec_; }
  ReaderOptions& options() { return options_; }
  std::map<std::string, std::string>& committed() { return committed_; }

  // Like `datahub run`: opens at what is committed, reads until drained, commits.
  std::vector<Delivered> Read() {
    Start();
    return Poll();
  }
  // A reader that stays, as in `datahub serve`: Start once, Poll again and again.
  void Start() {
    Result<std::unique_ptr<Reader>> reader = source::Open(spec_, committed_, options_);
    ASSERT_TRUE(reader) << reader.error().ToString();
    reader_ = *std::move(reader);
  }
  void Start(std::unique_ptr<Reader> reader) { reader_ = std::move(reader); }
  std::vector<Delivered> Poll() {
    std::vector<Delivered> all;
    while (true) {
      Result<std::shared_ptr<record::Chunk>> chunk = reader_->Next();
      if (!chunk) {
        error_ = chunk.error().ToString();
        break;
      }
      if (!*chunk) break;
      for (Delivered& record : RecordsOf(**chunk)) all.push_back(std::move(record));
      committed_[(*chunk)->shard] = (*chunk)->position_after;
    }
    notices_ = reader_->TakeNotices();
    return all;
  }

  Reader& reader() { return *reader_; }
  std::string TakeError() { return std::exchange(error_, ""); }
  const std::vector<Notice>& notices() const { return notices_; }
  // Kinds of the notices since the last read, "rotated renamed".
  std::string Kinds() const {
    std::string kinds;
    for (const Notice& notice : notices_) kinds += (kinds.empty() ? "" : " ") + notice.kind;
    return kinds;
  }

 private:
  const Folder& folder_;
  SourceSpec spec_;
  ReaderOptions options_;
  std::map<std::string, std::string> committed_;
  std::unique_ptr<Reader> reader_;
  std::vector<Notice> notices_;
  std::string error_;
};

inline std::vector<std::string> Texts(const std::vector<Delivered>& records) {
  std::vector<std::string> texts;
  for (const Delivered& record : records) texts.push_back(record.bytes);
  return texts;
}

using Strings = std::vector<std::string>;

// gzip and zstd as their own programs write them: one member or frame.
std::string Gzip(std::string_view bytes);
std::string Zstd(std::string_view bytes);

}  // namespace datahub::source::files
