#include "datahub/intake/block.h"

#include <cstring>

#include <nmmintrin.h>

namespace datahub::intake {
namespace {

constexpr size_t kSequenceAt = kBlockPayloadBytes;
constexpr size_t kChecksumAt = kSequenceAt + sizeof(uint32_t);

bool IsZero(const char* block) {
  uint64_t all = 0;
  for (size_t i = 0; i < kBlockBytes; i += sizeof(uint64_t)) {
    uint64_t word;
    std::memcpy(&word, block + i, sizeof(word));
    all |= word;
  }
  return all == 0;
}

uint32_t ChecksumOf(const char* block, uint64_t nonce, uint32_t place) {
  uint64_t crc = _mm_crc32_u64(~uint32_t(0), nonce);
  crc = _mm_crc32_u32(static_cast<uint32_t>(crc), place);
  for (size_t i = 0; i < kSequenceAt; i += sizeof(uint64_t)) {
    uint64_t word;
    std::memcpy(&word, block + i, sizeof(word));
    crc = _mm_crc32_u64(crc, word);
  }
  uint32_t sequence;
  std::memcpy(&sequence, block + kSequenceAt, sizeof(sequence));
  return ~_mm_crc32_u32(static_cast<uint32_t>(crc), sequence);
}

}  // namespace

uint32_t Crc32c(uint32_t crc, const void* bytes, size_t size) {
  const auto* at = static_cast<const unsigned char*>(bytes);
  uint32_t state = ~crc;
  for (; size > 0; --size) state = _mm_crc32_u8(state, *at++);
  return ~state;
}

void SealBlock(char* block, uint64_t nonce, uint32_t place, uint64_t sequence) {
  const auto low = static_cast<uint32_t>(sequence);
  std::memcpy(block + kSequenceAt, &low, sizeof(low));
  const uint32_t checksum = ChecksumOf(block, nonce, place);
  std::memcpy(block + kChecksumAt, &checksum, sizeof(checksum));
}

BlockState LookAtBlock(const char* block, uint64_t nonce, uint32_t place, uint32_t* sequence_low) {
  uint32_t checksum;
  std::memcpy(&checksum, block + kChecksumAt, sizeof(checksum));
  if (checksum == ChecksumOf(block, nonce, place)) {
    std::memcpy(sequence_low, block + kSequenceAt, sizeof(*sequence_low));
    if (*sequence_low != 0 || checksum != 0 || !IsZero(block)) return BlockState::kGood;
  }
  return IsZero(block) ? BlockState::kZero : BlockState::kBad;
}

}  // namespace datahub::intake
