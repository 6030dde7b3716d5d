#include "datahub/intake/key_table.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "datahub/intake/block.h"
#include "datahub/intake/segment.h"

namespace datahub::intake {
namespace {

constexpr std::string_view kMagic = "DHKEYS01";
constexpr std::string_view kKeyFileSuffix = ".keys";
static_assert(sizeof(PostedKey) == 32);

}  // namespace

Hash128 KeyOf(std::string_view source, std::string_view key) {
  Hasher hasher;
  hasher.Add(source.data(), source.size());
  hasher.Add("\0", 1);
  hasher.Add(key.data(), key.size());
  return hasher.Digest();
}

KeyTable::Known* KeyTable::Find(const Hash128& key) {
  const auto at = known_.find(key);
  return at == known_.end() ? nullptr : &at->second;
}

void KeyTable::Add(const PostedKey& posted, uint64_t end_offset) {
  known_[posted.key] = {posted.digest, posted.posted_at, end_offset};
  by_age_.emplace_back(posted.posted_at, posted.key);
}

void KeyTable::SortByAge() {
  std::ranges::stable_sort(by_age_, {}, [](const auto& one) { return one.first; });
}

void KeyTable::Expire(uint64_t before) {
  while (!by_age_.empty() && by_age_.front().first < before) {
    const auto at = known_.find(by_age_.front().second);
    if (at != known_.end() && at->second.posted_at < before) known_.erase(at);
    by_age_.pop_front();
  }
}

std::string KeyFileText(const std::vector<PostedKey>& keys) {
  std::string text(kMagic);
  text.append(reinterpret_cast<const char*>(keys.data()), keys.size() * sizeof(PostedKey));
  const uint32_t checksum = Crc32c(0, text.data(), text.size());
  text.append(reinterpret_cast<const char*>(&checksum), sizeof(checksum));
  return text;
}

Result<std::vector<PostedKey>> ReadKeyFile(std::string_view bytes, const std::string& path) {
  const size_t around = kMagic.size() + sizeof(uint32_t);
  uint32_t checksum = 0;
  if (bytes.size() >= around) std::memcpy(&checksum, bytes.data() + bytes.size() - sizeof(checksum), sizeof(checksum));
  const bool whole = bytes.size() >= around && checksum == Crc32c(0, bytes.data(), bytes.size() - sizeof(checksum));
  if (whole) {
    if (const auto other = OtherVersion(bytes, kMagic, path)) return *other;
  }
  if (!whole || !bytes.starts_with(kMagic) || (bytes.size() - around) % sizeof(PostedKey) != 0) {
    return Error{Code::kCorruption,
                 fmt::format("the intake log is damaged: {} does not have its checksum. It holds Idempotency-Keys of "
                             "the last day: restore it, or move it away if posts may be taken twice",
                             path)};
  }
  std::vector<PostedKey> keys((bytes.size() - around) / sizeof(PostedKey));
  std::memcpy(keys.data(), bytes.data() + kMagic.size(), keys.size() * sizeof(PostedKey));
  return keys;
}

std::string KeyFileName(uint64_t first_sequence) { return fmt::format("{:020}{}", first_sequence, kKeyFileSuffix); }

bool IsKeyFileName(std::string_view name) {
  return name.size() == 20 + kKeyFileSuffix.size() && name.ends_with(kKeyFileSuffix) &&
         name.substr(0, 20).find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace datahub::intake
