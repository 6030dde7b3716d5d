#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "datahub/query/display_width.h"
#include "datahub/query/result_writer.h"

namespace datahub::query {
namespace {

// Rows are kept until the end, since the widest cell decides; so they have a limit.
class BoxWriter : public ResultWriter {
 public:
  static constexpr size_t kCellBytesMax = 4096;  // of one value; more is never shown on a screen
  static constexpr size_t kNarrowest = 8;        // a column is not cut below this to fit a terminal

  BoxWriter(const OutputOptions& output, const Sink& sink) : options_(output), out_(sink) {}

  Result<void> Begin(duckdb_result&, std::span<const ResultColumn> columns) override {
    for (const ResultColumn& column : columns) {
      std::string title;
      AppendVisible(title, column.name());
      widths_.push_back(DisplayWidth(title));
      titles_.push_back(std::move(title));
      right_.push_back(column.is_number());
    }
    return {};
  }

  Result<bool> Write(duckdb_data_chunk, std::span<const ResultColumn> columns, uint64_t rows) override {
    for (uint64_t row = 0; row < rows; ++row) {
      if (rows_ == options_.rows_max) {
        truncated_ = true;
        return false;
      }
      for (size_t i = 0; i < columns.size(); ++i) {
        cells_.push_back(Cell(columns[i], row));
        widths_[i] = std::max(widths_[i], DisplayWidth(cells_.back()));
      }
      ++rows_;
    }
    return true;
  }

  Result<void> End() override {
    FitWidth();
    AppendRule("┌", "┬", "┐");
    AppendRow(titles_.data());
    AppendRule("├", "┼", "┤");
    for (uint64_t row = 0; row < rows_; ++row) {
      AppendRow(cells_.data() + row * titles_.size());
      DH_TRY(out_.FlushIfFull());
    }
    AppendRule("└", "┴", "┘");
    if (truncated_) {
      out_.text() += fmt::format("the first {} rows; there are more: use LIMIT, --json or --csv\n", rows_);
    } else {
      out_.text() += fmt::format("({} row{})\n", rows_, rows_ == 1 ? "" : "s");
    }
    return out_.Flush();
  }

 private:
  // Bytes are shown as the text they may be, not as base64.
  std::string Cell(const ResultColumn& column, uint64_t row) {
    if (column.IsNull(row)) return "NULL";
    scratch_.clear();
    if (column.is_blob()) {
      scratch_ = column.bytes(row);
    } else {
      column.AppendText(row, scratch_);
    }
    std::string_view shown = scratch_;
    const bool cut = shown.size() > kCellBytesMax;
    if (cut) {
      shown = shown.substr(0, kCellBytesMax);
      while (!shown.empty() && (static_cast<unsigned char>(shown.back()) & 0xc0) == 0x80) shown.remove_suffix(1);
      if (!shown.empty() && static_cast<unsigned char>(shown.back()) >= 0xc0) shown.remove_suffix(1);
    }
    std::string cell;
    AppendVisible(cell, shown);
    if (cut) cell += "…";
    return cell;
  }

  // The widest columns lose first.
  void FitWidth() {
    if (options_.width_max == 0 || widths_.empty()) return;
    size_t total = 3 * widths_.size() + 1;
    for (const size_t width : widths_) total += width;
    while (total > options_.width_max) {
      const auto widest = std::max_element(widths_.begin(), widths_.end());
      if (*widest <= kNarrowest) return;
      --*widest;
      --total;
    }
  }

  void AppendRule(std::string_view left, std::string_view middle, std::string_view right) {
    std::string& out = out_.text();
    for (size_t i = 0; i < widths_.size(); ++i) {
      out += i == 0 ? left : middle;
      for (size_t n = 0; n < widths_[i] + 2; ++n) out += "─";
    }
    out += right;
    out += '\n';
  }

  void AppendRow(const std::string* cells) {
    std::string& out = out_.text();
    for (size_t i = 0; i < widths_.size(); ++i) {
      const std::string cell = CutToWidth(cells[i], widths_[i]);
      const size_t blank = widths_[i] - DisplayWidth(cell);
      out += "│ ";
      out.append(right_[i] ? blank : 0, ' ');
      out += cell;
      out.append(right_[i] ? 1 : blank + 1, ' ');
    }
    out += "│\n";
  }

  const OutputOptions options_;
  TextBuffer out_;
  std::vector<std::string> titles_;
  std::vector<size_t> widths_;
  std::vector<bool> right_;
  std::vector<std::string> cells_;  // row by row
  std::string scratch_;
};

}  // namespace

std::unique_ptr<ResultWriter> MakeBoxWriter(const OutputOptions& output, const Sink& sink) {
  return std::make_unique<BoxWriter>(output, sink);
}

}  // namespace datahub::query
