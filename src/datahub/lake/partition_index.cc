#include "datahub/lake/partition_index.h"

#include <algorithm>

#include <fmt/format.h>

namespace datahub::lake {

PartitionIndex::PartitionIndex(const std::vector<PartitionField>& fields, const record::TableSchema& schema) {
  keys_.reserve(fields.size());
  for (const PartitionField& field : fields) keys_.emplace_back(field, schema);
  if (keys_.empty()) {
    partitions_.emplace_back();
  } else {
    levels_.resize(keys_.size() - 1);
  }
}

std::vector<LandingFailure> PartitionIndex::Assign(const record::Columns& columns,
                                                   std::vector<uint32_t>& partition_of_row) {
  std::vector<LandingFailure> failures;
  if (keys_.empty()) {
    partition_of_row.assign(columns.rows, 0);
    return failures;
  }
  keys_[0].Encode(columns, partition_of_row);
  for (size_t key = 1; key < keys_.size(); ++key) {
    keys_[key].Encode(columns, codes_);
    Combine(key, codes_, partition_of_row);
  }
  const size_t known = levels_.empty() ? keys_[0].size() : levels_.back().pairs.size();
  while (partitions_.size() < known) AddPartition();
  for (uint32_t row = 0; row < columns.rows; ++row) {
    if (partition_of_row[row] == kCannotLand) [[unlikely]]
      failures.push_back(Explain(columns, row));
  }
  return failures;
}

size_t PartitionIndex::remembered() const {
  size_t most = partitions_.size();
  for (const PartitionKey& key : keys_) most = std::max(most, key.size());
  for (const Level& level : levels_) most = std::max(most, level.pairs.size());
  return most;
}

void PartitionIndex::Combine(size_t key, const std::vector<uint32_t>& right, std::vector<uint32_t>& left) {
  uint32_t last_left = kCannotLand;
  uint32_t last_right = kCannotLand;
  uint32_t last = kCannotLand;
  for (size_t row = 0; row < left.size(); ++row) {
    if (left[row] != last_left || right[row] != last_right) {
      last_left = left[row];
      last_right = right[row];
      const bool lands = last_left != kCannotLand && last_right != kCannotLand;
      last = lands ? NumberOf(key, last_left, last_right) : kCannotLand;
    }
    left[row] = last;
  }
}

uint32_t PartitionIndex::NumberOf(size_t key, uint32_t left, uint32_t right) {
  Level& level = levels_[key - 1];
  const uint64_t pair = uint64_t{left} << 32 | right;
  const auto known = level.numbers.find(pair);
  if (known != level.numbers.end()) return known->second;
  const size_t path_bytes =
      PathBytes(key - 1, left) + keys_[key].field().key.size() + keys_[key].text(right).size() + 2;
  if (path_bytes > kPartitionPathBytesMax) return kCannotLand;
  const auto number = static_cast<uint32_t>(level.pairs.size());
  level.pairs.push_back({left, right, path_bytes});
  level.numbers.emplace(pair, number);
  return number;
}

// "<key>=<value>/" for every key up to `key`.
size_t PartitionIndex::PathBytes(size_t key, uint32_t number) const {
  if (key > 0) return levels_[key - 1].pairs[number].path_bytes;
  return keys_[0].field().key.size() + keys_[0].text(number).size() + 2;
}

void PartitionIndex::AddPartition() {
  auto number = static_cast<uint32_t>(partitions_.size());
  std::vector<uint32_t> codes(keys_.size());
  for (size_t key = keys_.size() - 1; key > 0; --key) {
    const Pair& pair = levels_[key - 1].pairs[number];
    codes[key] = pair.right;
    number = pair.left;
  }
  codes[0] = number;
  Partition& partition = partitions_.emplace_back();
  for (size_t key = 0; key < keys_.size(); ++key) {
    const std::string& text = keys_[key].text(codes[key]);
    partition.values.emplace_back(keys_[key].field().key, text);
    partition.path += fmt::format("{}={}/", keys_[key].field().key, text);
  }
}

LandingFailure PartitionIndex::Explain(const record::Columns& columns, uint32_t row) const {
  for (const PartitionKey& key : keys_) {
    const std::string why = key.WhyNot(columns, row);
    if (why.empty()) continue;
    return {row, key.field().column, fmt::format("cannot be a value of partition key '{}': {}", key.field().key, why)};
  }
  return {row, keys_.back().field().column,
          fmt::format("the partition's path would be longer than {} bytes", kPartitionPathBytesMax)};
}

}  // namespace datahub::lake
