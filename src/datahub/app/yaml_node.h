#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "datahub/app/diagnostic.h"

namespace datahub::app {

struct YamlEntry;

// One value of a YAML text, with its place. Keys of a map are unique.
struct YamlNode {
  enum class Kind : uint8_t { kNull, kText, kList, kMap };

  Kind kind = Kind::kNull;
  Place place;
  std::string text;     // kText: the value, after ${…} was resolved
  std::string written;  // kText: as it stands in the file; messages quote this, so that no value of a variable is shown
  std::vector<std::pair<std::string, std::string>> variables;  // what was put in: value, "${env:NAME}"
  bool unresolved = false;  // a variable of it is missing: that was said, and is enough
  std::vector<YamlNode> items;
  std::vector<YamlEntry> entries;

  bool is_null() const { return kind == Kind::kNull; }
  bool is_text() const { return kind == Kind::kText; }
  bool is_list() const { return kind == Kind::kList; }
  bool is_map() const { return kind == Kind::kMap; }
  const YamlNode* Find(std::string_view key) const;
};

struct YamlEntry {
  std::string key;
  Place place;  // of the key
  YamlNode value;
};

// "text", "a list"…: for messages.
std::string_view KindName(YamlNode::Kind kind);

}  // namespace datahub::app
