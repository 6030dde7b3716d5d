#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "datahub/base/json.h"
#include "datahub/contract/mapping.h"
#include "datahub/contract/row_builder.h"
#include "datahub/contract/validate.h"

namespace datahub::contract {

// The exact way into columns: appends a parsed value, which already satisfies its schema, to the leaves of its node, or
// says why the table cannot hold it.
//
//   json::Value -> Appender -> RowBuilder | reasons
//
// Reasons  dh:range (outside int64, int32 or 38 digits), dh:number (no double holds it), dh:digits (finer than the column),
//          dh:time, dh:type (not of the column's type), dh:column (a member without a column)
// Threads  one thread at a time
class Appender {
 public:
  Appender(RowBuilder& rows, bool reject_excess_digits) : rows_(rows), reject_excess_digits_(reject_excess_digits) {}

  // `text` is what `value` was parsed from and lives as long as the columns. False: reasons were added (where given) and
  // the row must be undone.
  bool Append(const ColumnNode& node, const json::Value& value, int16_t repetition, std::string_view text,
              std::vector<Reason>* reasons);
  // The members of `object` that have no column, at the dh_extra of `node`; null when there are none.
  void AppendExtra(const ColumnNode& node, const json::Value& object, int16_t repetition);

 private:
  struct Step {
    std::string_view key;
    size_t index = 0;
    bool is_key = false;
  };

  bool AppendAt(const ColumnNode& node, const json::Value& value, int16_t repetition);
  bool AppendNumber(const ColumnNode& node, const json::Value& value, int16_t repetition);
  bool AppendTime(const ColumnNode& node, const json::Value& value, int16_t repetition);
  bool AppendStruct(const ColumnNode& node, const json::Value& value, int16_t repetition);
  bool AppendList(const ColumnNode& node, const json::Value& value, int16_t repetition);
  bool AppendMap(const ColumnNode& node, const json::Value& value, int16_t repetition);
  bool Fail(const char* keyword, std::string message);
  record::Bytes Keep(std::string_view decoded);
  template <class T>
  bool Put(const ColumnNode& node, T value, int16_t repetition) {
    if (node.repeated) {
      rows_.Put<true>(node.leaf_begin, value, node.definition, repetition);
    } else {
      rows_.Put<false>(node.leaf_begin, value, node.definition, repetition);
    }
    return true;
  }

  RowBuilder& rows_;
  const bool reject_excess_digits_;
  std::string_view text_;
  std::vector<Reason>* reasons_ = nullptr;
  std::vector<Step> path_;
  std::string scratch_;
};

}  // namespace datahub::contract
