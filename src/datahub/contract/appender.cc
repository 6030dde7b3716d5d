#include "datahub/contract/appender.h"

#include <cstring>
#include <functional>
#include <limits>

#include <fmt/format.h>

#include "datahub/contract/literal.h"

namespace datahub::contract {
namespace {

using record::Bytes;
using record::Kind;

constexpr size_t kShownMax = 60;
constexpr const char* kOtherYear = "is outside the years 0001 to 9999 in UTC, which is what other engines can read";

std::string Shown(std::string_view literal) {
  return literal.size() <= kShownMax ? std::string(literal) : std::string(literal.substr(0, kShownMax)) + "…";
}

bool Fits(Kind kind, const json::Value& value) {
  switch (kind) {
    case Kind::kBool:
      return value.is_bool();
    case Kind::kInt32:
    case Kind::kInt64:
    case Kind::kDouble:
    case Kind::kDecimal:
      return value.is_number();
    case Kind::kString:
    case Kind::kBytes:
    case Kind::kTimestamp:
    case Kind::kDate:
      return value.is_string();
    case Kind::kStruct:
    case Kind::kMap:
      return value.is_object();
    case Kind::kList:
      return value.is_array();
    case Kind::kJson:
      return true;
  }
  return false;
}

}  // namespace

bool Appender::Append(const ColumnNode& node, const json::Value& value, int16_t repetition, std::string_view text,
                      std::vector<Reason>* reasons) {
  text_ = text;
  reasons_ = reasons;
  path_.clear();
  return AppendAt(node, value, repetition);
}

bool Appender::AppendAt(const ColumnNode& node, const json::Value& value, int16_t repetition) {
  if (value.is_null()) {
    rows_.PutNulls(node.leaf_begin, node.leaf_end, static_cast<int16_t>(node.definition - 1), repetition);
    return true;
  }
  if (!Fits(node.kind, value)) {
    return Fail("dh:type", fmt::format("the column is {}", record::KindName(node.kind)));
  }
  switch (node.kind) {
    case Kind::kBool:
      return Put<uint8_t>(node, value.type == json::Type::kTrue, repetition);
    case Kind::kInt32:
    case Kind::kInt64:
    case Kind::kDouble:
    case Kind::kDecimal:
      return AppendNumber(node, value, repetition);
    case Kind::kString:
    case Kind::kBytes:
      return Put(node, Keep(value.text), repetition);
    case Kind::kJson: {
      const std::string_view json = text_.substr(value.begin, value.end - value.begin);
      return Put(node, Bytes{json.data(), static_cast<uint32_t>(json.size())}, repetition);
    }
    case Kind::kTimestamp:
    case Kind::kDate:
      return AppendTime(node, value, repetition);
    case Kind::kStruct:
      return AppendStruct(node, value, repetition);
    case Kind::kList:
      return AppendList(node, value, repetition);
    case Kind::kMap:
      return AppendMap(node, value, repetition);
  }
  return false;
}

bool Appender::AppendNumber(const ColumnNode& node, const json::Value& value, int16_t repetition) {
  if (node.kind == Kind::kDouble) {
    double number = 0;
    const DoubleFault fault = DoubleOf(value.text, &number);
    if (fault == DoubleFault::kNone) return Put(node, number, repetition);
    return Fail("dh:number", fault == DoubleFault::kNotFinite
                                 ? fmt::format("{} is beyond what a double holds", Shown(value.text))
                                 : fmt::format("no double holds {} exactly", Shown(value.text)));
  }
  if (node.kind == Kind::kDecimal) {
    record::Int128 number = 0;
    const DecimalFault fault = DecimalOf(value.text, node.scale, &number);
    if (fault == DecimalFault::kNone) return Put(node, number, repetition);
    if (fault == DecimalFault::kTooLarge) {
      return Fail("dh:range", fmt::format("{} does not fit decimal(38,{})", Shown(value.text), node.scale));
    }
    return Fail("dh:digits", fmt::format("{} has more than {} digits behind the point", Shown(value.text), node.scale));
  }
  const std::optional<int64_t> number = IntegerOf(value.text);
  const bool narrow = node.kind == Kind::kInt32;
  if (!number ||
      (narrow && (*number < std::numeric_limits<int32_t>::min() || *number > std::numeric_limits<int32_t>::max()))) {
    return Fail("dh:range", fmt::format("{} does not fit {}", Shown(value.text), record::KindName(node.kind)));
  }
  return narrow ? Put(node, static_cast<int32_t>(*number), repetition) : Put(node, *number, repetition);
}

bool Appender::AppendTime(const ColumnNode& node, const json::Value& value, int16_t repetition) {
  if (node.kind == Kind::kDate) {
    const std::optional<int32_t> day = DayOf(value.text);
    if (!day) return Fail("dh:time", fmt::format("'{}' is not a date that the column can hold", Shown(value.text)));
    if (!IsHeldDay(*day)) return Fail("dh:time", fmt::format("'{}' {}", Shown(value.text), kOtherYear));
    return Put(node, *day, repetition);
  }
  const std::optional<Instant> instant = InstantOf(value.text);
  if (!instant) {
    return Fail("dh:time",
                fmt::format("'{}' is not a time with an offset that the column can hold", Shown(value.text)));
  }
  if (!IsHeldInstant(instant->micros)) {
    return Fail("dh:time", fmt::format("'{}' {}", Shown(value.text), kOtherYear));
  }
  if (instant->excess_digits && reject_excess_digits_) {
    return Fail("dh:digits", fmt::format("'{}' is finer than a microsecond", Shown(value.text)));
  }
  return Put(node, instant->micros, repetition);
}

bool Appender::AppendStruct(const ColumnNode& node, const json::Value& value, int16_t repetition) {
  bool good = true;
  size_t found = 0;
  path_.push_back({.key = {}, .index = 0, .is_key = true});
  for (const ColumnNode& child : node.children) {
    if (child.is_extra) continue;
    const json::Value* member = value.Find(child.key);
    if (member == nullptr) {
      rows_.PutNulls(child.leaf_begin, child.leaf_end, node.definition, repetition);
      continue;
    }
    ++found;
    path_.back().key = child.key;
    good &= AppendAt(child, *member, repetition);
  }
  if (node.extra() != nullptr) {
    AppendExtra(node, value, repetition);
  } else if (found < value.members.size()) {
    for (const json::Member& member : value.members) {
      if (node.child_index.contains(member.key)) continue;
      path_.back().key = member.key;
      good = Fail("dh:column", "the contract has no column for this member");
    }
  }
  path_.pop_back();
  return good;
}

void Appender::AppendExtra(const ColumnNode& node, const json::Value& object, int16_t repetition) {
  const ColumnNode& extra = *node.extra();
  scratch_.clear();
  for (const json::Member& member : object.members) {
    if (node.child_index.contains(member.key)) continue;
    scratch_ += scratch_.empty() ? '{' : ',';
    json::AppendString(scratch_, member.key);
    scratch_ += ':';
    json::AppendValue(scratch_, member.value);
  }
  if (scratch_.empty()) return rows_.PutNulls(extra.leaf_begin, extra.leaf_end, node.definition, repetition);
  scratch_ += '}';
  char* const kept = rows_.Allocate(scratch_.size());
  std::memcpy(kept, scratch_.data(), scratch_.size());
  Put(extra, Bytes{kept, static_cast<uint32_t>(scratch_.size())}, repetition);
}

bool Appender::AppendList(const ColumnNode& node, const json::Value& value, int16_t repetition) {
  if (value.elements.empty()) {
    rows_.PutNulls(node.leaf_begin, node.leaf_end, node.definition, repetition);
    return true;
  }
  bool good = true;
  path_.push_back({});
  for (size_t i = 0; i < value.elements.size(); ++i) {
    path_.back().index = i;
    good &= AppendAt(node.children[0], value.elements[i], i == 0 ? repetition : node.repetition);
  }
  path_.pop_back();
  return good;
}

bool Appender::AppendMap(const ColumnNode& node, const json::Value& value, int16_t repetition) {
  if (value.members.empty()) {
    rows_.PutNulls(node.leaf_begin, node.leaf_end, node.definition, repetition);
    return true;
  }
  bool good = true;
  path_.push_back({.key = {}, .index = 0, .is_key = true});
  for (const json::Member& member : value.members) {
    path_.back().key = member.key;
    rows_.Put<true>(node.leaf_begin, Keep(member.key), static_cast<int16_t>(node.definition + 1), repetition);
    good &= AppendAt(node.children[0], member.value, repetition);
    repetition = node.repetition;
  }
  path_.pop_back();
  return good;
}

bool Appender::Fail(const char* keyword, std::string message) {
  if (reasons_ == nullptr || reasons_->size() >= kReasonsMax) return false;
  std::string instance;
  for (const Step& step : path_) {
    instance += '/';
    if (!step.is_key) {
      instance += std::to_string(step.index);
      continue;
    }
    for (const char c : step.key.substr(0, kPointerNameBytesMax)) {  // RFC 6901
      if (c == '~') {
        instance += "~0";
      } else if (c == '/') {
        instance += "~1";
      } else {
        instance += c;
      }
    }
  }
  reasons_->push_back({std::move(instance), keyword, std::move(message)});
  return false;
}

Bytes Appender::Keep(std::string_view decoded) {
  const Bytes seen{decoded.data(), static_cast<uint32_t>(decoded.size())};
  const std::less_equal<const char*> not_after;
  if (not_after(text_.data(), seen.data) && not_after(seen.data + seen.size, text_.data() + text_.size())) return seen;
  char* const kept = rows_.Allocate(decoded.size());
  std::memcpy(kept, decoded.data(), decoded.size());
  return {kept, seen.size};
}

}  // namespace datahub::contract
