#pragma once

#include <cstddef>
#include <cstdint>

namespace datahub::intake {

// A segment is a row of blocks, each as large as what a disk writes whole, so that a write which was cut off leaves every
// block as it was (zero) or as it was meant, and anything else is damage.
//
//   504 bytes | low 32 bits of its frame's sequence | CRC-32C
//
// The checksum also covers the segment's nonce and the block's place: a block that was moved, or that a client posted as
// bytes of an event, is not good.
inline constexpr size_t kBlockBytes = 512;
inline constexpr size_t kBlockPayloadBytes = 504;
// Frames begin at pages, so that writing one never has to read.
inline constexpr size_t kPageBytes = 4096;
inline constexpr size_t kPageBlocks = kPageBytes / kBlockBytes;

enum class BlockState { kZero, kGood, kBad };

// Fills in what follows the payload.
void SealBlock(char* block, uint64_t nonce, uint32_t place, uint64_t sequence);
// `sequence_low` is set when it is good.
BlockState LookAtBlock(const char* block, uint64_t nonce, uint32_t place, uint32_t* sequence_low);

// CRC-32C (Castagnoli, RFC 3720 appendix B.4), continuing from `crc`; 0 at first.
uint32_t Crc32c(uint32_t crc, const void* bytes, size_t size);

}  // namespace datahub::intake
