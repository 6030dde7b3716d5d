#include "datahub/app/listing.h"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include "datahub/base/json.h"
#include "datahub/base/result.h"

namespace datahub::app {
namespace {

std::string Text(const Cell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  if (const auto* number = std::get_if<int64_t>(&cell)) return fmt::format("{}", *number);
  if (const auto* number = std::get_if<uint64_t>(&cell)) return fmt::format("{}", *number);
  if (const auto* number = std::get_if<double>(&cell)) return fmt::format("{}", *number);
  if (const auto* flag = std::get_if<bool>(&cell)) return *flag ? "yes" : "no";
  return "-";
}

void AppendJson(json::Writer& out, const Cell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) {
    out.String(*text);
  } else if (const auto* number = std::get_if<int64_t>(&cell)) {
    out.Number(*number);
  } else if (const auto* unsigned_number = std::get_if<uint64_t>(&cell)) {
    out.Number(*unsigned_number);
  } else if (const auto* real = std::get_if<double>(&cell)) {
    out.Number(*real);
  } else if (const auto* flag = std::get_if<bool>(&cell)) {
    out.Bool(*flag);
  } else {
    out.Null();
  }
}

bool IsNumber(const Cell& cell) {
  return std::holds_alternative<int64_t>(cell) || std::holds_alternative<uint64_t>(cell) ||
         std::holds_alternative<double>(cell);
}

// Columns on a screen: code points, not bytes.
size_t Width(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

}  // namespace

void Listing::Add(std::vector<Cell> row) {
  DH_ASSERT(row.size() == columns_.size());
  rows_.push_back(std::move(row));
}

void Listing::Print(bool json, const std::string& empty_note) const {
  std::string out;
  if (json) {
    for (const auto& row : rows_) {
      json::Writer object;
      object.BeginObject();
      for (size_t i = 0; i < columns_.size(); ++i) {
        object.Key(columns_[i]);
        AppendJson(object, row[i]);
      }
      object.EndObject();
      out += object.text();
      out += '\n';
    }
    std::fwrite(out.data(), 1, out.size(), stdout);
    return;
  }
  if (rows_.empty()) {
    if (!empty_note.empty()) fmt::print(stderr, "{}\n", empty_note);
    return;
  }
  std::vector<size_t> widths;
  for (const std::string& column : columns_) widths.push_back(Width(column));
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Width(Text(row[i])));
  }
  const auto put = [&](size_t i, const std::string& text, bool right) {
    const std::string padding(widths[i] - Width(text), ' ');
    const bool last = i + 1 == columns_.size();
    out += right ? padding + text : last ? text : text + padding;
    out += last ? "\n" : "  ";
  };
  for (size_t i = 0; i < columns_.size(); ++i) put(i, columns_[i], IsNumber(rows_[0][i]));
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) put(i, Text(row[i]), IsNumber(row[i]));
  }
  std::fwrite(out.data(), 1, out.size(), stdout);
}

std::string HumanBytes(uint64_t bytes) {
  static constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  double value = static_cast<double>(bytes);
  size_t unit = 0;
  while (value >= 1024 && unit + 1 < std::size(kUnits)) {
    value /= 1024;
    ++unit;
  }
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string HumanCount(uint64_t count) {
  std::string digits = std::to_string(count);
  for (size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

}  // namespace datahub::app
