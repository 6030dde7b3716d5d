#include "datahub/query/query_error.h"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

namespace datahub::query {
namespace {

struct ErrorKind {
  std::string_view prefix;  // of DuckDB's text
  Code code;
  std::string_view advice;  // ends with a space when there is one
};

constexpr ErrorKind kErrorKinds[] = {
    {"Out of Memory", Code::kLimit, "it needs more memory than it may have: select less, or raise the limit. "},
    {"IO Error", Code::kUnavailable, ""},
    {"INTERNAL", Code::kInternal, ""},
    {"INTERRUPT", Code::kShuttingDown, ""},
    {"Permission", Code::kInvalidInput, "SQL here reads the project's tables, no other files, and changes nothing. "},
};

// What stands between two texts; "" when they are not there.
std::string_view Between(std::string_view text, std::string_view before, std::string_view after) {
  const size_t at = text.find(before);
  if (at == text.npos) return {};
  const size_t begin = at + before.size();
  const size_t end = text.find(after, begin);
  return end == text.npos ? std::string_view() : text.substr(begin, end - begin);
}

size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

// DuckDB guesses among tables of its own; ours are named instead.
std::string WithoutGuess(std::string_view text) {
  std::string kept(text);
  const size_t guess = kept.find("\nDid you mean");
  if (guess == kept.npos) return kept;
  const size_t end = kept.find('\n', guess + 1);
  kept.erase(guess, end == kept.npos ? kept.npos : end - guess);
  return kept;
}

}  // namespace

Error ErrorOf(std::string_view what, const char* text) {
  const std::string_view said = text == nullptr ? "no reason given" : text;
  if (said.find("File too large") != said.npos) {  // of what it spills: nothing else is written
    return Error{Code::kLimit,
                 fmt::format("{}: it spills more than it may: select less, or raise the limit. {}", what, said)};
  }
  for (const ErrorKind& kind : kErrorKinds) {
    if (said.starts_with(kind.prefix)) return Error{kind.code, fmt::format("{}: {}{}", what, kind.advice, said)};
  }
  return Error{Code::kInvalidInput, fmt::format("{}: {}", what, said)};
}

Error SqlError(const char* text, const std::vector<std::string>& tables) {
  const std::string_view said = text == nullptr ? "" : text;
  const std::string_view missing = Between(said, "Table with name ", " does not exist!");
  if (missing.empty()) return ErrorOf("query", text);
  std::string message = fmt::format("query: there is no table '{}'", missing);
  if (tables.empty()) {
    message += "; the project has no tables yet: `datahub run` makes them";
  } else {
    const std::string nearest = NearestName(missing, tables);
    if (!nearest.empty()) message += fmt::format("; did you mean '{}'?", nearest);
    message += fmt::format("{} Tables: {}", nearest.empty() ? "." : "", fmt::join(tables, ", "));
  }
  return Error{Code::kInvalidInput, fmt::format("{}\n{}", message, WithoutGuess(said))};
}

std::string NearestName(std::string_view name, const std::vector<std::string>& known) {
  std::string nearest;
  size_t least = std::max<size_t>(2, name.size() / 3) + 1;
  for (const std::string& candidate : known) {
    const size_t distance = EditDistance(name, candidate);
    if (distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

}  // namespace datahub::query
