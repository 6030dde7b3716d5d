#include "datahub/app/explanation_text.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

namespace datahub::app {
namespace {

using contract::KeywordUnit;
using contract::KeywordVerdict;

constexpr size_t kIndentMax = 20;   // deeper places are not indented more
constexpr size_t kPaddingMax = 60;  // longer keyword locations push what follows
constexpr size_t kShownBytesMax = 200;

const char* NameOf(KeywordVerdict verdict) {
  switch (verdict) {
    case KeywordVerdict::kOk:
      return "ok";
    case KeywordVerdict::kFails:
      return "fails";
    case KeywordVerdict::kNotAsked:
      return "not asked";
  }
  return "";
}

// UTF-8 is not cut within a character; a control character of the event or the contract stays out of a terminal.
std::string Printable(std::string_view text, size_t bytes_max) {
  size_t size = std::min(text.size(), bytes_max);
  while (size < text.size() && size > 0 && (text[size] & 0xC0) == 0x80) --size;
  std::string shown(text.substr(0, size));
  for (char& c : shown) c = static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
  if (size < text.size()) shown += "…";
  return shown;
}

std::string RemarkOf(const KeywordUnit& unit) {
  std::string remark = Printable(unit.message, kShownBytesMax);
  if (!unit.annotation.empty()) remark += (remark.empty() ? "= " : "; = ") + Printable(unit.annotation, kShownBytesMax);
  if (unit.keyword.find("/$ref/") != std::string::npos || unit.keyword.find("/$dynamicRef/") != std::string::npos ||
      unit.keyword.find("/$recursiveRef/") != std::string::npos) {
    remark += (remark.empty() ? "at " : "; at ") + Printable(unit.absolute, kShownBytesMax);
  }
  return remark;
}

}  // namespace

std::string TextOf(const contract::Explanation& explanation) {
  std::vector<const KeywordUnit*> units;
  for (const KeywordUnit& unit : explanation.units) units.push_back(&unit);
  // What surrounds begins before what is within.
  std::ranges::stable_sort(units, {}, &KeywordUnit::place);
  std::string text;
  for (size_t begin = 0, end = 0; begin < units.size(); begin = end) {
    const std::string& instance = units[begin]->instance;
    size_t width = 0;
    for (end = begin; end < units.size() && units[end]->instance == instance; ++end) {
      width = std::max(width, units[end]->keyword.size());
    }
    const size_t depth = static_cast<size_t>(std::count(instance.begin(), instance.end(), '/'));
    const std::string indent(2 * std::min(depth, kIndentMax), ' ');
    text += fmt::format("{}{}\n", indent, instance.empty() ? "/" : Printable(instance, instance.size()));
    for (size_t i = begin; i < end; ++i) {
      const KeywordUnit& unit = *units[i];
      std::string line = fmt::format("{}  {} {:9}  {:{}}  {}", indent, unit.is_error ? '!' : ' ', NameOf(unit.verdict),
                                     unit.keyword.empty() ? "/" : Printable(unit.keyword, unit.keyword.size()),
                                     std::min(width, kPaddingMax), RemarkOf(unit));
      line.resize(line.find_last_not_of(' ') + 1);
      text += line + "\n";
    }
  }
  return text;
}

}  // namespace datahub::app
