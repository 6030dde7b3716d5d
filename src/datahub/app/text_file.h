#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "datahub/base/result.h"

namespace datahub::app {

// A regular file's bytes. NotFound, Limit (more than `bytes_max`), InvalidInput (a folder, a device), or what the system said.
Result<std::string> ReadTextFile(const std::string& path, size_t bytes_max);

// Creates the file, which must not exist. Not synced: it is text that could be written again.
Result<void> WriteNewTextFile(const std::string& path, std::string_view text);

}  // namespace datahub::app
