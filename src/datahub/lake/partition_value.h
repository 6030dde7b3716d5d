#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "datahub/lake/partition.h"
#include "datahub/record/table_schema.h"

namespace datahub::lake {

inline constexpr std::string_view kNullPartition = "__HIVE_DEFAULT_PARTITION__";

// A partition value as it stands in a path, or why it cannot stand there.
struct PartitionValue {
  std::string text;
  std::string problem;  // "it is empty, which …"; empty when `text` is good
};

// Percent-encodes what Hive's FileUtils.escapePathName encodes: control characters, DEL and "#%'*/:=?\{[]^. The rest,
// UTF-8 too, stays as it is. So no value has a '/' or NUL, and behind `<key>=` not even ".." is a step out of a folder.
std::string EscapePartitionValue(std::string_view value);

// A string column's value under identity.
PartitionValue StringPartitionValue(std::string_view value);

// Any other column's value is a bucket: hours, days or months since 1970, or under identity the value itself.
PartitionValue BucketPartitionValue(Transform transform, record::Kind kind, int64_t bucket);

// Months since 1970 of a day since 1970; kNoMonth for a day outside the years 0 to 9999.
int64_t MonthOfDay(int64_t day);
inline constexpr int64_t kNoMonth = INT64_MIN;

}  // namespace datahub::lake
