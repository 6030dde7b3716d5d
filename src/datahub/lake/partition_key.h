#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "datahub/lake/partition.h"
#include "datahub/lake/partition_value.h"
#include "datahub/record/columns.h"
#include "datahub/record/table_schema.h"

namespace datahub::lake {

// Gives each distinct value of one partition key a code, 0, 1, 2…; a row costs a division and a compare when its value is
// the previous row's, one look into a small table when it is a recent one; no string is made for a row.
class PartitionKey {
 public:
  static constexpr uint32_t kCannotLand = UINT32_MAX;

  // `field` has passed CheckPartitioning against `schema`.
  PartitionKey(PartitionField field, const record::TableSchema& schema);

  // codes[r] becomes the code of row r, or kCannotLand. Values that cannot land are not remembered.
  void Encode(const record::Columns& columns, std::vector<uint32_t>& codes);
  // Why the row's value cannot land; empty when it can.
  std::string WhyNot(const record::Columns& columns, uint32_t row) const;

  const PartitionField& field() const { return field_; }
  size_t size() const { return texts_.size(); }
  const std::string& text(uint32_t code) const { return texts_[code]; }  // encoded

 private:
  enum class Values { kReceipt, kMicros, kDays, kInt32, kInt64, kBool, kString };

  struct Recent {
    int64_t bucket = 0;
    uint32_t code = kCannotLand;
  };
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };

  // Calls use(values, bucket_of) with the array this key reads and the function that turns a value into its bucket.
  template <class Use>
  auto WithBuckets(const record::Columns& columns, Use use) const;
  template <class Value, class BucketOf>
  void EncodeBuckets(const record::LeafColumn& leaf, size_t rows, const Value* values, BucketOf bucket_of,
                     uint32_t* codes);
  void EncodeStrings(const record::LeafColumn& leaf, size_t rows, uint32_t* codes);
  uint32_t CodeOfBucket(int64_t bucket);
  uint32_t CodeOfString(std::string_view value);
  uint32_t CodeOfNull();
  uint32_t Remember(PartitionValue value);

  PartitionField field_;
  Values values_ = Values::kReceipt;
  record::Kind kind_ = record::Kind::kTimestamp;
  size_t leaf_ = 0;

  std::vector<std::string> texts_;  // by code
  uint32_t null_code_ = kCannotLand;
  std::array<Recent, 64> recent_;  // by the bucket's low bits
  std::unordered_map<int64_t, uint32_t> bucket_codes_;
  std::unordered_map<std::string, uint32_t, Hash, std::equal_to<>> string_codes_;
};

}  // namespace datahub::lake
