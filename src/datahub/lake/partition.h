#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "datahub/base/result.h"
#include "datahub/record/table_schema.h"

namespace datahub::lake {

// hour: 2026-01-31-13 · day: 2026-01-31 · month: 2026-01, in UTC: text order is time order, and nothing needs escaping.
// identity: the value as text; the column moves out of the file into the key.
enum class Transform : uint8_t { kIdentity, kHour, kDay, kMonth };

// One partition key: `day(created_at)` gives the key created_at_day, `… as dt` renames it.
struct PartitionField {
  Transform transform = Transform::kIdentity;
  std::string column;  // a top-level column, or `received_at`: when the record was received
  std::string key;

  bool operator==(const PartitionField&) const = default;
};

// A row that the table cannot hold: a partition value that Hive cannot spell.
struct LandingFailure {
  uint32_t row = 0;
  std::string column;
  std::string message;
};

std::string_view NameOf(Transform transform);  // "day"

inline constexpr std::string_view kReceivedAt = "received_at";
inline constexpr size_t kPartitionKeysMax = 8;
inline constexpr size_t kPartitionKeyBytesMax = 54;     // <key>=<value> is one name, and names end at 255 bytes
inline constexpr size_t kPartitionValueBytesMax = 200;  // encoded
inline constexpr size_t kPartitionPathBytesMax = 700;   // of an object key's 1024

// "day(created_at) as dt" -> PartitionField. InvalidInput says what is wrong with the text.
Result<PartitionField> ParsePartitionField(std::string_view text);
// The column exists, its kind fits the transform, keys are legal and collide with no column. InvalidInput otherwise.
Result<void> CheckPartitioning(const std::vector<PartitionField>& fields, const record::TableSchema& schema);

}  // namespace datahub::lake
