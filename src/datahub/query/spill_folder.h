#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace datahub::query {

// A folder of its own for what one query spills, as a descriptor: the query's process is given no path. Locked as long as this or
// that process lives; removed with all in it at the end, or by the next one made beside it when both were killed.
class SpillFolder {
 public:
  // None: nothing can be spilled.
  SpillFolder() = default;
  // `prefix`-<process>-<number>. None when it cannot be made (a project that can only be read).
  static SpillFolder Make(const std::string& prefix);

  SpillFolder(SpillFolder&& other) noexcept
      : path_(std::exchange(other.path_, {})), descriptor_(std::exchange(other.descriptor_, -1)) {}
  SpillFolder& operator=(SpillFolder&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~SpillFolder();

  int descriptor() const { return descriptor_; }  // -1: none
  uint64_t free_bytes() const;
  uint64_t used_bytes() const;

 private:
  std::string path_;
  int descriptor_ = -1;
};

}  // namespace datahub::query
