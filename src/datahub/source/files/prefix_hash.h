#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "datahub/base/hash.h"

namespace datahub::source::files {

// Of so many bytes each a hash is taken, and these are chained: what a resumed reader reads again is at most two blocks.
inline constexpr uint64_t kHashBlockBytes = 16 << 10;

// What proves that a file still says what was read of it.
struct PrefixHash {
  Hash128 all;    // over every byte before the position
  Hash128 chain;  // over the blocks before PrefixHasher::ResumeAt(position): the hash goes on from there
  bool operator==(const PrefixHash&) const = default;
};

// Hashes a file from its beginning; the hash so far can be taken behind any byte, and each byte is hashed once.
//
//   chain(0) = 0, chain(n + 1) = H(chain(n), H(block n)); all = H(chain of the whole blocks, H(the bytes behind them))
class PrefixHasher {
 public:
  PrefixHasher() = default;
  // Goes on at ResumeAt(position), with the position's chain.
  PrefixHasher(uint64_t at, const Hash128& chain) : at_(at), chain_(chain) {}

  // Where to go on from to arrive at `at`: the last whole block is hashed again, so that what lies before a position is
  // always looked at.
  static uint64_t ResumeAt(uint64_t at) {
    return at < kHashBlockBytes ? 0 : (at / kHashBlockBytes - 1) * kHashBlockBytes;
  }

  void Add(std::string_view bytes);
  // As many zeros; costs a chain step a block (a hole of 100 GB: a tenth of a second).
  void AddZeros(uint64_t count);
  PrefixHash Digest() const;
  uint64_t at() const { return at_; }

 private:
  uint64_t LeftOfBlock() const { return kHashBlockBytes - at_ % kHashBlockBytes; }
  void EndBlock(const Hash128& block);
  void AddPart(std::string_view bytes);

  uint64_t at_ = 0;
  Hash128 before_;  // the chain without the last whole block
  Hash128 chain_;
  std::unique_ptr<Hasher> block_ = std::make_unique<Hasher>();  // of the bytes behind the last whole block
};

}  // namespace datahub::source::files
