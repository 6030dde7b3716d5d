#include "datahub/app/suggestion.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

namespace datahub::app {
namespace {

constexpr size_t kWordBytesMax = 128;  // longer ones are not typing mistakes
constexpr size_t kListedMax = 12;

char Lower(char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c); }

// Optimal string alignment: Levenshtein with swaps of neighbours.
size_t Distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<size_t>> rows(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) rows[i][0] = i;
  for (size_t j = 0; j <= b.size(); ++j) rows[0][j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      const bool same = Lower(a[i - 1]) == Lower(b[j - 1]);
      rows[i][j] = std::min({rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + (same ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && Lower(a[i - 1]) == Lower(b[j - 2]) && Lower(a[i - 2]) == Lower(b[j - 1]);
      if (swapped) rows[i][j] = std::min(rows[i][j], rows[i - 2][j - 2] + 1);
    }
  }
  return rows[a.size()][b.size()];
}

}  // namespace

std::string_view Closest(std::string_view word, std::span<const std::string_view> candidates) {
  if (word.size() > kWordBytesMax) return {};
  const size_t distance_max = std::max<size_t>(1, word.size() / 3);
  size_t nearest = distance_max + 1;
  std::string_view closest;
  for (const std::string_view candidate : candidates) {
    if (candidate.size() > word.size() + distance_max || word.size() > candidate.size() + distance_max) continue;
    const size_t distance = Distance(word, candidate);
    if (distance < nearest) {
      nearest = distance;
      closest = candidate;
    }
  }
  return closest;
}

std::string Suggest(std::string_view word, std::span<const std::string_view> candidates, std::string_view otherwise) {
  if (const std::string_view closest = Closest(word, candidates); !closest.empty()) {
    return fmt::format("did you mean '{}'?", closest);
  }
  if (candidates.empty()) return std::string(otherwise);
  std::vector<std::string_view> sorted(candidates.begin(), candidates.end());
  std::sort(sorted.begin(), sorted.end());
  std::string text = sorted.size() == 1 ? "there is: " : "there are: ";
  for (size_t i = 0; i < std::min(sorted.size(), kListedMax); ++i)
    text += fmt::format("{}{}", i == 0 ? "" : ", ", sorted[i]);
  if (sorted.size() > kListedMax) text += fmt::format(" and {} more", sorted.size() - kListedMax);
  return text;
}

}  // namespace datahub::app
