#include "datahub/contract/explain/annotation.h"

namespace datahub::contract {
namespace {

std::string Names(std::span<const Applied> applied) {
  json::Writer out;
  out.BeginArray();
  // Several patterns may fit one name, one after the other.
  for (size_t i = 0; i < applied.size(); ++i) {
    if (i == 0 || applied[i].name != applied[i - 1].name) out.String(applied[i].name);
  }
  out.EndArray();
  return std::move(out).Take();
}

// The largest index, or that it was all.
std::string Prefix(const json::Value& value, std::span<const Applied> applied) {
  if (applied.empty()) return "";
  return applied.size() == value.elements.size() ? "true" : std::to_string(applied.back().index);
}

std::string Found(const json::Value& value, std::span<const Applied> applied) {
  size_t found = 0;
  for (const Applied& one : applied) found += one.valid;
  if (found > 0 && found == value.elements.size()) return "true";
  json::Writer out;
  out.BeginArray();
  for (const Applied& one : applied) {
    if (one.valid) out.Number(uint64_t{one.index});
  }
  out.EndArray();
  return std::move(out).Take();
}

}  // namespace

std::string AppliedAnnotation(const Schema& schema, std::string_view keyword, const json::Value& value,
                              std::span<const Applied> applied) {
  if (schema.dialect < Dialect::kDraft2019) return "";
  if (keyword == "properties" || keyword == "patternProperties" || keyword == "additionalProperties" ||
      keyword == "unevaluatedProperties") {
    return Names(applied);
  }
  const bool is_tuple =
      schema.dialect == Dialect::kDraft2019 && keyword == "items" && schema.source->Find(keyword)->is_array();
  if (keyword == "prefixItems" || is_tuple) return Prefix(value, applied);
  if (keyword == "items" || keyword == "additionalItems" || keyword == "unevaluatedItems") {
    return applied.empty() ? "" : "true";
  }
  return keyword == "contains" && schema.contains_evaluates ? Found(value, applied) : "";
}

}  // namespace datahub::contract
