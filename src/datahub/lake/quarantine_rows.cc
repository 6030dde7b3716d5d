#include "datahub/lake/quarantine_rows.h"

#include <cstring>
#include <string>
#include <utility>

#include "datahub/base/result.h"

namespace datahub::lake {
namespace {

using record::Kind;
using record::LeafColumn;

constexpr size_t kRaw = 0;      // leaf
constexpr size_t kReasons = 1;  // first of the three leaves of a reason

constexpr int16_t kEmptyList = 1;  // definition level

record::Field Named(std::string name, Kind kind, std::vector<record::Field> children = {}) {
  record::Field field;
  field.name = std::move(name);
  field.kind = kind;
  field.children = std::move(children);
  return field;
}

}  // namespace

record::TableSchema QuarantineRows::Schema() {
  record::Field raw = Named("raw", Kind::kBytes);
  raw.description = "the record, byte for byte as it came";
  record::Field reasons = Named(
      "reasons", Kind::kList,
      {Named("element", Kind::kStruct,
             {Named("instance", Kind::kString), Named("keyword", Kind::kString), Named("message", Kind::kString)})});
  reasons.description = "where in the record, which keyword of the contract, and what was wrong";
  return {{std::move(raw), std::move(reasons)}};
}

std::vector<PartitionField> QuarantineRows::PartitionBy() {
  return {{Transform::kDay, std::string(kReceivedAt), "received_day"}};
}

QuarantineRows::QuarantineRows(std::shared_ptr<const record::Chunk> chunk, int contract_version)
    : columns_(std::make_shared<record::Columns>()) {
  columns_->chunk = std::move(chunk);
  columns_->arena = std::make_shared<record::Arena>();
  columns_->contract_version = contract_version;
  for (const record::Leaf& leaf : record::LeavesOf(Schema())) {
    LeafColumn& column = columns_->leaves.emplace_back();
    column.kind = leaf.kind;
    column.max_definition = leaf.max_definition;
    column.max_repetition = leaf.max_repetition;
    if (leaf.max_repetition > 0) column.row_begin.push_back(0);
  }
}

void QuarantineRows::Add(uint64_t offset, std::string_view bytes) {
  columns_->offsets.push_back(offset);
  ++columns_->rows;
  LeafColumn& raw = columns_->leaves[kRaw];
  raw.bytes.push_back({bytes.data(), static_cast<uint32_t>(bytes.size())});
  raw.definition.push_back(raw.max_definition);
  for (size_t i = kReasons; i < columns_->leaves.size(); ++i) {
    LeafColumn& leaf = columns_->leaves[i];
    leaf.bytes.emplace_back();
    leaf.definition.push_back(kEmptyList);
    leaf.repetition.push_back(0);
    leaf.row_begin.push_back(static_cast<uint32_t>(leaf.definition.size()));
  }
}

void QuarantineRows::AddReason(std::string_view instance, std::string_view keyword, std::string_view message) {
  DH_ASSERT(columns_->rows > 0);
  const std::string_view parts[] = {instance, keyword, message};
  for (size_t i = 0; i < 3; ++i) {
    LeafColumn& leaf = columns_->leaves[kReasons + i];
    const size_t size = parts[i].size();
    char* copy = columns_->arena->Allocate(size);
    if (size > 0) std::memcpy(copy, parts[i].data(), size);
    if (leaf.definition.back() != kEmptyList) {  // else the first reason takes the empty list's place
      leaf.bytes.emplace_back();
      leaf.definition.emplace_back();
      leaf.repetition.push_back(1);
    }
    leaf.bytes.back() = {copy, static_cast<uint32_t>(size)};
    leaf.definition.back() = leaf.max_definition;
    leaf.row_begin.back() = static_cast<uint32_t>(leaf.definition.size());
  }
}

std::shared_ptr<record::Columns> QuarantineRows::Take() && { return std::move(columns_); }

}  // namespace datahub::lake
