#include <string_view>

#include "datahub/query/result_writer.h"

namespace datahub::query {
namespace {

class CsvWriter : public ResultWriter {
 public:
  explicit CsvWriter(const Sink& sink) : out_(sink) {}

  Result<void> Begin(duckdb_result&, std::span<const ResultColumn> columns) override {
    for (const ResultColumn& column : columns) {
      if (&column != columns.data()) out_.text() += ',';
      AppendField(column.name());
    }
    out_.text() += "\r\n";
    return {};
  }

  Result<bool> Write(duckdb_data_chunk, std::span<const ResultColumn> columns, uint64_t rows) override {
    for (uint64_t row = 0; row < rows; ++row) {
      for (const ResultColumn& column : columns) {
        if (&column != columns.data()) out_.text() += ',';
        if (column.IsNull(row)) continue;
        field_.clear();
        column.AppendText(row, field_);
        AppendField(field_);
        DH_TRY(out_.FlushIfFull());
      }
      out_.text() += "\r\n";
    }
    rows_ += rows;
    return true;
  }

  Result<void> End() override { return out_.Flush(); }

 private:
  void AppendField(std::string_view field) {
    std::string& out = out_.text();
    const bool plain =
        !field.empty() && field.find_first_of(",\"\r\n") == field.npos && field.front() != ' ' && field.back() != ' ';
    if (plain) {
      out += field;
      return;
    }
    out += '"';
    for (const char c : field) {
      if (c == '"') out += '"';
      out += c;
    }
    out += '"';
  }

  TextBuffer out_;
  std::string field_;
};

}  // namespace

std::unique_ptr<ResultWriter> MakeCsvWriter(const Sink& sink) { return std::make_unique<CsvWriter>(sink); }

}  // namespace datahub::query
