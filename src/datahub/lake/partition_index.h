#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "datahub/lake/partition.h"
#include "datahub/lake/partition_key.h"
#include "datahub/record/columns.h"
#include "datahub/record/table_schema.h"

namespace datahub::lake {

// Numbers the partitions that rows fall into: 0, 1, 2… in order of appearance.
//
//   Columns -> one code a key and row -> one partition number a row
//
// Shape    `fields` have passed CheckPartitioning against `schema`; without fields there is the one partition 0
// Memory   grows with the distinct values seen: remembered() says when it is time to begin anew
class PartitionIndex {
 public:
  static constexpr uint32_t kCannotLand = PartitionKey::kCannotLand;

  struct Partition {
    std::vector<std::pair<std::string, std::string>> values;  // key, value as in the path
    std::string path;                                         // "dt=2026-01-01/country=de/"
  };

  PartitionIndex(const std::vector<PartitionField>& fields, const record::TableSchema& schema);

  // partition_of_row[r] becomes row r's partition, or kCannotLand, and then row r is among the failures, in order.
  std::vector<LandingFailure> Assign(const record::Columns& columns, std::vector<uint32_t>& partition_of_row);

  size_t size() const { return partitions_.size(); }
  const Partition& partition(uint32_t number) const { return partitions_[number]; }
  size_t remembered() const;  // the largest of what is held: partitions, or values of one key

 private:
  // Pairs of a combination of the keys before and a code of one key.
  struct Pair {
    uint32_t left = 0;
    uint32_t right = 0;
    size_t path_bytes = 0;
  };
  struct Level {
    std::vector<Pair> pairs;
    std::unordered_map<uint64_t, uint32_t> numbers;
  };

  void Combine(size_t key, const std::vector<uint32_t>& right, std::vector<uint32_t>& left);
  uint32_t NumberOf(size_t key, uint32_t left, uint32_t right);
  size_t PathBytes(size_t key, uint32_t number) const;
  void AddPartition();
  LandingFailure Explain(const record::Columns& columns, uint32_t row) const;

  std::vector<PartitionKey> keys_;
  std::vector<Level> levels_;  // levels_[i] joins key i + 1 to those before
  std::vector<Partition> partitions_;
  std::vector<uint32_t> codes_;  // reused
};

}  // namespace datahub::lake
