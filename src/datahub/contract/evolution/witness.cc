#include "datahub/contract/evolution/witness.h"

#include <algorithm>
#include <set>
#include <utility>

#include "datahub/contract/evolution/form.h"
#include "datahub/contract/validation.h"

namespace datahub::contract::evolution {
namespace {

constexpr size_t kWitnessDepthMax = 6;
constexpr size_t kNamesMax = 400;
constexpr size_t kTriesMax = 10'000;
constexpr size_t kRefusedMax = 48;  // of one place, that the wide side refuses
constexpr size_t kAcceptedMax = 6;  // and that it accepts
constexpr size_t kWaysMax = 12;     // alternatives of one place
constexpr size_t kTextBytesMax = 64u << 10;

using Schemas = std::vector<const Schema*>;

// Whatever may apply in place, of all of them.
Schemas Flat(const Schemas& schemas) {
  Schemas all;
  for (const Schema* schema : schemas) {
    for (const Schema* part : FlatParts(*schema)) {
      if (std::ranges::find(all, part) == all.end()) all.push_back(part);
      // What must not be is a value to try as well.
      if (part->not_schema != nullptr && std::ranges::find(all, part->not_schema) == all.end()) {
        all.push_back(part->not_schema);
      }
    }
    if (all.size() > 200) break;
  }
  return all;
}

std::string Quoted(std::string_view text) {
  std::string out;
  json::AppendString(out, text);
  return out;
}

std::string_view ExampleOf(Format format) {
  switch (format) {
    case Format::kDateTime:
      return "2026-01-02T03:04:05Z";
    case Format::kDate:
      return "2026-01-02";
    case Format::kTime:
      return "03:04:05Z";
    case Format::kDuration:
      return "P1D";
    case Format::kUuid:
      return "3e628a05-7a4a-4bf3-8770-084c11601a12";
    case Format::kEmail:
    case Format::kIdnEmail:
      return "a@example.org";
    case Format::kIpv4:
      return "192.0.2.1";
    case Format::kIpv6:
      return "2001:db8::1";
    case Format::kUri:
    case Format::kUriReference:
    case Format::kIri:
    case Format::kIriReference:
    case Format::kUriTemplate:
      return "https://example.org/a";
    case Format::kHostname:
    case Format::kIdnHostname:
      return "example.org";
    case Format::kJsonPointer:
      return "/a";
    case Format::kRelativeJsonPointer:
      return "0/a";
    default:
      return "a";
  }
}

class Sampler {
 public:
  // Values for a place, those first that the wide side's schemas there refuse.
  std::vector<std::string> ValuesAt(const Schemas& narrow, const Schemas& wide, size_t depth) {
    const Schemas parts = Flat(narrow);
    const Schemas others = Flat(wide);
    std::vector<std::string> tried;
    Schemas all = parts;
    all.insert(all.end(), others.begin(), others.end());
    AddScalars(all, tried);
    if (depth < kWitnessDepthMax) {
      for (const Schemas& way : WaysOf(narrow, kTypeArray)) AddArrays(way, others, depth, tried);
      for (const Schemas& way : WaysOf(narrow, kTypeObject)) AddObjects(way, others, depth, tried);
    } else {
      tried.insert(tried.end(), {"[]", "{}"});
    }
    std::vector<std::string> refused;
    std::vector<std::string> accepted;
    std::set<std::string_view> seen;
    for (const std::string& text : tried) {
      if (text.size() > kTextBytesMax || !seen.insert(text).second) continue;
      if (++tries_ > kTriesMax) break;
      const auto value = document_.Parse(text);
      if (!value || !Hold(narrow, **value)) continue;
      const bool holds = Hold(wide, **value);
      std::vector<std::string>& to = holds ? accepted : refused;
      if (to.size() < (holds ? kAcceptedMax : kRefusedMax)) to.push_back(text);
    }
    refused.insert(refused.end(), accepted.rbegin(), accepted.rend());  // the plainest last
    return refused;
  }

 private:
  static bool Hold(const Schemas& schemas, const json::Value& value) {
    return std::ranges::all_of(schemas, [&](const Schema* schema) {
      return Validate(*schema, value, {.strict = false, .reasons_max = 0, .instance_prefix = ""}, nullptr);
    });
  }

  // The parts of one alternative after the other.
  static std::vector<Schemas> WaysOf(const Schemas& narrow, uint8_t type) {
    Position position;
    position.must = narrow;
    std::vector<Form> forms;
    FormsOf(position, type, &forms);  // too many: the first will do
    std::vector<Schemas> ways;
    for (const Form& form : forms) {
      Schemas& way = ways.emplace_back();
      for (const Part& part : form.parts) way.push_back(part.schema);
      if (ways.size() == kWaysMax) break;
    }
    return ways;
  }

