#include "datahub/app/fields.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "datahub/app/diagnostic_codes.h"
#include "datahub/app/suggestion.h"
#include "datahub/base/units.h"

namespace datahub::app {
namespace {

constexpr std::string_view kReservedPrefix = "dh_";
constexpr std::string_view kReservedSuffix = "_quarantine";

bool IsNameText(std::string_view name) {
  const auto small = [](char c) { return c >= 'a' && c <= 'z'; };
  return !name.empty() && small(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return small(c) || (c >= '0' && c <= '9') || c == '_'; });
}

std::string Listed(std::span<const std::string_view> words) {
  std::string text;
  for (const std::string_view word : words) text += fmt::format("{}{}", text.empty() ? "" : ", ", word);
  return text;
}

}  // namespace

std::string NameLike(std::string_view text) {
  std::string name;
  for (const char c : text) {
    const char lower = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    const bool fits = (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9' && !name.empty());
    if (fits) {
      name += lower;
    } else if (!name.empty() && name.back() != '_') {
      name += '_';
    }
  }
  name.resize(std::min(name.size(), kNameBytesMax));
  while (name.ends_with('_')) name.pop_back();
  return name;
}

Fields::Fields(const YamlNode& node, std::string what, std::span<const FieldRow> rows, Diagnostics& diagnostics)
    : node_(node), what_(std::move(what)), rows_(rows.begin(), rows.end()), diagnostics_(diagnostics) {
  if (!node.is_map() && !node.is_null()) {
    diagnostics.Add(code::kWrongType, node.place,
                    fmt::format("{} is a mapping of fields, here it is {}", what_, KindName(node.kind)));
  }
}

void Fields::AddRows(std::span<const FieldRow> rows) { rows_.insert(rows_.end(), rows.begin(), rows.end()); }

const FieldRow& Fields::Row(std::string_view name) const {
  const auto row = std::ranges::find(rows_, name, &FieldRow::name);
  DH_ASSERT(row != rows_.end());
  return *row;
}

std::optional<uint64_t> Fields::Count(std::string_view name) {
  const YamlNode* node = Take(name);
  if (node == nullptr) return std::nullopt;
  return Values(diagnostics_).Count(*node, name, Row(name).min, Row(name).max);
}

std::optional<uint64_t> Fields::Bytes(std::string_view name) {
  const YamlNode* node = Take(name);
  if (node == nullptr) return std::nullopt;
  return Values(diagnostics_).Bytes(*node, name, Row(name).min, Row(name).max);
}

std::optional<int64_t> Fields::DurationUs(std::string_view name) {
  const YamlNode* node = Take(name);
  if (node == nullptr) return std::nullopt;
  const FieldRow& row = Row(name);
  return Values(diagnostics_).DurationUs(*node, name, static_cast<int64_t>(row.min), static_cast<int64_t>(row.max));
}

const YamlNode* Fields::Take(std::string_view name) {
  DH_ASSERT(Row(name).type != FieldType::kRefused);
  known_.push_back(name);
  const YamlNode* value = node_.Find(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

const YamlNode* Fields::Require(std::string_view name, std::string_view example) {
  DH_ASSERT(Row(name).required);
  const YamlNode* value = Take(name);
  if (value == nullptr && (node_.is_map() || node_.is_null())) {
    const YamlNode* empty = node_.Find(name);
    diagnostics_.Add(code::kMissingField, empty != nullptr ? empty->place : node_.place,
                     fmt::format("{} {} '{}'", what_, empty != nullptr ? "has an empty" : "has no", name),
                     fmt::format("give it, for example {}", example));
  }
  return value;
}

void Fields::Refuse() {
  for (const FieldRow& row : rows_) {
    if (row.type != FieldType::kRefused) continue;
    known_.push_back(row.name);
    for (const YamlEntry& entry : node_.entries) {
      if (entry.key != row.name) continue;
      diagnostics_.Add(code::kNotSupported, entry.place,
                       fmt::format("{}: {} not supported by this version", what_, row.description));
    }
  }
}

void Fields::Finish(std::string_view hint_otherwise) {
  for (const FieldRow& row : rows_) DH_ASSERT(std::ranges::find(known_, row.name) != known_.end());
  for (const YamlEntry& entry : node_.entries) {
    if (std::find(known_.begin(), known_.end(), entry.key) != known_.end()) continue;
    std::string hint = Suggest(entry.key, known_);
    if (!hint_otherwise.empty() && Closest(entry.key, known_).empty()) hint = hint_otherwise;
    diagnostics_.Add(code::kUnknownField, entry.place, fmt::format("{} has no field '{}'", what_, entry.key), hint);
  }
}

std::optional<std::string> Values::Text(const YamlNode& node, std::string_view field) {
  if (!node.is_text()) {
    diagnostics_.Add(code::kWrongType, node.place,
                     fmt::format("{} is text, here it is {}", field, KindName(node.kind)));
    return std::nullopt;
  }
  if (node.unresolved) return std::nullopt;
  if (node.text.empty()) {
    const bool variable = node.written != node.text;
    diagnostics_.Add(code::kWrongValue, node.place,
                     variable ? fmt::format("{} is empty: so is what {} stands for", field, node.written)
                              : fmt::format("{} is empty", field));
    return std::nullopt;
  }
  return node.text;
}

std::vector<const YamlNode*> Values::Texts(const YamlNode& node, std::string_view field) {
  std::vector<const YamlNode*> texts;
  if (node.is_text()) {
    if (Text(node, field)) texts.push_back(&node);
    return texts;
  }
  if (!node.is_list()) {
    diagnostics_.Add(code::kWrongType, node.place,
                     fmt::format("{} is text or a list of texts, here it is {}", field, KindName(node.kind)));
    return texts;
  }
  if (node.items.empty()) diagnostics_.Add(code::kWrongValue, node.place, fmt::format("{} is an empty list", field));
  for (const YamlNode& item : node.items) {
    if (Text(item, field)) texts.push_back(&item);
  }
  return texts;
}

std::optional<uint64_t> Values::Count(const YamlNode& node, std::string_view field, uint64_t min, uint64_t max) {
  const auto text = Text(node, field);
  if (!text) return std::nullopt;
  uint64_t count = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), count);
  if (error != std::errc() || end != text->data() + text->size() || count < min || count > max) {
    diagnostics_.Add(code::kWrongValue, node.place,
                     fmt::format("{} is a whole number from {} to {}, not '{}'", field, min, max, node.written));
    return std::nullopt;
  }
  return count;
}

std::optional<uint64_t> Values::Bytes(const YamlNode& node, std::string_view field, uint64_t min, uint64_t max) {
  const auto text = Text(node, field);
  if (!text) return std::nullopt;
  const Result<uint64_t> bytes = ParseBytes(*text);
  if (!bytes || *bytes < min || *bytes > max) {
    diagnostics_.Add(code::kWrongValue, node.place,
                     bytes ? fmt::format("{} '{}' is not between {} and {} bytes", field, node.written, min, max)
                           : WithoutVariables(fmt::format("{} {}", field, bytes.error().message), node));
    return std::nullopt;
  }
  return *bytes;
}

std::optional<int64_t> Values::DurationUs(const YamlNode& node, std::string_view field, int64_t min_us,
                                          int64_t max_us) {
  const auto text = Text(node, field);
  if (!text) return std::nullopt;
  const Result<int64_t> duration = ParseDurationUs(*text);
  if (!duration || *duration < min_us || *duration > max_us) {
    diagnostics_.Add(code::kWrongValue, node.place,
                     duration ? fmt::format("{} '{}' is not between {} ms and {} s", field, node.written,
                                            min_us / 1'000, max_us / 1'000'000)
                              : WithoutVariables(fmt::format("{} {}", field, duration.error().message), node));
    return std::nullopt;
  }
  return *duration;
}

std::optional<bool> Values::Flag(const YamlNode& node, std::string_view field) {
  static constexpr std::string_view kWords[] = {"true", "false"};
  const auto word = Choice(node, field, kWords);
  if (!word) return std::nullopt;
  return *word == "true";
}

std::optional<std::string_view> Values::Choice(const YamlNode& node, std::string_view field,
                                               std::span<const std::string_view> choices) {
  const auto text = Text(node, field);
  if (!text) return std::nullopt;
  const auto found = std::find(choices.begin(), choices.end(), *text);
  if (found == choices.end()) {
    const std::string hint = Closest(*text, choices).empty() ? "" : Suggest(*text, choices);
    diagnostics_.Add(code::kWrongValue, node.place,
                     fmt::format("{} is one of {}, not '{}'", field, Listed(choices), node.written), hint);
    return std::nullopt;
  }
  return *found;
}

bool Values::Name(std::string_view name, const Place& place, std::string_view what) {
  return CheckName(name, name, place, what);
}

std::optional<std::string> Values::Name(const YamlNode& node, std::string_view field, std::string_view what) {
  auto text = Text(node, field);
  if (!text || !CheckName(*text, node.written, node.place, what)) return std::nullopt;
  return text;
}

bool Values::CheckName(std::string_view name, std::string_view shown, const Place& place, std::string_view what) {
  const auto wrong = [&](std::string message, std::string hint) {
    diagnostics_.Add(code::kBadName, place, std::move(message), std::move(hint));
    return false;
  };
  if (!IsNameText(name)) {
    const std::string like = NameLike(shown);
    return wrong(
        fmt::format("'{}' cannot be the name of {}: names are a-z, 0-9 and _, and begin with a letter", shown, what),
        like.empty() ? "" : fmt::format("for example '{}'", like));
  }
  if (name.size() > kNameBytesMax) {
    return wrong(
        fmt::format("the name of {} has {} characters, at most {} are allowed", what, name.size(), kNameBytesMax), "");
  }
  if (name.starts_with(kReservedPrefix)) {
    return wrong(fmt::format("'{}': names that begin with dh_ are kept for Datahub", shown), "choose another name");
  }
  if (name.ends_with(kReservedSuffix)) {
    return wrong(fmt::format("'{}': names that end with _quarantine are kept for rejected records", shown),
                 "choose another name");
  }
  return true;
}

std::string WithoutVariables(std::string message, const YamlNode& node) {
  for (const auto& [value, written] : node.variables) {
    for (size_t at = 0; (at = message.find(value, at)) != message.npos; at += written.size()) {
      message.replace(at, value.size(), written);
    }
  }
  for (const YamlNode& item : node.items) message = WithoutVariables(std::move(message), item);
  return message;
}

}  // namespace datahub::app
