#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace datahub::app {

using Cell = std::variant<std::monostate, std::string, int64_t, uint64_t, double, bool>;

// Rows for people, or one JSON object a line for programs: what every reading verb prints on stdout.
class Listing {
 public:
  explicit Listing(std::vector<std::string> columns) : columns_(std::move(columns)) {}

  void Add(std::vector<Cell> row);
  // Nothing on stdout but the rows; `empty_note` goes to stderr when there are none and a person reads.
  void Print(bool json, const std::string& empty_note = "") const;

 private:
  std::vector<std::string> columns_;
  std::vector<std::vector<Cell>> rows_;
};

// "12.3 MiB"
std::string HumanBytes(uint64_t bytes);
// "1,234,567"
std::string HumanCount(uint64_t count);

}  // namespace datahub::app
