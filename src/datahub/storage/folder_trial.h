#pragma once

#include <cstdint>
#include <string>

#include "datahub/base/result.h"

namespace datahub::storage {

// What a folder's file system was seen to do.
struct FolderTrial {
  int64_t sync_us = 0;      // one file and its folder
  std::string file_system;  // "ext4", or its number in hexadecimal
  bool in_memory = false;   // nothing in it outlives the machine's power
  bool networked = false;   // SQLite's write-ahead log needs shared memory, which these do not have
};

// Tries in an existing folder what commits rely on: writing, syncing files and names, renaming without replacing. Works in
// <folder>/.datahub-doctor-<random>, which is gone afterwards.
// Errors   what the system said, with what a person does next
Result<FolderTrial> TryFolder(const std::string& folder);

}  // namespace datahub::storage