  static void AddScalars(const Schemas& parts, std::vector<std::string>& to) {
    for (const Schema* part : parts) {
      for (const json::Value& value : part->enum_values) json::AppendValue(to.emplace_back(), value);
      if (part->format != Format::kNone) to.push_back(Quoted(ExampleOf(part->format)));
      for (const char* keyword : {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}) {
        const json::Value* const value = WrittenKeyword(*part, keyword);
        if (value != nullptr && value->is_number()) AddNumbers(std::string(value->text), to);
      }
      for (const size_t length : {part->length_min, part->length_max}) {
        if (length == kNoLimit || length > 10'000) continue;
        to.push_back(Quoted(std::string(length, 'a')));
        to.push_back(Quoted(std::string(length + 1, 'a')));
        if (length > 0) to.push_back(Quoted(std::string(length - 1, 'a')));
      }
      if (part->pattern != nullptr) to.push_back(Quoted(LiteralsOf(part->pattern->text())));
    }
    to.insert(to.end(), {"1", "0", "-1", "1.5", "1.0", "1000000", "-1000000", "0.001", "7", "\"a\"", "\"\"", "\"1\"",
                         "\"Zz 9\"", "\"abcdefghijklmnopqrstuvwxyz\"", "true", "false", "null", "[]", "{}"});
  }

  static void AddNumbers(const std::string& text, std::vector<std::string>& to) {
    to.push_back(text);
    double number = std::strtod(text.c_str(), nullptr);
    for (const double other :
         {number - 1, number + 1, number * 2, number * 3, number / 2, number - 0.5, number + 0.5}) {
      json::Writer writer;
      writer.Number(other);
      if (writer.text() != "null") to.push_back(writer.text());
    }
  }

  // What stands in a pattern as it is: "^ab-[0-9]+$" gives "ab-".
  static std::string LiteralsOf(std::string_view pattern) {
    std::string out;
    for (const char c : pattern) {
      if (c == '^') continue;
      if (std::string_view("\\[](){}.*+?|$").find(c) != std::string_view::npos) break;
      out += c;
    }
    return out;
  }

  static Schemas ElementsAt(const Schemas& parts, size_t index) {
    Schemas at;
    for (const Schema* part : parts) {
      const Schema* const element = index < part->prefix_items.size() ? part->prefix_items[index] : part->items;
      if (element != nullptr && !element->boolean) at.push_back(element);
    }
    return at;
  }

  void AddArrays(const Schemas& parts, const Schemas& others, size_t depth, std::vector<std::string>& to) {
    Schemas all = parts;
    all.insert(all.end(), others.begin(), others.end());
    std::set<size_t> sizes = {1, 2};
    size_t prefix = 0;
    const bool asked = std::ranges::any_of(parts, [](const Schema* part) { return (part->types & kTypeArray) != 0; });
    for (const Schema* part : all) {
      prefix = std::max(prefix, std::min<size_t>(part->prefix_items.size(), 16));
      for (const size_t size : {part->items_min, part->items_max, part->contains_min, part->contains_max}) {
        if (size <= 64) sizes.insert({size, size + 1});
      }
    }
    if (!asked || (prefix == 0 && ElementsAt(all, 0).empty() && sizes.size() == 2 && depth > 2)) return;
    sizes.insert({prefix, prefix + 1});
    std::vector<std::vector<std::string>> values;
    for (size_t i = 0; i <= prefix; ++i) {
      std::vector<std::string> at = ValuesAt(ElementsAt(parts, i), ElementsAt(others, i), depth + 1);
      for (const Schema* part : all) {
        if (part->contains == nullptr) continue;
        const Schemas contained = {part->contains};
        std::vector<std::string> more = ValuesAt(contained, {}, depth + 1);
        if (more.size() > 3) more.resize(3);
        at.insert(at.end(), more.begin(), more.end());
      }
      if (at.empty()) at.push_back("0");
      values.push_back(std::move(at));
    }
    const auto write = [&](size_t size, size_t which, size_t stride) {
      std::string text = "[";
      for (size_t i = 0; i < size; ++i) {
        const std::vector<std::string>& at = values[std::min(i, prefix)];
        text += (i == 0 ? "" : ",") + at[(which + i * stride) % at.size()];
      }
      to.push_back(text + "]");
    };
    for (const size_t size : sizes) {
      for (size_t which = 0; which < std::min<size_t>(values.back().size(), 24); ++which) {
        write(size, which, 0);
        write(size, which, 1);
      }
    }
    // One place after the other, the rest as it may be.
    for (size_t place = 0; place < values.size(); ++place) {
      for (const std::string& value : values[place]) {
        std::string text = "[";
        for (size_t i = 0; i <= place; ++i) text += (i == 0 ? "" : ",") + (i == place ? value : values[i].back());
        to.push_back(text + "]");
      }
    }
  }

  static Schemas MembersAt(const Schemas& parts, const std::string& name) {
    Schemas at;
    for (const Schema* part : parts) {
      bool named = false;
      const auto known = part->property_index.find(name);
      if (known != part->property_index.end() && part->properties[known->second].schema != nullptr) {
        named = true;
        at.push_back(part->properties[known->second].schema);
      }
      for (const PatternProperty& pattern : part->pattern_properties) {
        if (!pattern.pattern->Matches(name)) continue;
        named = true;
        at.push_back(pattern.schema);
      }
      if (!named && part->additional_properties != nullptr) at.push_back(part->additional_properties);
    }
    return at;
  }

  void AddObjects(const Schemas& parts, const Schemas& others, size_t depth, std::vector<std::string>& to) {
    if (std::ranges::none_of(parts, [](const Schema* part) { return (part->types & kTypeObject) != 0; })) return;
    std::vector<std::string> names;
    std::set<std::string> required;
    size_t members_max = 0;
    const auto add = [&](const std::string& name) {
      if (names.size() < kNamesMax && std::ranges::find(names, name) == names.end()) names.push_back(name);
    };
    Schemas all = parts;
    all.insert(all.end(), others.begin(), others.end());
    for (const Schema* part : all) {
      const bool mine = std::ranges::find(parts, part) != parts.end();
      for (const Property& property : part->properties) {
        add(property.name);
        if (mine && property.required) required.insert(property.name);
      }
      for (const PatternProperty& pattern : part->pattern_properties) {
        add(LiteralsOf(pattern.pattern->text()) + "1");
        add(LiteralsOf(pattern.pattern->text()));
      }
      for (const auto& [name, wanted] : part->dependent_required) {
        add(name);
        for (const std::string& other : wanted) add(other);
      }
      for (const auto& [name, dependent] : part->dependent_schemas) add(name);
      if (part->property_names != nullptr) {
        for (const json::Value& value : part->property_names->enum_values) {
          if (value.is_string()) add(std::string(value.text));
        }
      }
      for (const size_t count : {part->properties_min, part->properties_max}) {
        if (count <= 32) members_max = std::max(members_max, count + 1);
      }
    }
    if (names.empty() && depth > 2) {
      to.push_back("{\"more\":1}");
      return;
    }
    add("more");
    add("1");
    for (size_t i = names.size(); i < members_max; ++i) add("more" + std::to_string(i));
    std::vector<std::vector<std::string>> values;
    for (const std::string& name : names) {
      values.push_back(ValuesAt(MembersAt(parts, name), MembersAt(others, name), depth + 1));
    }
    // Bases: what is required, all; with the values that both sides like best. Then each member in turn.
    const auto write = [&](const std::set<size_t>& with, size_t varied, const std::string* value, size_t which = 0) {
      std::string text = "{";
      for (size_t i = 0; i < names.size(); ++i) {
        const bool here = i == varied ? value != nullptr : with.contains(i);
        if (!here || (i != varied && values[i].empty())) continue;
        const std::string& chosen = i == varied ? *value : values[i][values[i].size() - 1 - which % values[i].size()];
        text += (text.size() == 1 ? "" : ",") + Quoted(names[i]) + ":" + chosen;
      }
      to.push_back(text + "}");
    };
    std::set<size_t> needed;
    std::set<size_t> every;
    for (size_t i = 0; i < names.size(); ++i) {
      if (required.contains(names[i])) needed.insert(i);
      if (!names[i].starts_with("more") && names[i] != "1") every.insert(i);
    }
    write(needed, names.size(), nullptr);
    write(every, names.size(), nullptr);
    for (size_t which = 1; which < 4; ++which) {
      write(needed, names.size(), nullptr, which);
      write(every, names.size(), nullptr, which);
    }
    std::set<size_t> growing = needed;
    for (size_t i = 0; i < names.size() && members_max > 0; ++i) {
      growing.insert(i);
      write(growing, names.size(), nullptr);
    }
    for (size_t i = 0; i < names.size(); ++i) {
      write(every, i, nullptr);
      for (const std::string& value : values[i]) {
        write(needed, i, &value);
        write({}, i, &value);
        write(every, i, &value);
      }
    }
  }

  json::Document document_;
  size_t tries_ = 0;
};

}  // namespace

std::vector<Witness> FindWitnesses(const Schema& narrow, bool narrow_strict, const Schema& wide, bool wide_strict) {
  std::vector<Witness> witnesses;
  json::Document document;
  for (const std::string& text : Sampler().ValuesAt({&narrow}, {&wide}, 0)) {
    const auto value = document.Parse(text);
    if (!value) continue;
    Witness witness{text, {}};
    if (Validate(narrow, **value, {.strict = narrow_strict, .reasons_max = 0, .instance_prefix = ""}, nullptr) &&
        !Validate(wide, **value, {.strict = wide_strict, .instance_prefix = ""}, &witness.reasons)) {
      witnesses.push_back(std::move(witness));
    }
  }
  return witnesses;
}

}  // namespace datahub::contract::evolution
