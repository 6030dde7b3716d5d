#pragma once

#include <cstdint>

namespace datahub::app {

// The same numbers for the same seed on every machine (splitmix64: one add and three mixes a number).
class SeededRandom {
 public:
  explicit SeededRandom(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    uint64_t z = state_ += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  // 0 … bound - 1; the bias of a multiply instead of a rejection does not matter here. bound > 0.
  uint64_t Below(uint64_t bound) {
    return static_cast<uint64_t>((static_cast<unsigned __int128>(Next()) * bound) >> 64);
  }
  // One in `times`.
  bool OneIn(uint64_t times) { return Below(times) == 0; }

 private:
  uint64_t state_;
};

}  // namespace datahub::app
