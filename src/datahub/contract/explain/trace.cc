#include "datahub/contract/explain/trace.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "datahub/contract/explain/annotation.h"
#include "datahub/contract/explain/keyword_rules.h"
#include "datahub/contract/schema_uri.h"
#include "datahub/contract/validation.h"

namespace datahub::contract {
namespace {

constexpr size_t kMessageBytesMax = 2'000;  // an object may lack thousands of fields

// What may stand in a URI's fragment (RFC 3986) stays, all else is %-encoded.
std::string FragmentOf(std::string_view pointer) {
  constexpr std::string_view kPlain = "-._~!$&'()*+,;=:@/?";
  std::string fragment;
  for (const char c : pointer) {
    const bool is_plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || kPlain.find(c) != kPlain.npos;
    is_plain ? fragment += c : fragment += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return fragment;
}

size_t BytesOf(const KeywordUnit& unit) {
  return sizeof unit + unit.instance.size() + unit.keyword.size() + unit.absolute.size() + unit.message.size() +
         unit.annotation.size();
}

}  // namespace

void Trace::FollowsRef() { follows_ = "$ref"; }

void Trace::FollowsDynamicRef() {
  follows_ = frames_.back().schema->dialect == Dialect::kDraft2019 ? "$recursiveRef" : "$dynamicRef";
}

std::string Trace::StepOf(const Path& path) {
  return "/" + (path.is_index ? std::to_string(path.index) : EncodePointerToken(path.name));
}

void Trace::Enter(const Schema& schema, const json::Value& value, const Path* path) {
  Frame frame{&schema, &value, path, "", "", value.begin, units_.size()};
  const std::string_view follows = std::exchange(follows_, {});
  if (!frames_.empty()) {
    const Frame& outer = frames_.back();
    // A part is written below what it is a part of; a reference leads anywhere.
    std::string_view step = follows;
    if (follows.empty()) {
      step = schema.location;
      step.remove_prefix(std::min(step.size(), outer.schema->location.size() + 1));
    }
    frame.by = step.substr(0, step.find('/'));
    frame.location = fmt::format("{}/{}", outer.location, step);
    frame.instance = outer.instance;
    frame.place = outer.place;
    if (path != outer.path) {
      frame.instance += StepOf(*path);
      // Of a member's name as a value nothing is in the text.
      const json::Value* const member = outer.value->is_object() ? outer.value->Find(path->name) : &value;
      frame.place = member == nullptr ? outer.place : member->begin;
    }
  }
  PushUnits(frame);
  frames_.push_back(std::move(frame));
}

// Half of a frame's units make no sense: all, or none once the limit was met.
void Trace::PushUnits(Frame& frame) {
  frame.recorded = !cut_;
  const Schema& schema = *frame.schema;
  if (schema.boolean && !*schema.boolean) frame.recorded = PushUnit(frame, "");
  if (schema.source == nullptr) return;
  for (const json::Member& member : schema.source->members) {
    if (RuleOf(member.key).role == KeywordRole::kSilent) continue;
    if (PushUnit(frame, member.key)) continue;
    frame.recorded = false;
    units_.resize(frame.begin);
    return;
  }
}

bool Trace::PushUnit(const Frame& frame, std::string_view keyword) {
  if (cut_) return false;
  KeywordUnit unit;
  unit.instance = frame.instance;
  unit.place = frame.place;
  unit.keyword = frame.location;
  if (!keyword.empty()) unit.keyword += "/" + EncodePointerToken(keyword);
  unit.absolute = AbsoluteOf(*frame.schema, keyword);
  bytes_ += BytesOf(unit);
  cut_ = bytes_ > kExplanationBytesMax;
  if (!cut_) units_.push_back(std::move(unit));
  return !cut_;
}

std::string Trace::AbsoluteOf(const Schema& schema, std::string_view keyword) const {
  std::string pointer = schema.location;
  std::string address = base_;
  if (schema.home != nullptr && pointer.starts_with(schema.home->location)) {
    pointer.erase(0, schema.home->location.size());
    address = ResolveUri(base_, schema.home->address);
  }
  if (!keyword.empty()) pointer += "/" + EncodePointerToken(keyword);
  return fmt::format("{}#{}", address, FragmentOf(pointer));
}

Trace::Met& Trace::MetOf(Frame& frame, std::string_view keyword) {
  for (Met& met : frame.met) {
    if (met.keyword == keyword) return met;
  }
  frame.met.push_back({.keyword = keyword, .message = "", .parts = {}});
  return frame.met.back();
}

const Trace::Met* Trace::FindMet(const Frame& frame, std::string_view keyword) {
  const auto met = std::ranges::find(frame.met, keyword, &Met::keyword);
  return met == frame.met.end() ? nullptr : &*met;
}

void Trace::Failed(std::string_view keyword, const Path* path, std::string_view message) {
  if (frames_.empty()) return;
  Frame& frame = frames_.back();
  Met& met = MetOf(frame, keyword);
  met.failed = true;
  if (keyword == "additionalProperties" && path != frame.path) {
    // The schema `false`, which was not entered.
    Part part{units_.size(), 0, false, path->name, path->index};
    if (frame.recorded && PushUnit(frame, keyword)) {
      KeywordUnit& unit = units_.back();
      unit.instance += StepOf(*path);
      unit.place = frame.value->Find(path->name)->begin;
      unit.verdict = KeywordVerdict::kFails;
      unit.is_error = true;
      unit.message = message;
    }
    part.end = units_.size();
    met.parts.push_back(part);
    ++met.parts_failed;
    return;
  }
  if (met.message.size() > kMessageBytesMax) return;
  if (!met.message.empty()) met.message += "; ";
  if (path != frame.path)
    met.message += path->is_index ? fmt::format("{}: ", path->index) : fmt::format("'{}': ", path->name);
  met.message += message;
  if (met.message.size() > kMessageBytesMax) met.message += "; …";
}

void Trace::Undecided(std::string_view keyword, std::string_view message) {
  if (frames_.empty() || limit_) return;
  const Frame& frame = frames_.back();
  limit_ = KeywordUnit{frame.instance, frame.place, frame.location, AbsoluteOf(*frame.schema, keyword)};
  if (!keyword.empty()) limit_->keyword += "/" + EncodePointerToken(keyword);
  limit_->verdict = KeywordVerdict::kFails;
  limit_->is_error = true;
  limit_->message = message;
}

void Trace::Leave(bool valid) {
  const Frame frame = std::move(frames_.back());
  frames_.pop_back();
  for (const Met& met : frame.met) JudgeParts(met);
  if (frame.recorded) JudgeUnits(frame);
  if (!valid) DropAnnotations(frame.begin, units_.size());
  if (frames_.empty()) return;
  Frame& outer = frames_.back();
  Met& met = MetOf(outer, frame.by);
  Part part{frame.begin, units_.size(), valid, "", 0};
  if (frame.path != outer.path) {
    part.name = frame.path->name;
    part.index = frame.path->index;
  }
  met.parts.push_back(part);
  met.parts_failed += valid ? 0 : 1;
}

// Failures below a keyword that holds, or that fails for another reason, are none of the whole.
void Trace::JudgeParts(const Met& met) {
  const bool applies = RuleOf(met.keyword).role == KeywordRole::kApplies;
  const bool one_too_many = met.keyword == "oneOf" && met.parts_failed < met.parts.size();
  const bool fails = applies ? met.parts_failed > 0 : met.failed && !one_too_many && met.keyword != "not";
  for (const Part& part : met.parts) {
    for (size_t i = part.begin; i < part.end && !fails; ++i) units_[i].is_error = false;
    // What is said of a name is not said of the value that has it.
    if (met.keyword == "not" || met.keyword == "propertyNames") DropAnnotations(part.begin, part.end);
  }
}

void Trace::DropAnnotations(size_t begin, size_t end) {
  for (size_t i = begin; i < end; ++i) units_[i].annotation.clear();
}

void Trace::JudgeUnits(const Frame& frame) {
  size_t at = frame.begin;
  if (frame.schema->boolean && !*frame.schema->boolean) {
    const Met* const met = FindMet(frame, "");
    units_[at].verdict = KeywordVerdict::kFails;
    units_[at].is_error = true;
    units_[at].message = met == nullptr ? "" : met->message;
    return;
  }
  if (frame.schema->source == nullptr) return;
  for (const json::Member& member : frame.schema->source->members) {
    if (RuleOf(member.key).role != KeywordRole::kSilent) JudgeUnit(frame, member, units_[at++]);
  }
}

void Trace::JudgeUnit(const Frame& frame, const json::Member& member, KeywordUnit& unit) {
  const Schema& schema = *frame.schema;
  const std::string_view keyword = member.key;
  const uint8_t type = TypeBitOf(*frame.value);
  const Met* const met = FindMet(frame, keyword);
  const bool applies = RuleOf(keyword).role == KeywordRole::kApplies;
  if (met != nullptr && (met->failed || (applies && met->parts_failed > 0))) {
    unit.verdict = KeywordVerdict::kFails;
    unit.is_error = true;
    unit.message = met->message;
    if (unit.message.empty() && met->parts.size() == 1) unit.message = "it does not hold";
    if (unit.message.empty()) unit.message = fmt::format("{} of {} do not hold", met->parts_failed, met->parts.size());
    bytes_ += unit.message.size();
    return;
  }
  const bool is_branch = keyword == "then" || keyword == "else";
  if (!IsAsked(schema, keyword, type) || (is_branch && met == nullptr)) return;
  unit.verdict = KeywordVerdict::kOk;
  if (keyword == "if" && met != nullptr) unit.message = met->parts_failed == 0 ? "it holds" : "it does not hold";
  if (IsAnnotation(schema, keyword, type)) {
    json::AppendValue(unit.annotation, member.value);
  } else if (met != nullptr || type == kTypeObject || type == kTypeArray) {
    std::vector<Applied> applied;
    for (const Part& part : met == nullptr ? std::vector<Part>() : met->parts) {
      applied.push_back({part.name, part.index, part.valid});
    }
    unit.annotation = AppliedAnnotation(schema, keyword, *frame.value, applied);
  }
  bytes_ += unit.annotation.size();
  cut_ = cut_ || bytes_ > kExplanationBytesMax;
}

std::vector<KeywordUnit> Trace::Units() && {
  if (limit_) return {std::move(*limit_)};
  return std::move(units_);
}

}  // namespace datahub::contract
