#include "datahub/app/substitution.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include <fmt/format.h>

#include "datahub/app/diagnostic_codes.h"

namespace datahub::app {
namespace {

constexpr std::string_view kBegin = "${";
constexpr std::string_view kEnvironment = "env:";
constexpr std::string_view kDefault = ":-";
constexpr size_t kValueBytesMax = 64u << 10;  // of one text with everything put in

bool IsVariableName(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; };
  return !name.empty() && letter(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

class Substitution {
 public:
  Substitution(const Environment& environment, Diagnostics& diagnostics)
      : environment_(environment), diagnostics_(diagnostics) {}

  std::string Resolve(YamlNode& node) {
    std::string_view rest = node.written;
    std::string out;
    for (;;) {
      const size_t begin = rest.find(kBegin);
      out += rest.substr(0, begin);
      if (begin == rest.npos) return out;
      rest.remove_prefix(begin + kBegin.size());
      const size_t end = rest.find('}');
      if (end == rest.npos) {
        Misspelt(node.place, "a ${ without its }");
        return out;
      }
      out += ResolveOne(node, rest.substr(0, end));
      rest.remove_prefix(end + 1);
      if (out.size() > kValueBytesMax) {
        diagnostics_.Add(code::kWrongValue, node.place,
                         fmt::format("with its variables put in, this is longer than {} KiB", kValueBytesMax >> 10));
        return "";
      }
    }
  }

 private:
  std::string ResolveOne(YamlNode& node, std::string_view inside) {
    if (!inside.starts_with(kEnvironment)) {
      Misspelt(node.place, fmt::format("${{{}}} is not known", inside));
      return "";
    }
    inside.remove_prefix(kEnvironment.size());
    const size_t split = inside.find(kDefault);
    const std::string name(inside.substr(0, split));
    if (!IsVariableName(name)) {
      Misspelt(node.place, fmt::format("'{}' cannot be the name of a variable", name));
      return "";
    }
    const std::optional<std::string> value = environment_(name);
    if (value && !value->empty()) node.variables.emplace_back(*value, fmt::format("${{env:{}}}", name));
    if (split != inside.npos)
      return value && !value->empty() ? *value : std::string(inside.substr(split + kDefault.size()));
    if (value) return *value;
    diagnostics_.Add(code::kNoVariable, node.place, fmt::format("the environment variable {} is not set", name),
                     fmt::format("set it, or give a default: ${{env:{}:-…}}", name));
    return "";
  }

  void Misspelt(const Place& place, std::string message) {
    diagnostics_.Add(code::kBadSubstitution, place, std::move(message), "write ${env:NAME} or ${env:NAME:-default}");
  }

  const Environment& environment_;
  Diagnostics& diagnostics_;
};

}  // namespace

Environment ProcessEnvironment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return value;
  };
}

// As deep as kYamlDepthMax allows.
void Substitute(YamlNode& node, const Environment& environment, Diagnostics& diagnostics) {
  const size_t before = diagnostics.count();
  if (node.is_text()) node.text = Substitution(environment, diagnostics).Resolve(node);
  node.unresolved = diagnostics.count() != before;
  for (YamlNode& item : node.items) Substitute(item, environment, diagnostics);
  for (YamlEntry& entry : node.entries) Substitute(entry.value, environment, diagnostics);
}

}  // namespace datahub::app
