#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "datahub/base/result.h"
#include "datahub/storage/store.h"

namespace datahub::storage {

inline constexpr std::string_view kUnseenFolder = ".unseen";
inline constexpr size_t kKeyBytesMax = 1024;     // what S3 takes
inline constexpr size_t kKeyPartBytesMax = 255;  // what a local file system takes

// InvalidInput unless the key stays below the root and outside the unseen folder on every kind of store.
Result<void> CheckKey(const ObjectKey& key);
// Letters, digits and '-' only: it becomes a folder's name.
Result<void> CheckIncarnationName(std::string_view incarnation);
// ".unseen/<incarnation>/<name>", nothing else: what the ledger hands back is looked at before it becomes a path.
Result<void> CheckUnseenName(std::string_view unseen);

// "a/b/c" -> "a/b"; "c" -> "".
std::string_view FolderOf(std::string_view path);
// "a/b/c" -> "c".
std::string_view BaseOf(std::string_view path);

}  // namespace datahub::storage
