#include <algorithm>
#include <array>
#include <limits>

#include <fmt/format.h>

#include "datahub/app/declarations.h"
#include "datahub/app/diagnostic_codes.h"
#include "datahub/app/fields.h"
#include "datahub/app/suggestion.h"
#include "datahub/source/registry.h"

namespace datahub::app {
namespace {

// Kinds of the design that are not in the registry yet.
constexpr std::array<std::string_view, 7> kLaterKinds = {"sqs", "sns", "kinesis", "kafka", "postgres", "poll", "s3"};

class SourceReading {
 public:
  SourceReading(const YamlEntry& entry, Declarations& declarations, Diagnostics& diagnostics)
      : entry_(entry),
        to_(declarations),
        diagnostics_(diagnostics),
        values_(diagnostics),
        fields_(entry.value, fmt::format("source {}", entry.key), kSourceFields, diagnostics) {
    config_.name = config_.spec.name = entry.key;
    config_.spec.base_folder = declarations.project.folder;
  }

  void Read() {
    const size_t before = diagnostics_.count();
    const source::KindRow* kind = ReadKind();
    if (kind == nullptr) return;
    config_.spec.kind = kind->kind;
    fields_.AddRows(OptionFields(*kind));
    for (const source::OptionRow& option : kind->options) ReadOption(option);
    if (const YamlNode* node = fields_.Take("renamed_from")) {
      if (const auto name = values_.Text(*node, "renamed_from")) {
        config_.renamed_from = *name;
        to_.renames.emplace(entry_.key, node);
      }
    }
    fields_.Finish();
    if (diagnostics_.count() == before) CheckOptions();
    if (diagnostics_.count() == before) to_.project.sources.push_back(std::move(config_));
  }

 private:
  const source::KindRow* ReadKind() {
    const YamlNode* node = fields_.Require("kind", "kind: files");
    if (node == nullptr) return nullptr;
    const auto word = values_.Text(*node, "kind");
    if (!word) return nullptr;
    if (const source::KindRow* kind = source::FindKind(*word)) return kind;
    std::vector<std::string_view> kinds;
    for (const source::KindRow& row : source::Kinds()) kinds.push_back(row.kind);
    if (std::find(kLaterKinds.begin(), kLaterKinds.end(), *word) != kLaterKinds.end()) {
      diagnostics_.Add(code::kNotSupported, node->place,
                       fmt::format("source kind {} is not supported by this version", *word), Suggest("", kinds));
    } else {
      diagnostics_.Add(code::kWrongValue, node->place, fmt::format("there is no source kind '{}'", node->written),
                       Suggest(*word, kinds));
    }
    return nullptr;
  }

  void ReadOption(const source::OptionRow& option) {
    const YamlNode* node = option.required ? fields_.Require(option.name, Example(option)) : fields_.Take(option.name);
    if (node == nullptr) return;
    options_.push_back(node);
    std::vector<std::string>& texts = config_.spec.options[std::string(option.name)];
    switch (option.type) {
      case source::OptionType::kText:
        if (const auto text = values_.Text(*node, option.name)) texts.push_back(*text);
        break;
      case source::OptionType::kTexts:
        for (const YamlNode* item : values_.Texts(*node, option.name)) texts.push_back(item->text);
        break;
      case source::OptionType::kDuration:
        if (values_.DurationUs(*node, option.name, 0, std::numeric_limits<int64_t>::max())) texts.push_back(node->text);
        break;
      case source::OptionType::kBytes:
        if (values_.Bytes(*node, option.name, 0, std::numeric_limits<int64_t>::max())) texts.push_back(node->text);
        break;
      case source::OptionType::kFlag:
        if (const auto flag = values_.Flag(*node, option.name)) texts.push_back(*flag ? "true" : "false");
        break;
    }
  }

  static std::string Example(const source::OptionRow& option) {
    return option.name == "path" ? "path: ./inbox/*.ndjson"
                                 : fmt::format("{}: … ({})", option.name, option.description);
  }

  // What the kind itself says of the values, placed at the value that it quotes.
  void CheckOptions() {
    const Result<void> checked = source::Check(config_.spec);
    if (checked) return;
    std::string message = checked.error().message;
    Place place = entry_.place;
    const auto blame = [&](const YamlNode& node) {
      if (!node.is_text()) return;
      if (message.find(fmt::format("'{}'", node.text)) != message.npos) place = node.place;
    };
    for (const YamlNode* node : options_) {
      blame(*node);
      for (const YamlNode& item : node->items) blame(item);
    }
    for (const YamlNode* node : options_) message = WithoutVariables(std::move(message), *node);
    diagnostics_.Add(code::kSourceOption, place, std::move(message));
  }

  const YamlEntry& entry_;
  Declarations& to_;
  Diagnostics& diagnostics_;
  Values values_;
  Fields fields_;
  SourceConfig config_;
  std::vector<const YamlNode*> options_;
};

}  // namespace

void ReadSource(const YamlEntry& entry, Declarations& declarations, Diagnostics& diagnostics) {
  SourceReading(entry, declarations, diagnostics).Read();
}

}  // namespace datahub::app
