#include "datahub/ledger/commit.h"

#include <charconv>

#include <fmt/format.h>

namespace datahub::ledger {
namespace {

template <class T>
bool Reads(std::string_view digits, int base, T& number) {
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
  return failure == std::errc() && end == digits.data() + digits.size();
}

}  // namespace

std::string Incarnation::ToString() const { return fmt::format("{:06}-{:016x}", counter, random); }

Result<Incarnation> ParseIncarnation(std::string_view text) {
  Incarnation incarnation;
  const size_t dash = text.find('-');
  const bool good = dash != text.npos && Reads(text.substr(0, dash), 10, incarnation.counter) &&
                    Reads(text.substr(dash + 1), 16, incarnation.random) && incarnation.ToString() == text;
  if (!good) {
    return Error{Code::kInvalidInput, fmt::format("'{}' is not an incarnation; one looks like 000012-9f86d081884c7d65",
                                                  text.substr(0, 100))};
  }
  return incarnation;
}

std::string CommitId::ToString() const {
  return fmt::format("{}-{}-{:06}", pipeline, incarnation.ToString(), sequence);
}

}  // namespace datahub::ledger
