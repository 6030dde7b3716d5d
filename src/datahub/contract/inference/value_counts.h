#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace datahub::contract::inference {

// About how many different values there were, in 1 KiB (HyperLogLog, Flajolet et al. 2007; linear counting while few).
// Neither order nor repetition nor how the values were divided among sketches that are merged changes the answer.
//
// Error    3.3 % of the truth (standard error)
class Sketch {
 public:
  void Add(uint64_t hash) {
    uint8_t& kept = ranks_[hash % kRanks];
    const auto rank = static_cast<uint8_t>(__builtin_ctzll(hash >> kBits | uint64_t{1} << (64 - kBits)) + 1);
    if (rank > kept) kept = rank;
  }
  void Merge(const Sketch& other);
  uint64_t Estimate() const;

 private:
  static constexpr int kBits = 10;
  static constexpr size_t kRanks = size_t{1} << kBits;
  std::array<uint8_t, kRanks> ranks_{};
};

// How often each value came: exactly while there are few and short ones; after that only about how many there are.
//
// Memory   at most kValuesMax values of kValueBytesMax bytes, or a Sketch
class ValueCounts {
 public:
  static constexpr size_t kValuesMax = 16;
  static constexpr size_t kValueBytesMax = 64;

  void Add(std::string_view value);
  void Merge(ValueCounts&& other);

  // False: there were more or longer values than are kept, and distinct() is an estimate.
  bool is_exact() const { return sketch_ == nullptr; }
  uint64_t distinct() const { return is_exact() ? size_ : sketch_->Estimate(); }

  struct Counted {
    std::string_view value;
    uint64_t count = 0;
  };
  // The most frequent first, equal ones in byte order; none when not exact. Views into this.
  std::vector<Counted> Sorted() const;

 private:
  // Without a place for one more: all become hashes.
  void Add(uint64_t hash, std::string_view value, uint64_t count);
  void GiveUp();

  uint32_t size_ = 0;
  std::array<uint64_t, kValuesMax> hashes_{};
  std::array<uint64_t, kValuesMax> counts_{};
  std::vector<std::string> values_;
  std::unique_ptr<Sketch> sketch_;
};

}  // namespace datahub::contract::inference
