#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace datahub::source::files {

// A name as programs that rotate logs make it of another: <stem>[-DATE][.N][.gz or .zst].
struct RotatedName {
  std::string_view stem;
  std::string_view date = {};
  std::optional<uint64_t> number;
  bool compressed = false;

  static RotatedName Of(std::string_view name);
};

// Whether rotation may have made `name` of `before`: "+.N", ".N" to ".N+1", "+-DATE", "+.gz", "+.zst", and these one after
// another. A numbered name may be further on when it is compressed: renaming keeps the inode, compressing does not.
bool IsRotationOf(std::string_view name, std::string_view before);

}  // namespace datahub::source::files
