#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "datahub/base/hash.h"
#include "datahub/source/files/identity.h"

namespace datahub::source::files {

// The last kIdentityBytes bytes that went by: what lies before a position, so that a resumed reader can tell whether the
// file still says what it said.
class TailWindow {
 public:
  void Append(std::string_view bytes) {
    if (bytes.size() >= kIdentityBytes) {
      bytes_.assign(bytes.substr(bytes.size() - kIdentityBytes));
      return;
    }
    const size_t keep = std::min(bytes_.size(), kIdentityBytes - bytes.size());
    bytes_.erase(0, bytes_.size() - keep);
    bytes_.append(bytes);
  }
  Hash128 Hash() const { return HashBytes(bytes_); }

 private:
  std::string bytes_;
};

}  // namespace datahub::source::files
