#include "datahub/contract/validate.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "datahub/contract/explain/trace.h"
#include "datahub/contract/schema_uri.h"
#include "datahub/contract/validation.h"

namespace datahub::contract {
namespace {

void AppendPointer(std::string& out, const Path* path) {
  if (path == nullptr) return;
  AppendPointer(out, path->parent);
  out += '/';
  out += path->is_index ? std::to_string(path->index) : EncodePointerToken(path->name.substr(0, kPointerNameBytesMax));
}

}  // namespace

bool Validation::Run(std::span<const Schema* const> schemas, const json::Value& value) {
  checks_left_ = kChecksMax + kChecksPerByte * (value.end - value.begin);
  bool valid = true;
  for (const Schema* schema : schemas) valid = Position(*schema, value, nullptr) && valid;
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

Reason Validation::ReasonOf(const Schema& schema, std::string_view keyword, const Path* path,
                            std::string message) const {
  Reason reason;
  reason.instance = options_.instance_prefix;
  AppendPointer(reason.instance, path);
  reason.keyword = schema.location;
  if (!keyword.empty()) reason.keyword.append("/").append(keyword);
  reason.message = std::move(message);
  return reason;
}

bool Validation::FailAloud(const Schema& schema, std::string_view keyword, const Path* path, std::string message) {
  if (trace_ != nullptr) {
    trace_->Failed(keyword, path, message);
    return false;
  }
  reasons_->push_back(ReasonOf(schema, keyword, path, std::move(message)));
  return false;
}

bool Validation::Undecided(const Schema& schema, std::string_view keyword, const Path* path, std::string message) {
  if (trace_ != nullptr && !limit_) trace_->Undecided(keyword, message);
  if (!limit_) limit_ = ReasonOf(schema, keyword, path, std::move(message));
  return false;
}

bool Validation::Position(const Schema& schema, const json::Value& value, const Path* path) {
  if (options_.strict && value.is_object()) {
    touches_.push_back({&value, kPositionMark, schema.names_properties, schema.writes_rest});
  }
  return Check(schema, value, path, nullptr);
}

bool Validation::Holds(const Schema& schema, const json::Value& value, const Path* path, Evaluated* evaluated) {
  std::vector<Reason>* const kept = std::exchange(reasons_, unheard_);
  size_t* const counted = std::exchange(counted_, nullptr);
  const size_t mark = touches_.size();
  const bool holds = Check(schema, value, path, evaluated);
  reasons_ = kept;
  counted_ = counted;
  if (!holds) touches_.resize(mark);
  return holds;
}

inline bool Validation::CheckHere(const Schema& schema, const json::Value& value, const Path* path, Evaluated* outer) {
  if (schema.boolean) {
    if (*schema.boolean) return true;
    return Fail(schema, "", path, "nothing is allowed here");
  }
  if (limit_) return false;
  // A check goes over the value's members or elements once.
  const size_t steps = 1 + value.members.size() + value.elements.size();
  if (checks_left_ < steps || depth_ == kDepthMax) {
    return Undecided(schema, "", path, "value and contract together take too many steps to check");
  }
  checks_left_ -= steps;
  ++depth_;
  const bool enters = schema.resource != nullptr && (entered_.empty() || entered_.back() != schema.resource);
  if (enters) entered_.push_back(schema.resource);
  const bool valid = CheckCounted(schema, value, path, outer);
  if (enters) entered_.pop_back();
  --depth_;
  return valid;
}

bool Validation::Check(const Schema& schema, const json::Value& value, const Path* path, Evaluated* outer) {
  if (trace_ != nullptr) [[unlikely]]
    return CheckTraced(schema, value, path, outer);
  return CheckHere(schema, value, path, outer);
}

bool Validation::CheckTraced(const Schema& schema, const json::Value& value, const Path* path, Evaluated* outer) {
  trace_->Enter(schema, value, path);
  const bool valid = CheckHere(schema, value, path, outer);
  trace_->Leave(valid);
  return valid;
}

bool Validation::CheckCounted(const Schema& schema, const json::Value& value, const Path* path, Evaluated* outer) {
  const bool asks = schema.unevaluated_properties != nullptr || schema.unevaluated_items != nullptr;
  if (outer == nullptr && !asks) return CheckAll(schema, value, path, nullptr);
  Evaluated mine(value);
  bool valid = CheckAll(schema, value, path, &mine);
  if (asks && (valid || !Done())) valid = CheckUnevaluated(schema, value, path, mine) && valid;
  if (valid && outer != nullptr) outer->Merge(mine);
  return valid;
}

bool Validation::CheckAll(const Schema& schema, const json::Value& value, const Path* path, Evaluated* evaluated) {
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
  if (schema.ref != nullptr) {
    if (trace_ != nullptr) trace_->FollowsRef();
    if (!go(Check(*schema.ref, value, path, evaluated))) return false;
  }
  if (schema.dynamic_ref != nullptr) {
    if (trace_ != nullptr) trace_->FollowsDynamicRef();
    if (!go(Check(LeadsTo(schema), value, path, evaluated))) return false;
  }
  for (const Schema* part : schema.all_of) {
    if (!go(Check(*part, value, path, evaluated))) return false;
  }
  if (!schema.any_of.empty() && !go(CheckAnyOf(schema, value, path, evaluated))) return false;
  if (!schema.one_of.empty() && !go(CheckOneOf(schema, value, path, evaluated))) return false;
  if (schema.not_schema != nullptr && !go(CheckNot(schema, value, path))) return false;
  if (schema.if_schema != nullptr && !go(CheckIf(schema, value, path, evaluated))) return false;
  return valid;
}

const Schema& Validation::LeadsTo(const Schema& schema) const {
  if (schema.dynamic_name) {
    for (const SchemaResource* const resource : entered_) {
      const auto anchor = resource->dynamic_anchors.find(*schema.dynamic_name);
      if (anchor != resource->dynamic_anchors.end()) return *anchor->second;
    }
  }
  return *schema.dynamic_ref;
}

bool Validation::CheckAnyOf(const Schema& schema, const json::Value& value, const Path* path, Evaluated* evaluated) {
  bool valid = false;
  for (const Schema* part : schema.any_of) {
    valid = Holds(*part, value, path, evaluated) || valid;
    if (valid && evaluated == nullptr && !options_.strict && trace_ == nullptr) return true;
  }
  if (valid) return true;
  return FailBranches(schema, "anyOf", schema.any_of, value, path);
}

bool Validation::CheckOneOf(const Schema& schema, const json::Value& value, const Path* path, Evaluated* evaluated) {
  size_t held = 0;
  for (const Schema* part : schema.one_of) held += Holds(*part, value, path, evaluated);
  if (held == 1) return true;
  if (held == 0) return FailBranches(schema, "oneOf", schema.one_of, value, path);
  return Fail(schema, "oneOf", path,
              [&] { return fmt::format("{} of the {} forms fit, exactly one must", held, schema.one_of.size()); });
}

bool Validation::FailBranches(const Schema& schema, const char* keyword, const std::vector<const Schema*>& parts,
                              const json::Value& value, const Path* path) {
  Fail(schema, keyword, path, [&] { return fmt::format("none of the {} forms fits", parts.size()); });
  if (trace_ != nullptr || Done()) return false;
  const Schema* nearest = parts[0];
  size_t fewest = options_.reasons_max;
  for (const Schema* part : parts) {
    // Strict hears of all that each of them knows.
    const size_t count = CountReasons(*part, value, path, options_.strict ? options_.reasons_max : fewest);
    if (count >= fewest) continue;
    fewest = count;
    nearest = part;
  }
  if (counted_ != nullptr) {
    *counted_ = std::min(*counted_ + fewest, counted_max_);
    return false;
  }
  Check(*nearest, value, path, nullptr);
  return false;
}

size_t Validation::CountReasons(const Schema& schema, const json::Value& value, const Path* path, size_t most) {
  size_t count = 0;
  size_t* const counted = std::exchange(counted_, &count);
  const size_t counted_max = std::exchange(counted_max_, most);
  Check(schema, value, path, nullptr);
  counted_ = counted;
  counted_max_ = counted_max;
  return count;
}

bool Validation::CheckNot(const Schema& schema, const json::Value& value, const Path* path) {
  const size_t mark = touches_.size();
  const bool holds = Holds(*schema.not_schema, value, path, nullptr);
  touches_.resize(mark);
  return !holds || Fail(schema, "not", path, [&] { return Shown(value) + " is what must not be here"; });
}

bool Validation::CheckIf(const Schema& schema, const json::Value& value, const Path* path, Evaluated* evaluated) {
  const bool holds = Holds(*schema.if_schema, value, path, evaluated);
  const Schema* next = holds ? schema.then_schema : schema.else_schema;
  return next == nullptr || Check(*next, value, path, evaluated);
}

bool Validation::CheckUnevaluated(const Schema& schema, const json::Value& value, const Path* path, Evaluated& mine) {
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

bool Validate(const Schema& schema, const json::Value& value, const ValidateOptions& options,
              std::vector<Reason>* reasons) {
  Validation validation(options, options.reasons_max == 0 ? nullptr : reasons);
  const Schema* const alone = &schema;
  return validation.Run(std::span(&alone, 1), value);
}

Verdict Decide(std::span<const Schema* const> schemas, const json::Value& value, bool strict) {
  ValidateOptions options;
  options.strict = strict;
  Validation validation(options, nullptr);
  if (validation.Run(schemas, value)) return Verdict::kValid;
  return validation.reached_limit() ? Verdict::kUndecided : Verdict::kInvalid;
}

}  // namespace datahub::contract
