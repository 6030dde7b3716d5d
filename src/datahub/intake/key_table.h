#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "datahub/base/hash.h"
#include "datahub/base/result.h"

namespace datahub::intake {

// An Idempotency-Key of a source, and what came with it.
struct PostedKey {
  Hash128 key;             // of source and key
  uint64_t digest = 0;     // of the body
  uint64_t posted_at = 0;  // seconds since 1970
};
Hash128 KeyOf(std::string_view source, std::string_view key);

// The keys of the last day: so that a post that is repeated is not taken again.
//
// Memory   about 120 bytes a key
// Threads  one at a time
class KeyTable {
 public:
  struct Known {
    uint64_t digest = 0;
    uint64_t posted_at = 0;
    uint64_t end_offset = 0;  // of its post; 0: not durable yet
  };

  // Null: nobody posted with it.
  Known* Find(const Hash128& key);
  void Add(const PostedKey& posted, uint64_t end_offset);
  void Remove(const Hash128& key) { known_.erase(key); }
  // After keys were added in another order than they were posted in.
  void SortByAge();
  // Forgets what was posted before.
  void Expire(uint64_t before);
  size_t size() const { return known_.size(); }

 private:
  struct HashOf {
    size_t operator()(const Hash128& key) const { return key.low; }
  };
  std::unordered_map<Hash128, Known, HashOf> known_;
  std::deque<std::pair<uint64_t, Hash128>> by_age_;
};

// Keys whose posts have left the log, as a file of its own.
std::string KeyFileText(const std::vector<PostedKey>& keys);
// Corruption naming `path`; InvalidInput when another version made it.
Result<std::vector<PostedKey>> ReadKeyFile(std::string_view bytes, const std::string& path);
// "00000000000000000001.keys", by the first sequence of the segment that was the last to add to it.
std::string KeyFileName(uint64_t first_sequence);
bool IsKeyFileName(std::string_view name);

}  // namespace datahub::intake
