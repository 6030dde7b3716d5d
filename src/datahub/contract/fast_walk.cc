#include "datahub/contract/fast_walk.h"

#include <algorithm>
#include <bit>

#include "datahub/contract/fast_string.h"
#include "datahub/contract/repeated_text.h"

namespace datahub::contract {
namespace {

using record::Bytes;

Bytes BytesOf(std::string_view text) { return {text.data(), static_cast<uint32_t>(text.size())}; }

// Which bound a value violates; equal to a bound that is not exact counts as a violation, so that the exact way decides.
bool Passes(const DoublePlan& checks, double value, bool value_is_exact) {
  const bool above =
      value > checks.min || (value == checks.min && !checks.min_exclusive && checks.min_exact && value_is_exact);
  const bool below =
      value < checks.max || (value == checks.max && !checks.max_exclusive && checks.max_exact && value_is_exact);
  return above && below;
}

bool Passes(const IntegerPlan& checks, int64_t value) {
  if (value < checks.min || value > checks.max) return false;
  if (checks.multiple_of != 1 && value % checks.multiple_of != 0) return false;
  return !checks.has_values || std::binary_search(checks.values.begin(), checks.values.end(), value);
}

}  // namespace

FastWalk::FastWalk(const Contract::Plan& plan, const ContractOptions& options, RowBuilder& rows)
    : plan_(plan),
      rows_(rows),
      appender_(rows, options.reject_excess_digits),
      reject_excess_digits_(options.reject_excess_digits),
      checks_(plan.checks) {}

const uint32_t* FastWalk::Record(const uint32_t* at, uint32_t end) {
  end_ = end;
  extra_.clear();
  keys_.clear();
  if (*at >= end_) return nullptr;
  if (plan_.mapping == nullptr) return Whole(at);
  if (CharAt(at) != '{') return nullptr;
  const PlanNode* root = &plan_.root;
  if (root->op == Op::kChecked) {
    const CheckedPlan& checked = plan_.checked[root->detail];
    checks_.BeginRecord(*at, end_, 0);
    if (checks_.Value(checked.check, at) == nullptr) return nullptr;
    root = &checked.inner;
  }
  at = Struct<false>(*root, at, 0);
  // Exactly one value: it ended within the record, and nothing follows.
  return at != nullptr && at[-1] < end_ && *at >= end_ ? at : nullptr;
}

const uint32_t* FastWalk::Whole(const uint32_t* at) {
  checks_.BeginRecord(*at, end_, 0);
  const uint32_t* const after = checks_.Value(plan_.checks.root, at);
  if (after == nullptr || after[-1] >= end_ || *after < end_) return nullptr;
  const char* const begin = base_ + *at;
  const char* const end = after == at + 1 ? TokenEnd(at) : base_ + after[-1] + 1;
  rows_.Put<false>(0, BytesOf({begin, static_cast<size_t>(end - begin)}), int16_t{1}, int16_t{0});
  return after;
}

template <bool kRepeated>
[[gnu::always_inline]] inline const uint32_t* FastWalk::Value(const PlanNode& node, const uint32_t* at,
                                                              int16_t repetition) {
  switch (node.op) {
    case Op::kString:
    case Op::kTimestamp:
    case Op::kDate:
      return Text<kRepeated>(node, at, repetition);
    case Op::kInt64:
    case Op::kInt32:
    case Op::kDouble:
    case Op::kDecimal:
      return Number<kRepeated>(node, at, repetition);
    case Op::kBool:
      return Bool<kRepeated>(node, at, repetition);
    case Op::kStruct:
      if (CharAt(at) == '{') return Struct<kRepeated>(node, at, repetition);
      return Null(node, at, repetition);
    case Op::kList:
      return List(node, at, repetition);
    case Op::kMap:
      return Map(node, at, repetition);
    case Op::kJson:
      return Json(node, at, repetition);
    case Op::kChecked:
      return Checked<kRepeated>(node, at, repetition);
    case Op::kAppended:
      return Appended(node, at, repetition);
  }
  return nullptr;
}

template <bool kRepeated>
const uint32_t* FastWalk::Struct(const PlanNode& node, const uint32_t* at, int16_t repetition) {
  const StructPlan& plan = plan_.structs[node.detail];
  const size_t words = plan.all.size();
  uint64_t seen[kStreamedPropertiesMax / 64 + 1];
  for (size_t word = 0; word < words; ++word) seen[word] = 0;
  const size_t extra_begin = extra_.size();
  uint32_t next = 0;
  size_t members = 0;
  ++at;
  if (CharAt(at) == '}') {
    ++at;
  } else {
    for (;; ++at, ++members) {
      if (*at >= end_ || CharAt(at + 1) != ':') return nullptr;
      uint32_t index = next;
      std::string_view key;
      if (!plan.keys.Begins(index, base_ + *at)) [[unlikely]] {
        const char* const begin = base_ + *at;
        const char* const end = TokenEnd(at) - 1;
        if (*begin != '"' || end <= begin || *end != '"') return nullptr;
        key = {begin + 1, static_cast<size_t>(end - begin - 1)};
        index = plan.keys.Find(key.data(), key.size());
      }
      at += 2;
      if (index == KeyTable::kNone) [[unlikely]] {
        at = ExtraMember(plan, extra_begin, key, at);
      } else {
        const uint64_t bit = uint64_t{1} << (index % 64);
        if (seen[index / 64] & bit) return nullptr;
        seen[index / 64] |= bit;
        next = index + 1;
        at = Value<kRepeated>(plan.fields[index], at, repetition);
      }
      if (at == nullptr || *at >= end_) return nullptr;
      if (CharAt(at) == ',') continue;
      if (CharAt(at) != '}') return nullptr;
      ++at;
      ++members;
      break;
    }
  }
  if (members < plan.members_min || members > plan.members_max) return nullptr;
  for (size_t word = 0; word < words; ++word) {
    uint64_t missing = plan.all[word] & ~seen[word];
    if (missing & plan.required[word]) return nullptr;
    for (; missing != 0; missing &= missing - 1) {
      const PlanNode& field = plan.fields[word * 64 + static_cast<size_t>(std::countr_zero(missing))];
      rows_.PutNulls(field.leaf, field.leaf_end, node.definition, repetition);
    }
  }
  if (plan.open && !FinishExtra(plan, extra_begin, repetition)) return nullptr;
  return at;
}

template <bool kRepeated>
[[gnu::always_inline]] inline const uint32_t* FastWalk::Text(const PlanNode& node, const uint32_t* at,
                                                             int16_t repetition) {
  std::string_view text;
  if (!ReadString(at, &text)) return Null(node, at, repetition);
  if (node.checked && Judge(plan_.strings[node.detail], text) != StringVerdict::kValid) return nullptr;
  if (node.op == Op::kString) {
    rows_.Put<kRepeated>(node.leaf, BytesOf(text), node.definition, repetition);
  } else if (node.op == Op::kTimestamp) {
    int64_t micros = 0;
    if (!times_.ReadInstant(text.data(), text.size(), reject_excess_digits_, &micros)) return nullptr;
    rows_.Put<kRepeated>(node.leaf, micros, node.definition, repetition);
  } else {
    int32_t day = 0;
    if (!times_.ReadDay(text.data(), text.size(), &day)) return nullptr;
    rows_.Put<kRepeated>(node.leaf, day, node.definition, repetition);
  }
  return at + 1;
}

template <bool kRepeated>
[[gnu::always_inline]] inline const uint32_t* FastWalk::Number(const PlanNode& node, const uint32_t* at,
                                                               int16_t repetition) {
  const char* const begin = base_ + *at;
  const char* const end = TokenEnd(at);
  if (node.op == Op::kInt64 || node.op == Op::kInt32) {
    int64_t value = 0;
    if (!ReadInteger(begin, end, &value)) return Null(node, at, repetition);
    if (node.checked && !Passes(plan_.integers[node.detail], value)) return nullptr;
    if (node.op == Op::kInt64) {
      rows_.Put<kRepeated>(node.leaf, value, node.definition, repetition);
    } else {
      rows_.Put<kRepeated>(node.leaf, static_cast<int32_t>(value), node.definition, repetition);
    }
    return at + 1;
  }
  ShortNumber number;
  if (!ReadNumber(base_, begin, end, &number)) return Null(node, at, repetition);
  if (node.op == Op::kDouble) {
    double value = 0;
    if (!ToDouble(number, begin, end, &value)) return nullptr;
    if (node.checked && !Passes(plan_.doubles[node.detail], value, number.is_integer)) return nullptr;
    rows_.Put<kRepeated>(node.leaf, value, node.definition, repetition);
    return at + 1;
  }
  const DecimalPlan& checks = plan_.decimals[node.detail];
  record::Int128 value = 0;
  if (!ToDecimal(number, checks.scale, &value) || value < checks.min || value > checks.max) return nullptr;
  rows_.Put<kRepeated>(node.leaf, value, node.definition, repetition);
  return at + 1;
}

template <bool kRepeated>
[[gnu::always_inline]] inline const uint32_t* FastWalk::Bool(const PlanNode& node, const uint32_t* at,
                                                             int16_t repetition) {
  const char* const begin = base_ + *at;
  const std::string_view token(begin, static_cast<size_t>(std::max<ptrdiff_t>(TokenEnd(at) - begin, 0)));
  const bool value = token == "true";
  if (!value && token != "false") return Null(node, at, repetition);
  if (!(plan_.bools[node.detail] & (value ? 2 : 1))) return nullptr;
  rows_.Put<kRepeated>(node.leaf, static_cast<uint8_t>(value), node.definition, repetition);
  return at + 1;
}

const uint32_t* FastWalk::Null(const PlanNode& node, const uint32_t* at, int16_t repetition) {
  const char* const begin = base_ + *at;
  if (!node.nullable || TokenEnd(at) - begin != 4 || std::string_view(begin, 4) != "null") return nullptr;
  rows_.PutNulls(node.leaf, node.leaf_end, static_cast<int16_t>(node.definition - 1), repetition);
  return at + 1;
}

const uint32_t* FastWalk::List(const PlanNode& node, const uint32_t* at, int16_t repetition) {
  if (CharAt(at) != '[') return Null(node, at, repetition);
  const ListPlan& plan = plan_.lists[node.detail];
  ++at;
  if (*at >= end_) return nullptr;
  size_t items = 0;
  if (CharAt(at) == ']') {
    rows_.PutNulls(node.leaf, node.leaf_end, node.definition, repetition);
  } else {
    for (;; ++at) {
      at = Value<true>(plan.element, at, items++ == 0 ? repetition : plan.repetition);
      if (at == nullptr || *at >= end_) return nullptr;
      if (CharAt(at) == ']') break;
      if (CharAt(at) != ',') return nullptr;
    }
  }
  return items < plan.items_min || items > plan.items_max ? nullptr : at + 1;
}

const uint32_t* FastWalk::Map(const PlanNode& node, const uint32_t* at, int16_t repetition) {
  if (CharAt(at) != '{') return Null(node, at, repetition);
  const MapPlan& plan = plan_.maps[node.detail];
  const size_t first = keys_.size();
  ++at;
  if (*at >= end_) return nullptr;
  if (CharAt(at) == '}') {
    rows_.PutNulls(node.leaf, node.leaf_end, node.definition, repetition);
  } else {
    for (;; ++at) {
      std::string_view key;
      if (*at >= end_ || CharAt(at + 1) != ':' || !ReadString(at, &key)) return nullptr;
      keys_.push_back(key);
      rows_.Put<true>(node.leaf, BytesOf(key), static_cast<int16_t>(node.definition + 1), repetition);
      at = Value<true>(plan.value, at + 2, repetition);
      if (at == nullptr || *at >= end_) return nullptr;
      repetition = plan.repetition;
      if (CharAt(at) == '}') break;
      if (CharAt(at) != ',') return nullptr;
    }
  }
  const size_t members = keys_.size() - first;
  if (members < plan.members_min || members > plan.members_max || HasRepeated(std::span(keys_).subspan(first)))
    return nullptr;
  keys_.resize(first);
  return at + 1;
}

const uint32_t* FastWalk::Json(const PlanNode& node, const uint32_t* at, int16_t repetition) {
  std::string_view text;
  const uint32_t* const after = Skip(at, &text);
  if (after == nullptr) return nullptr;
  if (text == "null") return Null(node, at, repetition);
  const bool repeated = plan_.mapping->leaves[node.leaf].max_repetition > 0;
  if (repeated) {
    rows_.Put<true>(node.leaf, BytesOf(text), node.definition, repetition);
  } else {
    rows_.Put<false>(node.leaf, BytesOf(text), node.definition, repetition);
  }
  return after;
}

template <bool kRepeated>
const uint32_t* FastWalk::Checked(const PlanNode& node, const uint32_t* at, int16_t repetition) {
  const CheckedPlan& plan = plan_.checked[node.detail];
  if (*at >= end_) return nullptr;
  checks_.BeginRecord(*at, end_, plan.depth);
  if (checks_.Value(plan.check, at) == nullptr) return nullptr;
  return Value<kRepeated>(plan.inner, at, repetition);
}

const uint32_t* FastWalk::Appended(const PlanNode& node, const uint32_t* at, int16_t repetition) {
  const AppendedPlan& plan = plan_.appended[node.detail];
  std::string_view text;
  const uint32_t* const after = Skip(at, &text);
  if (after == nullptr) return nullptr;
  const auto parsed = document_.Parse(text, {.depth_max = json::ParseLimits().depth_max - plan.depth});
  if (!parsed) return nullptr;
  return appender_.Append(*plan.column, **parsed, repetition, text, nullptr) ? after : nullptr;
}

const uint32_t* FastWalk::ExtraMember(const StructPlan& plan, size_t begin, std::string_view key,
                                      const uint32_t* value) {
  // A key with escapes may be one that has a column.
  if (!plan.open || key.find('\\') != std::string_view::npos) return nullptr;
  std::string_view text;
  const uint32_t* const after = Skip(value, &text);
  if (after == nullptr) return nullptr;
  extra_ += extra_.size() == begin ? "{\"" : ",\"";
  extra_ += key;
  extra_ += "\":";
  extra_ += text;
  return after;
}

bool FastWalk::FinishExtra(const StructPlan& plan, size_t begin, int16_t repetition) {
  if (extra_.size() == begin) {
    const ColumnNode& extra = *plan.column->extra();
    rows_.PutNulls(extra.leaf_begin, extra.leaf_end, plan.column->definition, repetition);
    return true;
  }
  extra_ += '}';
  const auto parsed = document_.Parse(std::string_view(extra_).substr(begin),
                                      {.depth_max = json::ParseLimits().depth_max - plan.depth});
  if (parsed) appender_.AppendExtra(*plan.column, **parsed, repetition);
  extra_.resize(begin);
  return parsed.has_value();
}

const uint32_t* FastWalk::Skip(const uint32_t* at, std::string_view* text) const {
  const char* const begin = base_ + *at;
  if (*at >= end_) return nullptr;
  if (*begin != '{' && *begin != '[') {
    *text = {begin, static_cast<size_t>(TokenEnd(at) - begin)};
    return at + 1;
  }
  size_t depth = 0;
  for (;; ++at) {
    if (*at >= end_) return nullptr;
    const char c = CharAt(at);
    if (c == '{' || c == '[') ++depth;
    if (c != '}' && c != ']') continue;
    if (--depth == 0) break;
  }
  *text = {begin, static_cast<size_t>(base_ + *at + 1 - begin)};
  return at + 1;
}

inline bool FastWalk::ReadString(const uint32_t* at, std::string_view* text) {
  const char* const begin = base_ + *at;
  const char* const end = TokenEnd(at) - 1;
  if (*begin != '"' || end <= begin || *end != '"') return false;
  *text = {begin + 1, static_cast<size_t>(end - begin - 1)};
  if (!has_escapes_ || text->find('\\') == std::string_view::npos) return true;
  return Unescape(*text, rows_.Allocate(text->size()), text);
}

}  // namespace datahub::contract
