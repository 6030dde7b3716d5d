#include "datahub/contract/random_schema.h"

#include <algorithm>

#include <fmt/format.h>

#include "datahub/base/json.h"

namespace datahub::contract {
namespace {

constexpr const char* kDialects[] = {
    "http://json-schema.org/draft-04/schema#", "http://json-schema.org/draft-06/schema#",
    "http://json-schema.org/draft-07/schema#", "https://json-schema.org/draft/2019-09/schema",
    "https://json-schema.org/draft/2020-12/schema"};
constexpr const char* kNames[] = {"a", "b", "c", "kind", "id", "s_a", "x1", "v", "é", "Name", "long_name_of_a_member"};
constexpr const char* kTypes[] = {"string", "string", "integer", "integer", "number", "boolean",
                                  "object", "object", "array",   "array",   "null"};
constexpr const char* kBounds[] = {
    "-5", "0", "0.5", "1", "10", "1e2", "-0.0", "3", "9007199254740993", "2147483647", "9223372036854775807", "-1e400"};
constexpr const char* kUnits[] = {"1", "2", "5", "0.5", "0.01", "0.1", "1e-3", "3", "0.3", "1e2", "2.0", "7"};
constexpr const char* kScalars[] = {"1",
                                    "1.0",
                                    "1e0",
                                    "0",
                                    "-0",
                                    "2",
                                    "0.1",
                                    "100000000000000000000",
                                    "1e-7",
                                    "30",
                                    "true",
                                    "null",
                                    "false",
                                    "\"\"",
                                    "\"a\"",
                                    "\"red\"",
                                    "\"é\"",
                                    "95",
                                    "\"b\"",
                                    "\"c\"",
                                    "\"1\"",
                                    "\"\\u0061\"",
                                    "\"\\ud83d\\ude00\""};

struct Samples {
  std::string_view name;
  std::vector<std::string_view> texts;
};
// A pattern's last samples do not fit it, nor do a format's.
const std::vector<Samples>& Patterns() {
  static const std::vector<Samples> patterns = {
      {"^[a-z]+$", {"abc", "a", "x", "kind", "A"}},
      {"^\\d{3}$", {"123", "007", "12"}},
      {"^s_", {"s_a", "s_b", "s_"}},
      {"^x", {"x", "x1", "xyz"}},
      {"[0-9]", {"x1", "9", "none"}},
      {"^(red|green)$", {"red", "green", "blue"}},
      {"é", {"é", "née", "e"}},
      {"^.{2,4}$", {"ab", "éàü", "😀😀", "a"}},
      {"^\\p{L}+$", {"abc", "é", "Ж", "1"}},
      {"_id$", {"u_id", "_id", "id_"}},
      {"^[a-c]$", {"a", "b", "c", "d"}},
      {"^(a+)+$", {"a", "aaaa", "aaaaaaaaaaaaaaaab"}},
      {"", {"", "anything"}},
  };
  return patterns;
}
const std::vector<Samples>& Formats() {
  static const std::vector<Samples> formats = {
      {"date-time",
       {"2026-11-21T06:01:02.123Z", "2026-11-21T06:01:02+05:30", "1998-12-31T23:59:60Z", "2026-11-21T06:01:02.1234567Z",
        "0001-01-01T00:00:00Z", "2026-11-21T06:01:02"}},
      {"date", {"2026-11-21", "2024-02-29", "0001-01-01", "9999-12-31", "2026-02-30"}},
      {"time", {"06:01:02Z", "23:59:59.5+01:00", "06:01"}},
      {"uuid", {"3e628a05-7a4a-4bf3-8770-084c11601a12", "3E628A05-7A4A-4BF3-8770-084C11601A12", "3e628a05"}},
      {"email", {"a@b.example", "a@"}},
      {"ipv4", {"127.0.0.1", "256.0.0.1"}},
      {"ipv6", {"::1", "2001:db8::8a2e", ":::"}},
      {"uri", {"http://example.com/x?y#z", "/x"}},
      {"uri-reference", {"/x", "#y", "\\"}},
      {"hostname", {"example.com", "a_b", "-x"}},
      {"json-pointer", {"/a/b~0", "", "a"}},
      {"regex", {"^a$", "("}},
      {"duration", {"P1D", "PT5M", "P"}},
  };
  return formats;
}

std::vector<std::string_view> Find(const std::vector<Samples>& table, std::string_view name) {
  const auto found = std::ranges::find(table, name, &Samples::name);
  return found == table.end() ? std::vector<std::string_view>() : found->texts;
}

std::string Quoted(std::string_view text) {
  std::string out;
  json::AppendString(out, text);
  return out;
}

}  // namespace

std::vector<std::string_view> RandomSchema::SamplesOfPattern(std::string_view pattern) {
  return Find(Patterns(), pattern);
}

std::vector<std::string_view> RandomSchema::SamplesOfFormat(std::string_view format) { return Find(Formats(), format); }

RandomSchema::Members& RandomSchema::Members::Add(std::string_view key, std::string text) {
  const bool there = std::ranges::any_of(list, [&](const auto& member) { return member.first == key; });
  if (!there) list.emplace_back(key, std::move(text));
  return *this;
}

std::string RandomSchema::Members::Text() const {
  std::string text = "{";
  for (const auto& [key, value] : list) text += (text.size() > 1 ? "," : "") + Quoted(key) + ":" + value;
  return text + "}";
}

std::string RandomSchema::Make() {
  Members root;
  root.Add("$schema", Quoted(kDialects[static_cast<size_t>(dialect_)]));
  definitions_ = Below(4);
  if (Since(Dialect::kDraft2019)) dynamic_ = Chance(25);
  if (dynamic_) {
    const bool is_2020 = Since(Dialect::kDraft2020);
    root.Add(is_2020 ? "$dynamicAnchor" : "$recursiveAnchor", is_2020 ? "\"n\"" : "true");
  }
  // A root that is no object with members is one column of JSON text: rare.
  if (Chance(94)) {
    root.Add("type", "\"object\"");
    AddObject(root, 0);
    if (Chance(15)) AddInPlace(root, "object", 1);
  } else {
    AddInPlace(root, Pick(kTypes), 1);
  }
  AddDefinitions(root);
  if (Chance(50)) std::shuffle(root.list.begin() + 1, root.list.end(), random_);
  return root.Text();
}

void RandomSchema::AddDefinitions(Members& root) {
  Members definitions;
  for (size_t i = 0; i < definitions_; ++i) {
    const std::string name = fmt::format("d{}", i);
    // Within an $id of its own other definitions have other addresses; in draft-07 and before what is beside $ref is lost.
    const bool is_resource = Chance(20);
    refers_ = !is_resource;
    Members definition;
    const std::string type = Pick(kTypes);
    if (is_resource) definition.Add(Since(Dialect::kDraft6) ? "$id" : "id", Quoted("http://example.com/" + name));
    if (is_resource && dynamic_) {
      const bool is_2020 = Since(Dialect::kDraft2020);
      definition.Add(is_2020 ? "$dynamicAnchor" : "$recursiveAnchor", is_2020 ? "\"n\"" : "true");
      const std::string again = is_2020 ? R"({"$dynamicRef":"#n"})" : R"({"$recursiveRef":"#"})";
      definition.Add("type", R"(["object","null"])")
          .Add("properties", R"({"c":)" + again + R"(,"v":{"type":"integer"}})");
    } else {
      AddType(definition, type, 2);
      if (Chance(20)) AddInPlace(definition, type, 2);
    }
    if (Since(Dialect::kDraft2019) && Chance(20)) definition.Add("$anchor", Quoted(fmt::format("anchor{}", i)));
    definitions.Add(name, definition.Text());
  }
  refers_ = true;
  if (definitions_ > 0) root.Add(Since(Dialect::kDraft2019) ? "$defs" : "definitions", definitions.Text());
}

std::string RandomSchema::Any(int depth) {
  const size_t dice = Below(100);
  if (dice < 8 && refers_ && definitions_ > 0) return Reference();
  if (dice < 11 && refers_ && dynamic_) return Reference();
  if (dice < 18 && depth < kDepthMax) return Choice(depth);
  if (dice < 20) return Since(Dialect::kDraft6) && Chance(50) ? (Chance(70) ? "true" : "false") : "{}";
  return AnyPlain(depth);
}

std::string RandomSchema::AnyPlain(int depth) {
  Members out;
  const std::string type = Pick(kTypes);
  if (Chance(6)) {
    out.Add("enum", fmt::format("[{},{},{}]", Value(1), Value(1), Value(2)));
  } else if (Chance(8)) {
    out.Add("enum", R"(["red","green","é"])");
  } else if (Since(Dialect::kDraft6) && Chance(5)) {
    out.Add("const", Value(2));
  } else {
    if (depth < kDepthMax || (type != "object" && type != "array")) AddType(out, type, depth);
    if (depth < kDepthMax && Chance(8)) AddInPlace(out, type, depth + 1);
  }
  if (Chance(5)) out.Add("description", "\"what it is\"");
  return out.Text();
}

std::string RandomSchema::Reference() {
  if (dynamic_ && (definitions_ == 0 || Chance(25))) {
    return Since(Dialect::kDraft2020) ? R"({"$dynamicRef":"#n"})" : R"({"$recursiveRef":"#"})";
  }
  const size_t which = Below(definitions_);
  Members out;
  const size_t dice = Below(20);
  if (dice == 0) {
    out.Add("$ref", Quoted(fmt::format("http://example.com/d{}", which)));  // there are some of that name
  } else if (dice == 1 && Since(Dialect::kDraft2019)) {
    out.Add("$ref", Quoted(fmt::format("#anchor{}", which)));
  } else {
    out.Add("$ref", Quoted(fmt::format("#/{}/d{}", Since(Dialect::kDraft2019) ? "$defs" : "definitions", which)));
  }
  if (Chance(15)) AddInPlace(out, Pick(kTypes), kDepthMax);  // siblings: ignored up to draft-07
  return out.Text();
}

// One of several: by a member that tells them apart, of several types, or of one type in several forms.
std::string RandomSchema::Choice(int depth) {
  Members out;
  const std::string keyword = Chance(50) ? "oneOf" : "anyOf";
  std::string forms;
  const size_t kind = Below(3);
  const std::string type = Pick(kTypes);
  for (size_t i = 0; i < 2 + Below(2); ++i) {
    Members form;
    if (kind == 0) {
      form.Add("type", "\"object\"").Add("required", R"(["kind"])");
      const std::string told = fmt::format(R"("k{}")", i);
      const std::string constant = Since(Dialect::kDraft6) ? "{\"const\":" + told + "}" : "{\"enum\":[" + told + "]}";
      form.Add("properties", fmt::format("{{\"kind\":{},{}:{}}}", constant, Quoted(kNames[Below(3)]), Any(depth + 2)));
    } else {
      AddType(form, kind == 1 ? Pick(kTypes) : type, depth + 1);
    }
    forms += (forms.empty() ? "" : ",") + form.Text();
  }
  return out.Add(keyword, "[" + forms + "]").Text();
}

std::string RandomSchema::Value(int depth) {
  if (depth == 0 || Chance(70)) return Pick(kScalars);
  if (Chance(50)) return Chance(30) ? "[]" : fmt::format("[{},{}]", Value(depth - 1), Value(depth - 1));
  return Chance(30) ? "{}" : fmt::format(R"({{"b":{},"a":{}}})", Value(depth - 1), Value(depth - 1));
}

void RandomSchema::AddType(Members& out, std::string_view name, int depth) {
  if (Chance(12)) {
    out.Add("type", fmt::format("[{},{}]", Quoted(name), Quoted(Chance(60) ? "null" : Pick(kTypes))));
  } else if (Chance(95)) {
    out.Add("type", Quoted(name));
  }
  if (name == "string") AddString(out);
  if (name == "integer" || name == "number") AddNumber(out, name == "integer");
  if (name == "array") AddArray(out, depth);
  if (name == "object") AddObject(out, depth);
}

void RandomSchema::AddString(Members& out) {
  if (Chance(15)) out.Add("minLength", std::to_string(Below(4)));
  if (Chance(15)) out.Add("maxLength", Chance(80) ? std::to_string(2 + Below(12)) : "3.0");
  if (Chance(12)) out.Add("pattern", Quoted(Patterns()[Below(Patterns().size())].name));
  if (Chance(30)) out.Add("format", Quoted(Formats()[Below(Chance(60) ? 4 : Formats().size())].name));
}

void RandomSchema::AddNumber(Members& out, bool is_integer) {
  if (is_integer && Chance(10)) out.Add("x-datahub-column", R"({"type":"int32"})");
  if (!is_integer && Chance(15)) {  // a decimal column
    out.Add("multipleOf", Pick(kUnits)).Add("minimum", "-1000").Add("maximum", "100000");
    return;
  }
  const bool is_draft4 = dialect_ == Dialect::kDraft4;
  for (const char* const keyword : {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}) {
    if (!Chance(10)) continue;
    const bool says_excluded = is_draft4 && std::string_view(keyword).starts_with("exclusive");
    out.Add(keyword, says_excluded ? (Chance(70) ? "true" : "false") : Pick(kBounds));
  }
  if (Chance(12)) out.Add("multipleOf", Pick(kUnits));
}

void RandomSchema::AddArray(Members& out, int depth) {
  const int below = std::min(depth + 1, kDepthMax);
  const bool since_2020 = Since(Dialect::kDraft2020);
  if (Chance(20)) {
    out.Add(since_2020 ? "prefixItems" : "items", List(1 + Below(2), "", below));
    if (Chance(40))
      out.Add(since_2020 ? "items" : "additionalItems", Chance(50) && Since(Dialect::kDraft6) ? "false" : Any(below));
  } else if (Chance(90)) {
    out.Add("items", Any(below));
  }
  if (Chance(12)) out.Add("minItems", std::to_string(Below(3)));
  if (Chance(12)) out.Add("maxItems", std::to_string(1 + Below(4)));
  if (Chance(12)) out.Add("uniqueItems", Chance(90) ? "true" : "false");
  if (Since(Dialect::kDraft6) && Chance(12)) out.Add("contains", Any(kDepthMax));
  if (Since(Dialect::kDraft2019)) {
    if (Chance(8)) out.Add("minContains", std::to_string(Below(3)));
    if (Chance(8)) out.Add("maxContains", std::to_string(Below(4)));
    if (Chance(8)) out.Add("unevaluatedItems", Chance(60) ? "false" : Any(kDepthMax));
  }
}

void RandomSchema::AddProperties(Members& out, int depth) {
  Members properties;
  for (size_t i = 1 + Below(depth == 0 ? 7 : 4); i > 0; --i) properties.Add(Pick(kNames), Any(depth + 1));
  out.Add("properties", properties.Text());
}

void RandomSchema::AddObject(Members& out, int depth) {
  const int below = std::min(depth + 1, kDepthMax);
  if (depth > 0 && Chance(20)) {  // a map
    out.Add("additionalProperties", AnyPlain(kDepthMax));
    if (Chance(20)) out.Add("maxProperties", std::to_string(1 + Below(4)));
    if (Chance(70)) return;
  } else if (depth == 0 || Chance(75)) {
    AddProperties(out, depth);
  }
  if (Chance(30)) out.Add("required", Names(1 + Below(2)));
  if (Chance(8)) {
    Members patterns;
    for (size_t i = 1 + Below(2); i > 0; --i) patterns.Add(Patterns()[2 + Below(9)].name, Any(below));
    out.Add("patternProperties", patterns.Text());
  }
  if (Chance(15)) out.Add("additionalProperties", Chance(50) ? (Chance(50) ? "false" : "true") : Any(below));
  if (Chance(5)) out.Add("minProperties", std::to_string(Below(3)));
  if (Chance(6)) out.Add("maxProperties", std::to_string(2 + Below(6)));
  if (Since(Dialect::kDraft6) && Chance(5)) out.Add("propertyNames", Part("string", below));
  if (Since(Dialect::kDraft2019) && Chance(7)) out.Add("unevaluatedProperties", Chance(60) ? "false" : Any(kDepthMax));
  if (Chance(8)) AddDependent(out, below);
}

void RandomSchema::AddDependent(Members& out, int depth) {
  Members lists;
  Members schemas;
  lists.Add(Pick(kNames), Names(1 + Below(2)));
  schemas.Add(Pick(kNames), Part("object", depth));
  if (Since(Dialect::kDraft2019)) {
    if (Chance(60)) out.Add("dependentRequired", lists.Text());
    if (Chance(50)) out.Add("dependentSchemas", schemas.Text());
    return;
  }
  for (const auto& [name, text] : schemas.list) lists.Add(name, text);
  out.Add("dependencies", lists.Text());
}

void RandomSchema::AddInPlace(Members& out, std::string_view type, int depth) {
  switch (Below(Since(Dialect::kDraft7) ? 6 : 4)) {
    case 0:
      out.Add("allOf", List(1 + Below(2), type, depth));
      break;
    case 1:
      out.Add("anyOf", List(1 + Below(3), type, depth));
      break;
    case 2:
      out.Add("oneOf", List(1 + Below(3), type, depth));
      break;
    case 3:
      out.Add("not", Chance(50) ? R"({"type":"null"})" : Part(type, depth));
      break;
    default:
      out.Add("if", Part(type, depth));
      if (Chance(80)) out.Add("then", Part(type, depth));
      if (Chance(50)) out.Add("else", Part(type, depth));
      break;
  }
}

// Says something of values of the type, without saying the type.
std::string RandomSchema::Part(std::string_view type, int depth) {
  Members part;
  if (refers_ && definitions_ > 0 && Chance(6)) return Reference();
  if (depth < kDepthMax && Chance(15)) AddInPlace(part, type, depth + 1);
  const int below = std::max(depth, kDepthMax - 1);
  if (Chance(10)) part.Add("enum", fmt::format("[{},{}]", Value(1), Value(1)));
  if (type == "string") AddString(part);
  if (type == "integer" || type == "number") AddNumber(part, false);
  if (type == "array") AddArray(part, below);
  if (type == "object") {
    if (Chance(70)) AddProperties(part, below);
    if (Chance(40)) part.Add("required", Names(1));
    if (Chance(20)) AddObject(part, below);
  }
  return part.Text();
}

// Of any types when `type` is empty.
std::string RandomSchema::List(size_t size, std::string_view type, int depth) {
  std::string text;
  for (size_t i = 0; i < size; ++i) text += (i > 0 ? "," : "") + (type.empty() ? Any(depth) : Part(type, depth));
  return "[" + text + "]";
}

std::string RandomSchema::Names(size_t count) {
  std::vector<std::string> names;
  while (names.size() < count) {
    std::string name = Quoted(kNames[Below(5)]);
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  }
  return fmt::format("[{}]", fmt::join(names, ","));
}

}  // namespace datahub::contract
