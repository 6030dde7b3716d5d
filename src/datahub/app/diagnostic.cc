#include "datahub/app/diagnostic.h"

#include <algorithm>
#include <array>
#include <tuple>

#include <fmt/format.h>

#include "datahub/base/json.h"
#include "datahub/base/result.h"

namespace datahub::app {
namespace {

constexpr size_t kSnippetBytesMax = 120;
constexpr std::array<std::string_view, 6> kSecretWords = {"password",   "secret",  "token",
                                                          "credential", "api_key", "private_key"};

constexpr std::string_view kBold = "\x1b[1m";
constexpr std::string_view kRed = "\x1b[1;31m";
constexpr std::string_view kBlue = "\x1b[34m";
constexpr std::string_view kColorOff = "\x1b[0m";

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// What a terminal would act on.
void AppendHarmless(std::string_view text, std::string& out) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const bool c1 = c == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (c1) ++i;
    out += c < 0x20 || c == 0x7F || c1 ? '?' : text[i];
  }
}

// `password: hunter2` -> up to and with the colon.
std::string_view WithoutSecret(std::string_view line) {
  std::string lower(line);
  for (char& c : lower) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  size_t first = std::string::npos;
  for (const std::string_view word : kSecretWords) first = std::min(first, lower.find(word));
  if (first == std::string::npos) return line;
  const size_t colon = line.find(':', first);
  return colon == line.npos ? line : line.substr(0, colon + 1);
}

}  // namespace

uint32_t Diagnostics::AddFile(std::string name, std::string text) {
  File file{std::move(name), std::move(text), {0}};
  for (size_t i = 0; i < file.text.size(); ++i) {
    if (file.text[i] == '\n') file.line_begins.push_back(i + 1);
  }
  files_.push_back(std::move(file));
  return static_cast<uint32_t>(files_.size() - 1);
}

std::string Diagnostics::ToString(const Place& place) const {
  DH_ASSERT(place.file < files_.size());
  std::string text;
  AppendHarmless(files_[place.file].name, text);
  if (place.line > 0) text += fmt::format(":{}:{}", place.line, place.column);
  return text;
}

void Diagnostics::Add(std::string_view code, const Place& place, std::string message, std::string hint) {
  DH_ASSERT(place.file < files_.size());
  ++count_;
  if (diagnostics_.size() < kDiagnosticsMax) diagnostics_.push_back({code, place, std::move(message), std::move(hint)});
}

std::vector<Diagnostic> Diagnostics::Sorted() const {
  std::vector<Diagnostic> sorted = diagnostics_;
  std::stable_sort(sorted.begin(), sorted.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return std::tie(a.place.file, a.place.line, a.place.column) < std::tie(b.place.file, b.place.line, b.place.column);
  });
  return sorted;
}

std::string_view Diagnostics::Line(const Place& place) const {
  const File& file = files_[place.file];
  if (place.line == 0 || place.line > file.line_begins.size()) return {};
  const size_t begin = file.line_begins[place.line - 1];
  const size_t end = place.line < file.line_begins.size() ? file.line_begins[place.line] - 1 : file.text.size();
  std::string_view line(file.text.data() + begin, end - begin);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

void Diagnostics::RenderSnippet(const Place& place, bool color, std::string& out) const {
  std::string_view line = Line(place);
  if (line.empty()) return;
  size_t at = std::min<size_t>(place.column == 0 ? 0 : place.column - 1, line.size());
  line = WithoutSecret(line);
  at = std::min(at, line.size());

  // A window of whole characters around the place.
  size_t begin = line.size() <= kSnippetBytesMax || at < kSnippetBytesMax / 2 ? 0 : at - kSnippetBytesMax / 2;
  while (begin > 0 && IsContinuation(line[begin])) --begin;
  size_t end = std::min(line.size(), begin + kSnippetBytesMax);
  while (end < line.size() && IsContinuation(line[end])) ++end;

  const std::string_view before = line.substr(begin, at - begin);
  const std::string_view marked = line.substr(at, std::min<size_t>(place.length, end - at));
  const auto width = [](std::string_view text) {
    return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return !IsContinuation(c); }));
  };
  std::string shown;
  AppendHarmless(line.substr(begin, end - begin), shown);
  const std::string_view more_before = begin > 0 ? "…" : "";
  const std::string_view more_behind = end < line.size() || line.size() < Line(place).size() ? "…" : "";
  const std::string number = fmt::format("{}", place.line);
  const std::string padding(width(before) + (begin > 0 ? 1 : 0), ' ');
  const std::string carets(std::max<size_t>(1, width(marked)), '^');
  const std::string_view blue = color ? kBlue : "";
  const std::string_view red = color ? kRed : "";
  const std::string_view plain = color ? kColorOff : "";
  out += fmt::format("  {}{} |{} {}{}{}\n", blue, number, plain, more_before, shown, more_behind);
  out +=
      fmt::format("  {}{} |{} {}{}{}{}\n", blue, std::string(number.size(), ' '), plain, padding, red, carets, plain);
}

std::string Diagnostics::Render(bool color) const {
  const std::string_view bold = color ? kBold : "";
  const std::string_view red = color ? kRed : "";
  const std::string_view plain = color ? kColorOff : "";
  std::string out;
  for (const Diagnostic& diagnostic : Sorted()) {
    std::string message;
    std::string hint;
    AppendHarmless(diagnostic.message, message);
    AppendHarmless(diagnostic.hint, hint);
    out += fmt::format("{}{}:{} {}error[{}]:{} {}\n", bold, ToString(diagnostic.place), plain, red, diagnostic.code,
                       plain, message);
    RenderSnippet(diagnostic.place, color, out);
    if (!hint.empty()) out += fmt::format("  {}hint:{} {}\n", bold, plain, hint);
  }
  if (count_ > diagnostics_.size()) out += fmt::format("… and {} more\n", count_ - diagnostics_.size());
  if (count_ > 0) out += fmt::format("{} error{}\n", count_, count_ == 1 ? "" : "s");
  return out;
}

std::string Diagnostics::RenderJson() const {
  std::string out;
  const std::vector<Diagnostic> sorted = Sorted();
  for (const Diagnostic& diagnostic : sorted) {
    json::Writer object;
    object.BeginObject().Key("code").String(diagnostic.code).Key("file").String(file_name(diagnostic.place.file));
    object.Key("line").Number(uint64_t{diagnostic.place.line}).Key("column").Number(uint64_t{diagnostic.place.column});
    object.Key("message").String(diagnostic.message).Key("hint").String(diagnostic.hint).EndObject();
    out += object.text();
    out += '\n';
  }
  return out;
}

}  // namespace datahub::app
