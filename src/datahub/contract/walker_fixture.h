#pragma once

#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "datahub/contract/contract.h"

namespace datahub::contract {

inline std::shared_ptr<const Contract> MustCompile(const std::string& schema, bool strict = true,
                                                   bool reject_excess = false) {
  std::vector<CompileError> errors;
  auto contract = Contract::Compile(
      schema, {.name = "t", .version = 3, .strict = strict, .reject_excess_digits = reject_excess}, &errors);
  for (const CompileError& error : errors) ADD_FAILURE() << error.pointer << ": " << error.message;
  return contract;
}

inline std::shared_ptr<record::Chunk> ChunkOf(std::string_view text) {
  auto chunk = std::make_shared<record::Chunk>();
  chunk->buffer = std::make_shared<record::Buffer>(text.size());
  std::memcpy(chunk->buffer->data(), text.data(), text.size());
  std::memset(chunk->buffer->data() + text.size(), '}', record::Buffer::kPadding);  // padding may hold anything
  chunk->bytes = {chunk->buffer->data(), text.size()};
  chunk->source = "s";
  chunk->shard = "0";
  chunk->first_offset = 1000;
  return chunk;
}

// One column's rows as text, with levels: "1:5 0:- | …"; repeated rows in brackets, a new element marked by its level.
inline std::string Dump(const record::LeafColumn& column, size_t rows) {
  const auto value = [&](size_t at) -> std::string {
    if (column.definition[at] < column.max_definition) return "-";
    switch (column.kind) {
      case record::Kind::kBool:
        return column.bools[at] ? "true" : "false";
      case record::Kind::kInt32:
      case record::Kind::kDate:
        return std::to_string(column.int32s[at]);
      case record::Kind::kInt64:
      case record::Kind::kTimestamp:
        return std::to_string(column.int64s[at]);
      case record::Kind::kDouble: {
        char text[40];
        std::snprintf(text, sizeof text, "%.17g", column.doubles[at]);
        return text;
      }
      case record::Kind::kDecimal: {
        const record::Int128 number = column.decimals[at];
        return std::to_string(static_cast<int64_t>(number >> 64)) + "/" + std::to_string(static_cast<uint64_t>(number));
      }
      default:
        return "'" + std::string(column.bytes[at].view()) + "'";
    }
  };
  std::string text;
  for (size_t row = 0; row < rows; ++row) {
    if (row > 0) text += " | ";
    if (column.max_repetition == 0) {
      text += std::to_string(column.definition[row]) + ":" + value(row);
      continue;
    }
    for (size_t at = column.row_begin[row]; at < column.row_begin[row + 1]; ++at) {
      if (at > column.row_begin[row]) text += " ";
      text += std::to_string(column.repetition[at]) + "." + std::to_string(column.definition[at]) + ":" + value(at);
    }
  }
  return text;
}

inline std::string Dump(const record::Columns& columns) {
  std::string text;
  for (const record::LeafColumn& column : columns.leaves) text += Dump(column, columns.rows) + "\n";
  for (size_t row = 0; row < columns.rows; ++row) text += "@" + std::to_string(columns.offsets[row]);
  return text;
}

inline std::string Dump(const std::vector<Rejected>& rejected) {
  std::string text;
  for (const Rejected& record : rejected) {
    text += std::to_string(record.offset) + " " + std::string(record.bytes);
    for (const Reason& reason : record.reasons)
      text += "; " + reason.instance + " " + reason.keyword + " " + reason.message;
    text += "\n";
  }
  return text;
}

}  // namespace datahub::contract
