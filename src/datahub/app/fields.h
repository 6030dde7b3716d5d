#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "datahub/app/diagnostic.h"
#include "datahub/app/project_fields.h"
#include "datahub/app/yaml_node.h"

namespace datahub::app {

// Reads the fields of one mapping, which are those of `rows`: every call names one of them, and at Finish() each must have
// been named. Other fields in the file are unknown. What is wrong becomes a diagnostic, and there is no value then.
class Fields {
 public:
  // `what` for messages: "source users_inbox". Not a mapping: said once, and no field is there.
  Fields(const YamlNode& node, std::string what, std::span<const FieldRow> rows, Diagnostics& diagnostics);
  // More fields of this mapping: which ones may depend on the first.
  void AddRows(std::span<const FieldRow> rows);

  const YamlNode* Take(std::string_view name);  // null when absent or empty
  const YamlNode* Require(std::string_view name, std::string_view example);
  // Fields of the design that this version does not act on: said when they are there.
  void Refuse();
  // Optional fields with the limits of their rows.
  std::optional<uint64_t> Count(std::string_view name);
  std::optional<uint64_t> Bytes(std::string_view name);
  std::optional<int64_t> DurationUs(std::string_view name);
  void Finish(std::string_view hint_otherwise = "");

  const YamlNode& node() const { return node_; }
  const std::string& what() const { return what_; }

 private:
  const YamlNode& node_;
  const FieldRow& Row(std::string_view name) const;

  const std::string what_;
  std::vector<FieldRow> rows_;
  Diagnostics& diagnostics_;
  std::vector<std::string_view> known_;
};

// Each says what is wrong with the node and gives nothing then.
class Values {
 public:
  explicit Values(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  std::optional<std::string> Text(const YamlNode& node, std::string_view field);  // not empty
  // One text or a list of them, at least one; where each stands.
  std::vector<const YamlNode*> Texts(const YamlNode& node, std::string_view field);
  std::optional<uint64_t> Count(const YamlNode& node, std::string_view field, uint64_t min, uint64_t max);
  std::optional<uint64_t> Bytes(const YamlNode& node, std::string_view field, uint64_t min, uint64_t max);
  std::optional<int64_t> DurationUs(const YamlNode& node, std::string_view field, int64_t min_us, int64_t max_us);
  std::optional<bool> Flag(const YamlNode& node, std::string_view field);
  std::optional<std::string_view> Choice(const YamlNode& node, std::string_view field,
                                         std::span<const std::string_view> choices);
  // [a-z][a-z0-9_]*, at most kNameBytesMax, none of the reserved ones. `what` for messages: "a source".
  bool Name(std::string_view name, const Place& place, std::string_view what);
  std::optional<std::string> Name(const YamlNode& node, std::string_view field, std::string_view what);

 private:
  bool CheckName(std::string_view name, std::string_view shown, const Place& place, std::string_view what);

  Diagnostics& diagnostics_;
};

inline constexpr size_t kNameBytesMax = 64;

// What could be a name, made from any text: "Users-Demo" -> "users_demo". Empty when nothing is left.
std::string NameLike(std::string_view text);

// `message` with the values of variables that went into the node, or its items, replaced by their names: they are never shown.
std::string WithoutVariables(std::string message, const YamlNode& node);

}  // namespace datahub::app
