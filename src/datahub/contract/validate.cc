#include "datahub/contract/validate.h"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "datahub/contract/json_equal.h"
#include "datahub/contract/schema_uri.h"

namespace datahub::contract {
namespace {

// Where an instance is, as a chain on the stack; made a pointer only for a reason.
struct Path {
  const Path* parent = nullptr;
  std::string_view name;
  size_t index = 0;
  bool is_index = false;
};

void AppendPointer(std::string& out, const Path* path) {
  if (path == nullptr) return;
  AppendPointer(out, path->parent);
  out += '/';
  out += path->is_index ? std::to_string(path->index) : EncodePointerToken(path->name);
}

// Which members or elements of one value some schema has looked at.
struct Evaluated {
  std::vector<uint8_t> seen;

  explicit Evaluated(const json::Value& value) : seen(std::max(value.members.size(), value.elements.size())) {}
  void Merge(const Evaluated& other) {
    for (size_t i = 0; i < seen.size(); ++i) seen[i] |= other.seen[i];
  }
  void All() { std::fill(seen.begin(), seen.end(), 1); }
};

uint8_t TypeOf(const json::Value& value) {
  switch (value.type) {
    case json::Type::kNull:
      return kTypeNull;
    case json::Type::kFalse:
    case json::Type::kTrue:
      return kTypeBoolean;
    case json::Type::kNumber:
      return kTypeNumber;
    case json::Type::kString:
      return kTypeString;
    case json::Type::kArray:
      return kTypeArray;
    case json::Type::kObject:
      return kTypeObject;
  }
  return 0;
}

std::string NamesOf(uint8_t types) {
  static constexpr std::pair<uint8_t, const char*> kNames[] = {{kTypeNull, "null"},     {kTypeBoolean, "boolean"},
                                                               {kTypeNumber, "number"}, {kTypeString, "string"},
                                                               {kTypeArray, "array"},   {kTypeObject, "object"}};
  std::string out;
  if ((types & kTypeInteger) != 0 && (types & kTypeNumber) == 0) out = "integer";
  for (const auto& [bit, name] : kNames) {
    if ((types & bit) != 0) out += (out.empty() ? "" : " or ") + std::string(name);
  }
  return out;
}

size_t CodePoints(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

// A value as a message shows it: short.
std::string Shown(const json::Value& value) {
  constexpr size_t kShownMax = 60;
  std::string text;
  if (value.is_string() || value.is_number()) {
    json::Value head = value;
    head.text = head.text.substr(0, kShownMax);
    while (!head.text.empty() && head.text.size() < value.text.size() &&
           (value.text[head.text.size()] & 0xC0) == 0x80) {
      head.text.remove_suffix(1);
    }
    json::AppendValue(text, head);
    if (head.text.size() < value.text.size()) text += "…";
    return text;
  }
  if (value.is_array() || value.is_object()) return NamesOf(TypeOf(value));
  json::AppendValue(text, value);
  return text;
}

// Where a reason of strict points: no keyword of the contract says it.
const Schema kStrict = [] {
  Schema schema;
  schema.location = "dh:strict";
  return schema;
}();

class Validation {
 public:
  Validation(const ValidateOptions& options, std::vector<Reason>* reasons) : options_(options), reasons_(reasons) {}

  bool Run(const Schema& schema, const json::Value& value) {
    checks_left_ = kChecksMax + kChecksPerByte * (value.end - value.begin);
    bool valid = Position(schema, value, nullptr);
    if (limit_) {
      // Other reasons may only follow from this one.
      if (reasons_ != nullptr) reasons_->assign(1, std::move(*limit_));
      return false;
    }
    if (options_.strict && (valid || !Done())) {
      Close();
      valid = CheckClosed(value, nullptr) && valid;
    }
    return valid;
  }

 private:
  bool Done() const { return reasons_ == nullptr || reasons_->size() >= options_.reasons_max; }

  Reason ReasonOf(const Schema& schema, std::string_view keyword, const Path* path, std::string message) const {
    Reason reason;
    reason.instance = options_.instance_prefix;
    AppendPointer(reason.instance, path);
    reason.keyword = schema.location;
    if (!keyword.empty()) reason.keyword.append("/").append(keyword);
    reason.message = std::move(message);
    return reason;
  }

  // Always false, for `return Fail(…)`.
  bool Fail(const Schema& schema, std::string_view keyword, const Path* path, std::string message) {
    if (!Done()) reasons_->push_back(ReasonOf(schema, keyword, path, std::move(message)));
    return false;
  }

  // A limit was reached: whatever else is found, the value is not valid (`not` may not make it so). Always false.
  bool Undecided(const Schema& schema, std::string_view keyword, const Path* path, std::string message) {
    if (!limit_) limit_ = ReasonOf(schema, keyword, path, std::move(message));
    return false;
  }

  // A value at a position of its own. Strict is decided at the end, when every part that applies there was met.
  bool Position(const Schema& schema, const json::Value& value, const Path* path) {
    if (options_.strict && value.is_object()) {
      touches_.push_back({&value, kPositionMark, schema.names_properties, schema.writes_rest});
    }
    return Check(schema, value, path, nullptr);
  }

  // The verdict alone: no reason is kept; what was touched counts when it holds.
  bool Holds(const Schema& schema, const json::Value& value, const Path* path, Evaluated* evaluated) {
    std::vector<Reason>* const kept = std::exchange(reasons_, nullptr);
    const size_t mark = touches_.size();
    const bool holds = Check(schema, value, path, evaluated);
    reasons_ = kept;
    if (!holds) touches_.resize(mark);
    return holds;
  }

  void Close() {
    for (const Touch& touch : touches_) {
      Closing& closing = closings_[touch.object];
      if (closing.known.empty()) closing.known.resize(touch.object->members.size());
      if (touch.member == kPositionMark) {
        closing.names = closing.names || touch.names;
        closing.written = closing.written || touch.written;
      } else {
        closing.known[touch.member] = 1;
      }
    }
  }

  // Every object that strict closes: members that no schema knows.
  bool CheckClosed(const json::Value& value, const Path* path) {
    bool valid = true;
    for (size_t i = 0; i < value.elements.size(); ++i) {
      const Path at{path, {}, i, true};
      valid = CheckClosed(value.elements[i], &at) && valid;
      if (!valid && Done()) return false;
    }
    const auto closing = value.is_object() ? closings_.find(&value) : closings_.end();
    const bool closes = closing != closings_.end() && closing->second.names && !closing->second.written;
    for (size_t i = 0; i < value.members.size(); ++i) {
      const Path at{path, value.members[i].key, 0, false};
      if (closes && !closing->second.known[i]) {
        valid = Fail(kStrict, "", &at, "this field is not in the contract (strict)");
      } else {
        valid = CheckClosed(value.members[i].value, &at) && valid;
      }
      if (!valid && Done()) return false;
    }
    return valid;
  }

  // Every keyword; `outer` learns what was evaluated when the value satisfies the schema.
  bool Check(const Schema& schema, const json::Value& value, const Path* path, Evaluated* outer) {
    if (schema.boolean) {
      if (*schema.boolean) return true;
      return Fail(schema, "", path, "nothing is allowed here");
    }
    if (limit_) return false;
    if (checks_left_ == 0 || depth_ == kDepthMax) {
      return Undecided(schema, "", path, "value and contract together take too many steps to check");
    }
    --checks_left_;
    ++depth_;
    const bool valid = CheckCounted(schema, value, path, outer);
    --depth_;
    return valid;
  }

  bool CheckCounted(const Schema& schema, const json::Value& value, const Path* path, Evaluated* outer) {
    const bool asks = schema.unevaluated_properties != nullptr || schema.unevaluated_items != nullptr;
    if (outer == nullptr && !asks) return CheckAll(schema, value, path, nullptr);
    Evaluated mine(value);
    bool valid = CheckAll(schema, value, path, &mine);
    if (asks && (valid || !Done())) valid = CheckUnevaluated(schema, value, path, mine) && valid;
    if (valid && outer != nullptr) outer->Merge(mine);
    return valid;
  }

  bool CheckAll(const Schema& schema, const json::Value& value, const Path* path, Evaluated* evaluated) {
    bool valid = CheckType(schema, value, path);
    const auto go = [&](bool held) {
      valid = valid && held;
      return valid || !Done();
    };
    if (!go(true)) return false;
    if (!go(CheckEnum(schema, value, path))) return false;
    switch (value.type) {
      case json::Type::kNumber:
        if (!go(CheckNumber(schema, value, path))) return false;
        break;
      case json::Type::kString:
        if (!go(CheckString(schema, value, path))) return false;
        break;
      case json::Type::kArray:
        if (!go(CheckArray(schema, value, path, evaluated))) return false;
        break;
      case json::Type::kObject:
        if (!go(CheckObject(schema, value, path, evaluated))) return false;
        break;
      default:
        break;
    }
    if (schema.ref != nullptr && !go(Check(*schema.ref, value, path, evaluated))) return false;
    for (const Schema* part : schema.all_of) {
      if (!go(Check(*part, value, path, evaluated))) return false;
    }
    if (!schema.any_of.empty() && !go(CheckAnyOf(schema, value, path, evaluated))) return false;
    if (!schema.one_of.empty() && !go(CheckOneOf(schema, value, path, evaluated))) return false;
    if (schema.not_schema != nullptr) {
      const size_t mark = touches_.size();
      const bool holds = Holds(*schema.not_schema, value, path, nullptr);
      touches_.resize(mark);
      if (holds && !go(Fail(schema, "not", path, Shown(value) + " is what must not be here"))) return false;
    }
    if (schema.if_schema != nullptr && !go(CheckIf(schema, value, path, evaluated))) return false;
    return valid;
  }

  bool CheckType(const Schema& schema, const json::Value& value, const Path* path) {
    uint8_t type = TypeOf(value);
    if ((schema.types & type) != 0) return true;
    if (type == kTypeNumber && (schema.types & kTypeInteger) != 0 && Decimal::Parse(value.text).IsInteger())
      return true;
    if (Done()) return false;
    return Fail(schema, "type", path, fmt::format("expected {}, got {}", NamesOf(schema.types), Shown(value)));
  }

  bool CheckEnum(const Schema& schema, const json::Value& value, const Path* path) {
    if (!schema.has_enum) return true;
    for (const json::Value& allowed : schema.enum_values) {
      if (IsEqual(allowed, value)) return true;
    }
    if (Done()) return false;
    if (schema.enum_is_const) {
      return Fail(schema, "const", path,
                  fmt::format("expected {}, got {}", Shown(schema.enum_values[0]), Shown(value)));
    }
    return Fail(schema, "enum", path,
                fmt::format("{} is not one of the {} allowed values", Shown(value), schema.enum_values.size()));
  }

  bool CheckNumber(const Schema& schema, const json::Value& value, const Path* path) {
    if (!schema.minimum && !schema.maximum && !schema.exclusive_minimum && !schema.exclusive_maximum &&
        !schema.multiple_of) {
      return true;
    }
    const Decimal number = Decimal::Parse(value.text);
    bool valid = true;
    const auto bound = [&](const std::optional<Decimal>& limit, const char* keyword, auto holds, const char* words) {
      if (limit && !holds(number.Compare(*limit))) {
        valid = Fail(schema, keyword, path,
                     fmt::format("{} is {} {}", value.text.substr(0, 60), words, TextOf(schema, keyword)));
      }
    };
    bound(
        schema.minimum, "minimum", [](int c) { return c >= 0; }, "less than the minimum");
    bound(
        schema.maximum, "maximum", [](int c) { return c <= 0; }, "more than the maximum");
    bound(
        schema.exclusive_minimum, "exclusiveMinimum", [](int c) { return c > 0; }, "not more than");
    bound(
        schema.exclusive_maximum, "exclusiveMaximum", [](int c) { return c < 0; }, "not less than");
    if (schema.multiple_of && !number.IsMultipleOf(*schema.multiple_of)) {
      valid = Fail(schema, "multipleOf", path,
                   fmt::format("{} is not a multiple of {}", value.text.substr(0, 60), TextOf(schema, "multipleOf")));
    }
    return valid;
  }

  static const json::Value* Written(const Schema& schema, const char* keyword) {
    return schema.source == nullptr ? nullptr : schema.source->Find(keyword);
  }
  // A keyword's value as the contract spells it.
  static std::string_view TextOf(const Schema& schema, const char* keyword) {
    const json::Value* const value = Written(schema, keyword);
    return value == nullptr ? std::string_view() : value->text;
  }

  bool CheckString(const Schema& schema, const json::Value& value, const Path* path) {
    bool valid = true;
    if (schema.length_min > 0 || schema.length_max != kNoLimit) {
      const size_t length = CodePoints(value.text);
      if (length < schema.length_min) {
        valid = Fail(schema, "minLength", path,
                     fmt::format("{} characters, at least {} wanted", length, schema.length_min));
      }
      if (length > schema.length_max) {
        valid = Fail(schema, "maxLength", path,
                     fmt::format("{} characters, at most {} allowed", length, schema.length_max));
      }
    }
    if (schema.pattern) {
      switch (schema.pattern->Search(value.text)) {
        case Pattern::Outcome::kFound:
          break;
        case Pattern::Outcome::kNotFound:
          valid = Fail(schema, "pattern", path,
                       fmt::format("{} does not match '{}'", Shown(value), schema.pattern->text()));
          break;
        case Pattern::Outcome::kLimit:
          valid = Undecided(schema, "pattern", path,
                            fmt::format("'{}' took too many steps on this text", schema.pattern->text()));
          break;
      }
    }
    if (schema.format != Format::kNone && !Matches(schema.format, value.text)) {
      valid = Fail(schema, "format", path, fmt::format("{} is not a {}", Shown(value), NameOf(schema.format)));
    }
    return valid;
  }

  bool CheckArray(const Schema& schema, const json::Value& value, const Path* path, Evaluated* evaluated) {
    const size_t count = value.elements.size();
    bool valid = true;
    if (count < schema.items_min) {
      valid = Fail(schema, "minItems", path, fmt::format("{} elements, at least {} wanted", count, schema.items_min));
    }
    if (count > schema.items_max) {
      valid = Fail(schema, "maxItems", path, fmt::format("{} elements, at most {} allowed", count, schema.items_max));
    }
    if (schema.unique_items && !AreUnique(value.elements))
      valid = Fail(schema, "uniqueItems", path, "two elements are equal");
    if (!valid && Done()) return false;
    for (size_t i = 0; i < count; ++i) {
      const Schema* element = i < schema.prefix_items.size() ? schema.prefix_items[i] : schema.items;
      if (element == nullptr) break;
      const Path at{path, {}, i, true};
      valid = Position(*element, value.elements[i], &at) && valid;
      if (!valid && Done()) return false;
      if (evaluated != nullptr) evaluated->seen[i] = 1;
    }
    return CheckContains(schema, value, path, evaluated) && valid;
  }

  bool CheckContains(const Schema& schema, const json::Value& value, const Path* path, Evaluated* evaluated) {
    if (schema.contains == nullptr) return true;
    size_t found = 0;
    for (size_t i = 0; i < value.elements.size(); ++i) {
      const Path at{path, {}, i, true};
      if (!Holds(*schema.contains, value.elements[i], &at, nullptr)) continue;
      ++found;
      if (evaluated != nullptr) evaluated->seen[i] = 1;
    }
    if (found < schema.contains_min) {
      return Fail(schema, schema.contains_min == 1 ? "contains" : "minContains", path,
                  fmt::format("{} elements are as wanted, at least {} must be", found, schema.contains_min));
    }
    if (found <= schema.contains_max) return true;
    return Fail(schema, "maxContains", path,
                fmt::format("{} elements are as named, at most {} may be", found, schema.contains_max));
  }

  bool CheckObject(const Schema& schema, const json::Value& value, const Path* path, Evaluated* evaluated) {
    const size_t count = value.members.size();
    bool valid = true;
    const auto go = [&](bool held) {
      valid = valid && held;
      return valid || !Done();
    };
    if (count < schema.properties_min &&
        !go(Fail(schema, "minProperties", path,
                 fmt::format("{} fields, at least {} wanted", count, schema.properties_min)))) {
      return false;
    }
    if (count > schema.properties_max &&
        !go(Fail(schema, "maxProperties", path,
                 fmt::format("{} fields, at most {} allowed", count, schema.properties_max)))) {
      return false;
    }
    size_t required = 0;
    size_t present = 0;
    for (const Property& property : schema.properties) required += property.required;
    for (size_t i = 0; i < count; ++i) {
      const json::Member& member = value.members[i];
      const auto known = schema.property_index.find(member.key);
      if (known != schema.property_index.end() && schema.properties[known->second].required) ++present;
      if (!go(CheckMember(schema, value, i,
                          known == schema.property_index.end() ? nullptr : &schema.properties[known->second], path,
                          evaluated))) {
        return false;
      }
    }
    if (present < required && !go(FailMissing(schema, value, path))) return false;
    return go(CheckDependent(schema, value, path, evaluated)) && valid;
  }

  bool CheckMember(const Schema& schema, const json::Value& object, size_t index, const Property* property,
                   const Path* path, Evaluated* evaluated) {
    const json::Member& member = object.members[index];
    const Path at{path, member.key, 0, false};
    bool valid = true;
    bool named = false;
    const auto apply = [&](const Schema& with) {
      named = true;
      valid = Position(with, member.value, &at) && valid;
      return valid || !Done();
    };
    if (schema.property_names != nullptr) {
      json::Value name;
      name.type = json::Type::kString;
      name.text = member.key;
      if (!Holds(*schema.property_names, name, &at, nullptr)) {
        valid = Fail(schema, "propertyNames", &at, "the field's name is not allowed");
        if (Done()) return false;
      }
    }
    if (property != nullptr && property->schema != nullptr && !apply(*property->schema)) return false;
    for (const PatternProperty& pattern : schema.pattern_properties) {
      const Pattern::Outcome found = pattern.pattern->Search(member.key);
      if (found == Pattern::Outcome::kLimit) {
        return Undecided(schema, "patternProperties", &at,
                         fmt::format("'{}' took too many steps on this field's name", pattern.pattern->text()));
      }
      if (found == Pattern::Outcome::kFound && !apply(*pattern.schema)) return false;
    }
    if (!named && schema.additional_properties != nullptr) {
      named = true;
      if (schema.additional_properties->boolean && !*schema.additional_properties->boolean) {
        return Fail(schema, "additionalProperties", &at, "this field is not in the contract");
      }
      valid = Position(*schema.additional_properties, member.value, &at) && valid;
    }
    if (named && evaluated != nullptr) evaluated->seen[index] = 1;
    if (named && options_.strict) touches_.push_back({&object, static_cast<uint32_t>(index), false, false});
    return valid;
  }

  bool FailMissing(const Schema& schema, const json::Value& value, const Path* path) {
    for (const Property& property : schema.properties) {
      if (!property.required || value.Find(property.name) != nullptr) continue;
      const Path at{path, property.name, 0, false};
      Fail(schema, "required", &at, "the field is missing");
      if (Done()) break;
    }
    return false;
  }

  bool CheckDependent(const Schema& schema, const json::Value& value, const Path* path, Evaluated* evaluated) {
    bool valid = true;
    for (const auto& [name, wanted] : schema.dependent_required) {
      if (value.Find(name) == nullptr) continue;
      for (const std::string& other : wanted) {
        if (value.Find(other) != nullptr) continue;
        const Path at{path, other, 0, false};
        valid = Fail(schema, Written(schema, "dependencies") ? "dependencies" : "dependentRequired", &at,
                     fmt::format("the field is missing; '{}' asks for it", name));
        if (Done()) return false;
      }
    }
    for (const auto& [name, dependent] : schema.dependent_schemas) {
      if (value.Find(name) == nullptr) continue;
      valid = Check(*dependent, value, path, evaluated) && valid;
      if (!valid && Done()) return false;
    }
    return valid;
  }

  bool CheckAnyOf(const Schema& schema, const json::Value& value, const Path* path, Evaluated* evaluated) {
    bool valid = false;
    for (const Schema* part : schema.any_of) {
      valid = Holds(*part, value, path, evaluated) || valid;
      if (valid && evaluated == nullptr && !options_.strict) return true;
    }
    if (valid) return true;
    return FailBranches(schema, "anyOf", schema.any_of, value, path);
  }

  bool CheckOneOf(const Schema& schema, const json::Value& value, const Path* path, Evaluated* evaluated) {
    size_t held = 0;
    for (const Schema* part : schema.one_of) held += Holds(*part, value, path, evaluated);
    if (held == 1) return true;
    if (held == 0) return FailBranches(schema, "oneOf", schema.one_of, value, path);
    return Fail(schema, "oneOf", path,
                fmt::format("{} of the {} forms fit, exactly one must", held, schema.one_of.size()));
  }

  // That none fits, and why the nearest does not: the branch with the fewest reasons.
  bool FailBranches(const Schema& schema, const char* keyword, const std::vector<const Schema*>& parts,
                    const json::Value& value, const Path* path) {
    Fail(schema, keyword, path, fmt::format("none of the {} forms fits", parts.size()));
    if (Done()) return false;
    std::vector<Reason> nearest;
    for (const Schema* part : parts) {
      std::vector<Reason> reasons;
      std::vector<Reason>* const kept = std::exchange(reasons_, &reasons);
      Check(*part, value, path, nullptr);
      reasons_ = kept;
      if (nearest.empty() || reasons.size() < nearest.size()) nearest = std::move(reasons);
    }
    for (Reason& reason : nearest) {
      if (!Done()) reasons_->push_back(std::move(reason));
    }
    return false;
  }

  bool CheckIf(const Schema& schema, const json::Value& value, const Path* path, Evaluated* evaluated) {
    const bool holds = Holds(*schema.if_schema, value, path, evaluated);
    const Schema* next = holds ? schema.then_schema : schema.else_schema;
    return next == nullptr || Check(*next, value, path, evaluated);
  }

  bool CheckUnevaluated(const Schema& schema, const json::Value& value, const Path* path, Evaluated& mine) {
    bool valid = true;
    const bool is_object = value.is_object() && schema.unevaluated_properties != nullptr;
    const bool is_array = value.is_array() && schema.unevaluated_items != nullptr;
    if (!is_object && !is_array) return true;
    for (size_t i = 0; i < mine.seen.size(); ++i) {
      if (mine.seen[i]) continue;
      const Path at = is_object ? Path{path, value.members[i].key, 0, false} : Path{path, {}, i, true};
      const Schema& with = is_object ? *schema.unevaluated_properties : *schema.unevaluated_items;
      const json::Value& part = is_object ? value.members[i].value : value.elements[i];
      valid = Position(with, part, &at) && valid;
      if (!valid && Done()) return false;
    }
    mine.All();
    return valid;
  }

  static constexpr uint32_t kPositionMark = ~uint32_t(0);

  // A schema applied at an object's position, or knew one of its members.
  struct Touch {
    const json::Value* object;
    uint32_t member;
    bool names;
    bool written;
  };
  struct Closing {
    bool names = false;
    bool written = false;
    std::vector<uint8_t> known;
  };

  // Limits: a recursive contract with alternatives can ask for 2^depth checks.
  static constexpr size_t kChecksMax = 1'000'000;
  static constexpr size_t kChecksPerByte = 100;
  static constexpr size_t kDepthMax = 3'000;

  const ValidateOptions& options_;
  std::vector<Reason>* reasons_;
  size_t checks_left_ = 0;
  size_t depth_ = 0;
  std::optional<Reason> limit_;  // the first that was reached
  std::vector<Touch> touches_;
  std::unordered_map<const json::Value*, Closing> closings_;
};

}  // namespace

bool Validate(const Schema& schema, const json::Value& value, const ValidateOptions& options,
              std::vector<Reason>* reasons) {
  Validation validation(options, options.reasons_max == 0 ? nullptr : reasons);
  return validation.Run(schema, value);
}

}  // namespace datahub::contract
