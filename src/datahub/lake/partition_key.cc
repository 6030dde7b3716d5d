#include "datahub/lake/partition_key.h"

#include <algorithm>
#include <utility>

namespace datahub::lake {
namespace {

using record::Kind;

constexpr int64_t kHourUs = 3'600'000'000;
constexpr int64_t kDayUs = 24 * kHourUs;

template <int64_t kUnit>
struct UnitsOf {
  int64_t operator()(int64_t value) const { return value / kUnit - (value % kUnit < 0 ? 1 : 0); }
};

// Keeps the day it saw last: the calendar is asked once a day, not once a row.
template <class DayOf>
struct MonthsOf {
  int64_t operator()(int64_t value) {
    const int64_t next = DayOf()(value);
    if (next != day) {
      day = next;
      month = MonthOfDay(day);
    }
    return month;
  }
  int64_t day = 0;
  int64_t month = 0;
};

struct Same {
  int64_t operator()(int64_t value) const { return value; }
};

}  // namespace

PartitionKey::PartitionKey(PartitionField field, const record::TableSchema& schema) : field_(std::move(field)) {
  if (field_.column == kReceivedAt) return;
  const std::vector<record::Leaf> leaves = record::LeavesOf(schema);
  const auto leaf = std::find_if(leaves.begin(), leaves.end(), [&](const record::Leaf& candidate) {
    return candidate.path.size() == 1 && candidate.path[0] == field_.column;
  });
  DH_ASSERT(leaf != leaves.end());
  leaf_ = static_cast<size_t>(leaf - leaves.begin());
  kind_ = leaf->kind;
  switch (kind_) {
    case Kind::kTimestamp:
      values_ = Values::kMicros;
      break;
    case Kind::kDate:
      values_ = Values::kDays;
      break;
    case Kind::kInt32:
      values_ = Values::kInt32;
      break;
    case Kind::kInt64:
      values_ = Values::kInt64;
      break;
    case Kind::kBool:
      values_ = Values::kBool;
      break;
    default:
      DH_ASSERT(kind_ == Kind::kString);
      values_ = Values::kString;
  }
}

template <class Use>
auto PartitionKey::WithBuckets(const record::Columns& columns, Use use) const {
  const record::LeafColumn& leaf = columns.leaves[leaf_];
  const bool received = values_ == Values::kReceipt;
  if (received || values_ == Values::kMicros) {
    const int64_t* values = received ? &columns.chunk->received_at_us : leaf.int64s.data();
    if (field_.transform == Transform::kHour) return use(values, UnitsOf<kHourUs>());
    if (field_.transform == Transform::kDay) return use(values, UnitsOf<kDayUs>());
    return use(values, MonthsOf<UnitsOf<kDayUs>>());
  }
  if (values_ == Values::kInt64) return use(leaf.int64s.data(), Same());
  if (values_ == Values::kBool) return use(leaf.bools.data(), Same());
  if (field_.transform == Transform::kMonth) return use(leaf.int32s.data(), MonthsOf<Same>());
  return use(leaf.int32s.data(), Same());
}

void PartitionKey::Encode(const record::Columns& columns, std::vector<uint32_t>& codes) {
  codes.resize(columns.rows);
  if (columns.rows == 0) return;
  if (values_ == Values::kReceipt) {
    const int64_t bucket = WithBuckets(columns, [](const auto* value, auto bucket_of) { return bucket_of(*value); });
    std::fill(codes.begin(), codes.end(), CodeOfBucket(bucket));
    return;
  }
  const record::LeafColumn& leaf = columns.leaves[leaf_];
  if (values_ == Values::kString) return EncodeStrings(leaf, columns.rows, codes.data());
  WithBuckets(columns, [&](const auto* values, auto bucket_of) {
    EncodeBuckets(leaf, columns.rows, values, bucket_of, codes.data());
  });
}

template <class Value, class BucketOf>
void PartitionKey::EncodeBuckets(const record::LeafColumn& leaf, size_t rows, const Value* values, BucketOf bucket_of,
                                 uint32_t* codes) {
  const int16_t* definition = leaf.max_definition > 0 ? leaf.definition.data() : nullptr;
  int64_t last_bucket = 0;
  uint32_t last_code = kCannotLand;  // no bucket yet
  for (size_t row = 0; row < rows; ++row) {
    if (definition != nullptr && definition[row] == 0) {
      codes[row] = CodeOfNull();
      continue;
    }
    const int64_t bucket = bucket_of(static_cast<int64_t>(values[row]));
    if (bucket != last_bucket || last_code == kCannotLand) [[unlikely]] {
      last_bucket = bucket;
      last_code = CodeOfBucket(bucket);
    }
    codes[row] = last_code;
  }
}

void PartitionKey::EncodeStrings(const record::LeafColumn& leaf, size_t rows, uint32_t* codes) {
  const int16_t* definition = leaf.max_definition > 0 ? leaf.definition.data() : nullptr;
  std::string_view last;
  uint32_t last_code = kCannotLand;
  for (size_t row = 0; row < rows; ++row) {
    if (definition != nullptr && definition[row] == 0) {
      codes[row] = CodeOfNull();
      continue;
    }
    const std::string_view value = leaf.bytes[row].view();
    if (value != last || last_code == kCannotLand) {
      last = value;
      last_code = CodeOfString(value);
    }
    codes[row] = last_code;
  }
}

uint32_t PartitionKey::CodeOfBucket(int64_t bucket) {
  Recent& recent = recent_[static_cast<uint64_t>(bucket) % recent_.size()];
  if (recent.bucket == bucket && recent.code != kCannotLand) return recent.code;
  const auto known = bucket_codes_.find(bucket);
  uint32_t code = kCannotLand;
  if (known != bucket_codes_.end()) {
    code = known->second;
  } else {
    code = Remember(BucketPartitionValue(field_.transform, kind_, bucket));
    if (code == kCannotLand) return code;
    bucket_codes_.emplace(bucket, code);
  }
  recent = {bucket, code};
  return code;
}

uint32_t PartitionKey::CodeOfString(std::string_view value) {
  const auto known = string_codes_.find(value);
  if (known != string_codes_.end()) return known->second;
  const uint32_t code = Remember(StringPartitionValue(value));
  if (code != kCannotLand) string_codes_.emplace(value, code);
  return code;
}

uint32_t PartitionKey::CodeOfNull() {
  if (null_code_ == kCannotLand) null_code_ = Remember({std::string(kNullPartition), {}});
  return null_code_;
}

uint32_t PartitionKey::Remember(PartitionValue value) {
  if (!value.problem.empty()) return kCannotLand;
  texts_.push_back(std::move(value.text));
  return static_cast<uint32_t>(texts_.size() - 1);
}

std::string PartitionKey::WhyNot(const record::Columns& columns, uint32_t row) const {
  if (values_ != Values::kReceipt) {
    const record::LeafColumn& leaf = columns.leaves[leaf_];
    if (leaf.max_definition > 0 && leaf.definition[row] == 0) return {};
    if (values_ == Values::kString) return StringPartitionValue(leaf.bytes[row].view()).problem;
  }
  const size_t at = values_ == Values::kReceipt ? 0 : row;
  const int64_t bucket =
      WithBuckets(columns, [at](const auto* values, auto bucket_of) { return bucket_of(values[at]); });
  return BucketPartitionValue(field_.transform, kind_, bucket).problem;
}

}  // namespace datahub::lake
