#include "datahub/base/key_index.h"

#include <algorithm>
#include <bit>
#include <random>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace datahub::json {
namespace {

uint32_t HashOf(std::string_view key) {
  static const uint64_t seed = [] {
    std::random_device random;
    return uint64_t(random()) << 32 | random();
  }();
  return static_cast<uint32_t>(XXH3_64bits_withSeed(key.data(), key.size(), seed));
}

// At most half of the slots are taken.
uint32_t SlotsFor(size_t members) { return std::bit_ceil(static_cast<uint32_t>(members) * 2); }

}  // namespace

size_t KeyIndex::BytesFor(size_t members) { return sizeof(KeyIndex) + SlotsFor(members) * sizeof(uint32_t); }

const KeyIndex* KeyIndex::Make(void* memory, std::span<const Member> members, uint32_t* repeated) {
  auto* index = new (memory) KeyIndex();
  const uint32_t count = SlotsFor(members.size());
  index->mask_ = count - 1;
  uint32_t* const slots = reinterpret_cast<uint32_t*>(index + 1);
  std::fill_n(slots, count, kNone);
  *repeated = kNone;
  for (uint32_t i = 0; i < members.size(); ++i) {
    uint32_t slot = HashOf(members[i].key) & index->mask_;
    while (slots[slot] != kNone && members[slots[slot]].key != members[i].key) slot = (slot + 1) & index->mask_;
    if (slots[slot] == kNone) {
      slots[slot] = i;
    } else if (*repeated == kNone) {
      *repeated = i;
    }
  }
  return index;
}

uint32_t KeyIndex::Find(std::span<const Member> members, std::string_view key) const {
  for (uint32_t slot = HashOf(key) & mask_;; slot = (slot + 1) & mask_) {
    const uint32_t at = slots()[slot];
    if (at == kNone || members[at].key == key) return at;
  }
}

}  // namespace datahub::json
