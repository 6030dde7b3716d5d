#include "datahub/base/hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace datahub {
namespace {

XXH3_state_t* State(void* state) { return static_cast<XXH3_state_t*>(state); }
Hash128 From(XXH128_hash_t hash) { return Hash128{hash.high64, hash.low64}; }

}  // namespace

std::string Hash128::ToHex() const {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text(32, '0');
  for (int i = 0; i < 16; ++i) {
    text[15 - i] = kDigits[(high >> (4 * i)) & 15];
    text[31 - i] = kDigits[(low >> (4 * i)) & 15];
  }
  return text;
}

Hash128 HashBytes(std::string_view bytes) { return From(XXH3_128bits(bytes.data(), bytes.size())); }

uint64_t Xxh64(std::string_view bytes) { return XXH64(bytes.data(), bytes.size(), 0); }

Hasher::Hasher() : state_(XXH3_createState()) { XXH3_128bits_reset(State(state_)); }
Hasher::~Hasher() { XXH3_freeState(State(state_)); }
void Hasher::Add(const void* bytes, size_t size) { XXH3_128bits_update(State(state_), bytes, size); }
void Hasher::Reset() { XXH3_128bits_reset(State(state_)); }
Hash128 Hasher::Digest() const { return From(XXH3_128bits_digest(State(state_))); }

}  // namespace datahub
