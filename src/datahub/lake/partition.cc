#include "datahub/lake/partition.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include <fmt/format.h>

namespace datahub::lake {
namespace {

using record::Field;
using record::Kind;

constexpr std::array<std::string_view, 4> kTransformNames = {"identity", "hour", "day", "month"};
constexpr std::string_view kReservedPrefix = "dh_";

bool IsSpace(char c) { return c == ' ' || c == '\t'; }

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && IsSpace(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsSpace(text.back())) text.remove_suffix(1);
  return text;
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

Error Wrong(std::string_view text, std::string_view why) {
  return Error{Code::kInvalidInput, fmt::format("partition field '{}': {}", text, why)};
}

// "day(x) as dt" -> "dt", leaving "day(x)"; empty when there is no " as ".
std::string_view CutKey(std::string_view& text) {
  const size_t as = text.rfind(" as ");
  if (as == text.npos) return {};
  const std::string_view key = Trimmed(text.substr(as + 4));
  text = Trimmed(text.substr(0, as));
  return key;
}

std::string DefaultKey(const PartitionField& field) {
  if (field.transform == Transform::kIdentity) return Lower(field.column);
  const std::string_view stem = field.column == kReceivedAt ? "received" : std::string_view(field.column);
  return fmt::format("{}_{}", Lower(stem), NameOf(field.transform));
}

Result<void> CheckKeyName(const PartitionField& field, std::string_view shown) {
  const std::string& key = field.key;
  const bool letters = std::all_of(key.begin(), key.end(),
                                   [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
  if (key.empty() || !letters || key.front() == '_') {
    return Wrong(shown, fmt::format("the key '{}' is not made of a-z, 0-9 and '_', beginning with a letter or digit; "
                                    "name it with `as`",
                                    key));
  }
  if (key.size() > kPartitionKeyBytesMax) {
    return Wrong(shown,
                 fmt::format("the key '{}' is longer than {} bytes; name it with `as`", key, kPartitionKeyBytesMax));
  }
  if (key.starts_with(kReservedPrefix)) {
    return Wrong(shown, "keys that begin with dh_ are kept for Datahub's own columns; name it with `as`");
  }
  return {};
}

const Field* ColumnOf(const PartitionField& field, const record::TableSchema& schema) {
  const auto found = std::find_if(schema.fields.begin(), schema.fields.end(),
                                  [&](const Field& column) { return column.name == field.column; });
  return found == schema.fields.end() ? nullptr : &*found;
}

bool Fits(Transform transform, Kind kind) {
  switch (transform) {
    case Transform::kIdentity:
      return kind == Kind::kString || kind == Kind::kBool || kind == Kind::kInt32 || kind == Kind::kInt64 ||
             kind == Kind::kDate;
    case Transform::kHour:
      return kind == Kind::kTimestamp;
    case Transform::kDay:
    case Transform::kMonth:
      return kind == Kind::kTimestamp || kind == Kind::kDate;
  }
  return false;
}

std::string_view WhatFits(Transform transform) {
  switch (transform) {
    case Transform::kIdentity:
      return "identity takes string, integer, boolean and date columns (for a timestamp use hour, day or month)";
    case Transform::kHour:
      return "hour takes timestamp columns";
    default:
      return "day and month take timestamp and date columns";
  }
}

Result<void> CheckColumn(const PartitionField& field, const record::TableSchema& schema, std::string_view shown) {
  const Field* column = ColumnOf(field, schema);
  if (field.column == kReceivedAt) {
    if (column != nullptr) {
      return Wrong(shown,
                   "received_at is a column of the contract and also means when a record was received; "
                   "rename the column, or partition by another one");
    }
    if (field.transform == Transform::kIdentity) return Wrong(shown, WhatFits(field.transform));
    return {};
  }
  if (column == nullptr) {
    std::string names;
    for (const Field& known : schema.fields) names += (names.empty() ? "" : ", ") + known.name;
    return Wrong(shown, fmt::format("the contract has no column '{}'; its columns are {}", field.column, names));
  }
  if (!Fits(field.transform, column->kind)) {
    return Wrong(shown,
                 fmt::format("'{}' is {}; {}", field.column, record::ToString(*column), WhatFits(field.transform)));
  }
  return {};
}

}  // namespace

std::string_view NameOf(Transform transform) { return kTransformNames[static_cast<size_t>(transform)]; }

Result<PartitionField> ParsePartitionField(std::string_view text) {
  text = Trimmed(text);
  const std::string_view shown = text;
  const bool renamed = text.find(" as ") != text.npos;
  const std::string key(CutKey(text));
  PartitionField field;
  const size_t open = text.find('(');
  if (open == text.npos) {
    field.column = text;
  } else {
    const std::string_view name = Trimmed(text.substr(0, open));
    const auto known = std::find(kTransformNames.begin(), kTransformNames.end(), name);
    if (known == kTransformNames.end()) {
      return Wrong(shown,
                   fmt::format("'{}' is not a transform; hour, day, month or a column's name are expected", name));
    }
    if (!text.ends_with(')')) return Wrong(shown, "a ')' is missing at the end of the transform");
    field.transform = static_cast<Transform>(known - kTransformNames.begin());
    field.column = Trimmed(text.substr(open + 1, text.size() - open - 2));
  }
  if (field.column.empty()) return Wrong(shown, "a column is missing; write for example day(created_at)");
  field.key = renamed ? key : DefaultKey(field);
  DH_TRY(CheckKeyName(field, shown));
  return field;
}

Result<void> CheckPartitioning(const std::vector<PartitionField>& fields, const record::TableSchema& schema) {
  if (fields.size() > kPartitionKeysMax) {
    return Error{Code::kInvalidInput,
                 fmt::format("{} partition keys are too many; {} are the limit", fields.size(), kPartitionKeysMax)};
  }
  std::set<std::string> taken;  // names a reader sees beside the keys
  std::set<std::string> moved;
  for (const PartitionField& field : fields) {
    if (field.transform == Transform::kIdentity) moved.insert(field.column);
  }
  for (const Field& column : schema.fields) {
    if (!moved.contains(column.name)) taken.insert(Lower(column.name));
  }
  for (const PartitionField& field : fields) {
    const std::string shown = fmt::format("{}({})", NameOf(field.transform), field.column);
    DH_TRY(CheckKeyName(field, shown));
    DH_TRY(CheckColumn(field, schema, shown));
    if (field.transform == Transform::kIdentity && moved.erase(field.column) == 0) {
      return Wrong(shown, "the column is moved into a partition key twice; name it once");
    }
    if (!taken.insert(field.key).second) {
      return Wrong(shown, fmt::format("the key '{}' is also the name of a column or of another key; name it with `as`",
                                      field.key));
    }
  }
  return {};
}

}  // namespace datahub::lake
