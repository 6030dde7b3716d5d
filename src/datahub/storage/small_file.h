#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "datahub/base/result.h"
#include "datahub/storage/posix_file.h"

namespace datahub::storage {

// Small files that say something about a folder: an earlier or a later text, never a half one.

// Written aside (<path>.new-<process>), synced, renamed, and the folder synced: durable when it returns.
Result<void> ReplaceFile(const std::string& path, std::string_view text, Access access);
// Nothing when there is none; Limit when it is larger than 1 MiB.
Result<std::optional<std::string>> ReadSmallFile(const std::string& path);

}  // namespace datahub::storage
