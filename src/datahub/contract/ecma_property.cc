#include "datahub/contract/ecma_property.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace datahub::contract {
namespace {

struct Category {
  std::string_view code;
  std::string_view name;
};

// General categories: Unicode's PropertyValueAliases. PCRE2 knows the codes.
constexpr std::array<Category, 42> kCategories = {{
    {"L", "Letter"},
    {"L&", "Cased_Letter"},
    {"L&", "LC"},
    {"Lu", "Uppercase_Letter"},
    {"Ll", "Lowercase_Letter"},
    {"Lt", "Titlecase_Letter"},
    {"Lm", "Modifier_Letter"},
    {"Lo", "Other_Letter"},
    {"M", "Mark"},
    {"M", "Combining_Mark"},
    {"Mn", "Nonspacing_Mark"},
    {"Mc", "Spacing_Mark"},
    {"Me", "Enclosing_Mark"},
    {"N", "Number"},
    {"Nd", "Decimal_Number"},
    {"Nd", "digit"},
    {"Nl", "Letter_Number"},
    {"No", "Other_Number"},
    {"P", "Punctuation"},
    {"P", "punct"},
    {"Pc", "Connector_Punctuation"},
    {"Pd", "Dash_Punctuation"},
    {"Ps", "Open_Punctuation"},
    {"Pe", "Close_Punctuation"},
    {"Pi", "Initial_Punctuation"},
    {"Pf", "Final_Punctuation"},
    {"Po", "Other_Punctuation"},
    {"S", "Symbol"},
    {"Sm", "Math_Symbol"},
    {"Sc", "Currency_Symbol"},
    {"Sk", "Modifier_Symbol"},
    {"So", "Other_Symbol"},
    {"Z", "Separator"},
    {"Zs", "Space_Separator"},
    {"Zl", "Line_Separator"},
    {"Zp", "Paragraph_Separator"},
    {"C", "Other"},
    {"Cc", "Control"},
    {"Cc", "cntrl"},
    {"Cf", "Format"},
    {"Cn", "Unassigned"},
    {"Co", "Private_Use"},
}};

// Binary properties (ECMA-262, table 69) that PCRE2 has under the same name.
constexpr std::array<std::string_view, 30> kBinary = {"ASCII",
                                                      "ASCII_Hex_Digit",
                                                      "Alphabetic",
                                                      "Any",
                                                      "Bidi_Control",
                                                      "Bidi_Mirrored",
                                                      "Cased",
                                                      "Case_Ignorable",
                                                      "Dash",
                                                      "Diacritic",
                                                      "Emoji",
                                                      "Emoji_Component",
                                                      "Emoji_Modifier",
                                                      "Emoji_Modifier_Base",
                                                      "Emoji_Presentation",
                                                      "Extended_Pictographic",
                                                      "Extender",
                                                      "Hex_Digit",
                                                      "ID_Continue",
                                                      "ID_Start",
                                                      "Ideographic",
                                                      "Join_Control",
                                                      "Lowercase",
                                                      "Math",
                                                      "Quotation_Mark",
                                                      "Regional_Indicator",
                                                      "Uppercase",
                                                      "White_Space",
                                                      "XID_Continue",
                                                      "XID_Start"};

std::string CategoryNamed(std::string_view name) {
  for (const Category& category : kCategories) {
    if (category.name == name || (category.code == name && name != "L&")) return std::string(category.code);
  }
  return "";
}

// Behind one of `prefixes`, or nothing.
std::string_view ValueOf(std::string_view name, std::string_view long_prefix, std::string_view short_prefix) {
  for (const std::string_view prefix : {long_prefix, short_prefix}) {
    if (name.starts_with(prefix)) return name.substr(prefix.size());
  }
  return {};
}

std::string ScriptNamed(std::string_view kind, std::string_view name) {
  const bool plain = std::all_of(name.begin(), name.end(),
                                 [](char c) { return c == '_' || std::isalnum(static_cast<unsigned char>(c)); });
  return plain ? std::string(kind).append(name) : "";  // PCRE2 knows which scripts there are
}

}  // namespace

std::string Pcre2Property(std::string_view name) {
  if (const std::string_view value = ValueOf(name, "General_Category=", "gc="); !value.empty())
    return CategoryNamed(value);
  if (const std::string_view value = ValueOf(name, "Script=", "sc="); !value.empty()) return ScriptNamed("sc:", value);
  if (const std::string_view value = ValueOf(name, "Script_Extensions=", "scx="); !value.empty()) {
    return ScriptNamed("scx:", value);
  }
  if (name == "Assigned") return "^Cn";
  if (std::find(kBinary.begin(), kBinary.end(), name) != kBinary.end()) return std::string(name);
  return CategoryNamed(name);
}

}  // namespace datahub::contract
