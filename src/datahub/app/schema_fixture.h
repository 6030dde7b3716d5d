#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "datahub/app/project_schema.h"
#include "datahub/app/yaml_reader.h"
#include "datahub/base/json.h"
#include "datahub/contract/schema.h"
#include "datahub/contract/validate.h"

namespace datahub::app {

// A scalar as an editor's YAML reader takes it.
inline void AppendScalar(const std::string& text, json::Writer& out) {
  const bool digits = !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  if (digits || text == "true" || text == "false") {
    out.Raw(text);
  } else {
    out.String(text);
  }
}

inline void Append(const YamlNode& node, json::Writer& out) {
  if (node.is_null()) out.Null();
  if (node.is_text()) AppendScalar(node.text, out);
  if (node.is_list()) {
    out.BeginArray();
    for (const YamlNode& item : node.items) Append(item, out);
    out.EndArray();
  }
  if (node.is_map()) {
    out.BeginObject();
    for (const YamlEntry& entry : node.entries) {
      out.Key(entry.key);
      Append(entry.value, out);
    }
    out.EndObject();
  }
}

// What the schema for editors has against a project file; empty: nothing.
inline std::string Refusal(const std::string& yaml) {
  static const std::shared_ptr<const contract::SchemaSet> schema = [] {
    std::vector<contract::CompileError> errors;
    auto compiled = contract::SchemaSet::Compile(ProjectSchema(), {}, &errors);
    for (const auto& error : errors) ADD_FAILURE() << error.pointer << ": " << error.message;
    return compiled;
  }();
  if (schema == nullptr) return "no schema";
  Diagnostics diagnostics;
  const auto root = ReadYaml(yaml, diagnostics.AddFile("datahub.yaml", yaml), diagnostics);
  if (!root) return "no YAML";
  json::Writer text;
  Append(*root, text);
  json::Document document;
  const auto value = document.Parse(text.text());
  EXPECT_TRUE(value) << text.text();
  std::vector<contract::Reason> reasons;
  contract::Validate(schema->root(), **value, {}, &reasons);
  std::string said;
  for (const contract::Reason& reason : reasons)
    said += reason.instance + " " + reason.keyword + " " + reason.message + "\n";
  return said;
}

}  // namespace datahub::app
