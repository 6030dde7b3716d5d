#include "datahub/contract/inference/value_counts.h"

#include <algorithm>
#include <cmath>

#include "datahub/base/hash.h"

namespace datahub::contract::inference {

void Sketch::Merge(const Sketch& other) {
  for (size_t i = 0; i < kRanks; ++i) ranks_[i] = std::max(ranks_[i], other.ranks_[i]);
}

uint64_t Sketch::Estimate() const {
  constexpr double kCount = kRanks;
  constexpr double kAlpha = 0.7213 / (1 + 1.079 / kCount);
  double sum = 0;
  size_t empty = 0;
  for (const uint8_t rank : ranks_) {
    sum += std::ldexp(1.0, -rank);
    empty += rank == 0;
  }
  double estimate = kAlpha * kCount * kCount / sum;
  if (estimate <= 2.5 * kCount && empty > 0) estimate = kCount * std::log(kCount / static_cast<double>(empty));
  return static_cast<uint64_t>(std::llround(estimate));
}

void ValueCounts::Add(std::string_view value) { Add(HashBytes(value).low, value, 1); }

void ValueCounts::Add(uint64_t hash, std::string_view value, uint64_t count) {
  if (sketch_ == nullptr) {
    for (uint32_t i = 0; i < size_; ++i) {
      if (hashes_[i] == hash && values_[i] == value) {
        counts_[i] += count;
        return;
      }
    }
    if (size_ < kValuesMax && value.size() <= kValueBytesMax) {
      hashes_[size_] = hash;
      counts_[size_++] = count;
      values_.emplace_back(value);
      return;
    }
    GiveUp();
  }
  sketch_->Add(hash);
}

void ValueCounts::GiveUp() {
  sketch_ = std::make_unique<Sketch>();
  for (uint32_t i = 0; i < size_; ++i) sketch_->Add(hashes_[i]);
  size_ = 0;
  std::vector<std::string>().swap(values_);
}

void ValueCounts::Merge(ValueCounts&& other) {
  if (other.sketch_ != nullptr) {
    if (sketch_ == nullptr) GiveUp();
    sketch_->Merge(*other.sketch_);
  }
  for (uint32_t i = 0; i < other.size_; ++i) Add(other.hashes_[i], other.values_[i], other.counts_[i]);
}

std::vector<ValueCounts::Counted> ValueCounts::Sorted() const {
  std::vector<Counted> sorted;
  for (uint32_t i = 0; i < size_; ++i) sorted.push_back({values_[i], counts_[i]});
  std::sort(sorted.begin(), sorted.end(), [](const Counted& a, const Counted& b) {
    return a.count != b.count ? a.count > b.count : a.value < b.value;
  });
  return sorted;
}

}  // namespace datahub::contract::inference
