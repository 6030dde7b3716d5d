#include "datahub/app/yaml_reader.h"

#include <algorithm>
#include <exception>
#include <sstream>
#include <string>

#include <fmt/format.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include "datahub/app/diagnostic_codes.h"
#include "datahub/app/yaml_tree_builder.h"
#include "datahub/base/json.h"
#include "datahub/base/json_utf8.h"

namespace datahub::app {
namespace {

Place ToPlace(uint32_t file, const YAML::Mark& mark) {
  if (mark.is_null() || mark.line < 0) return {file, 0, 0, 1};
  return {file, static_cast<uint32_t>(mark.line + 1), static_cast<uint32_t>(mark.column + 1), 1};
}

YamlNode EmptyMap(uint32_t file) {
  YamlNode map;
  map.kind = YamlNode::Kind::kMap;
  map.place = {file};
  return map;
}

std::string_view LineAt(std::string_view text, const Place& place) {
  for (uint32_t line = 1; line < place.line; ++line) {
    const size_t end = text.find('\n');
    if (end == text.npos) return {};
    text.remove_prefix(end + 1);
  }
  return text.substr(0, text.find('\n'));
}

std::string SyntaxHint(std::string_view text, const Place& place) {
  const std::string_view line = LineAt(text, place);
  if (line.find("${") != line.npos) return "inside { } and [ ], text with ${…} must be quoted: \"${env:NAME}\"";
  if (line.find('\t') != line.npos) return "YAML is indented with spaces, not tabs";
  return "";
}

}  // namespace

std::optional<YamlNode> ReadYaml(std::string_view text, uint32_t file, Diagnostics& diagnostics) {
  if (text.size() > kYamlBytesMax) {
    diagnostics.Add(code::kUnreadable, {file}, fmt::format("the file is larger than {} KiB", kYamlBytesMax >> 10),
                    "split the project with include");
    return std::nullopt;
  }
  if (const size_t bad = std::min(json::FindInvalidUtf8(text), text.find('\0')); bad != text.npos) {
    const json::Place place = json::PlaceOf(text, bad);
    diagnostics.Add(code::kUnreadable, {file, uint32_t(place.line), uint32_t(place.column)},
                    text[bad] == '\0' ? "a NUL byte" : "the file is not UTF-8 here", "save it as UTF-8");
    return std::nullopt;
  }
  YamlTreeBuilder builder(text, file, diagnostics);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) return EmptyMap(file);
    YamlNode root = builder.TakeRoot();
    YamlTreeBuilder rest(text, file, diagnostics);
    if (parser.HandleNextDocument(rest)) {
      diagnostics.Add(code::kYamlFeature, rest.TakeRoot().place, "a second document in one file",
                      "remove the --- line, or move it to a file of its own and include it");
      return std::nullopt;
    }
    if (root.is_null()) return EmptyMap(file);
    return root;
  } catch (const YamlRefused& refused) {
    diagnostics.Add(refused.code, ToPlace(file, refused.mark), refused.message, refused.hint);
  } catch (const YAML::Exception& error) {
    const Place place = ToPlace(file, error.mark);
    diagnostics.Add(code::kSyntax, place, fmt::format("this is not YAML: {}", error.msg), SyntaxHint(text, place));
  } catch (const std::exception& error) {
    diagnostics.Add(code::kSyntax, {file, 0, 0, 1}, fmt::format("this is not YAML: {}", error.what()));
  }
  return std::nullopt;
}

}  // namespace datahub::app
