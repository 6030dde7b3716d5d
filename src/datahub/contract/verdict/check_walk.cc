#include "datahub/contract/verdict/check_walk.h"

#include <algorithm>
#include <cstring>

#include "datahub/contract/fast_literal.h"
#include "datahub/contract/fast_string.h"
#include "datahub/contract/repeated_text.h"

namespace datahub::contract {
namespace {

constexpr size_t kDepthMax = json::ParseLimits().depth_max;

constexpr std::array<uint8_t, 256> TokenTypes() {
  std::array<uint8_t, 256> types{};
  types.fill(kBadToken);
  types['n'] = kNullToken;
  types['t'] = types['f'] = kBoolToken;
  types['-'] = kNumberToken;
  for (char c = '0'; c <= '9'; ++c) types[static_cast<unsigned char>(c)] = kNumberToken;
  types['"'] = kStringToken;
  types['['] = kArrayToken;
  types['{'] = kObjectToken;
  return types;
}
constexpr std::array<uint8_t, 256> kTypes = TokenTypes();

uint8_t TypeOf(char c) { return kTypes[static_cast<unsigned char>(c)]; }

// For sure.
bool Passes(const NumberChecks& checks, const ShortNumber& number, const char* begin, const char* end) {
  int64_t value = 0;
  if (ToInteger(number, &value)) {
    if (checks.exact || value < checks.min || value > checks.max) return false;
    if (checks.unit != 1 && value % checks.unit != 0) return false;
    return !checks.has_values || std::binary_search(checks.values.begin(), checks.values.end(), value);
  }
  double nearest = 0;
  if (checks.exact || checks.whole || checks.has_values || checks.scale == -2) return false;
  if (!ToDouble(number, begin, end, &nearest)) return false;
  return nearest > checks.above && nearest < checks.below && (checks.scale == -1 || number.exponent >= -checks.scale);
}

}  // namespace

Verdict CheckWalk::Record(const uint32_t* at, uint32_t end, const uint32_t** after) {
  BeginRecord(*at, end, 0);
  if (*at >= end_) return Verdict::kInvalid;
  at = Value(plan_.root, at);
  if (undecided_) return Verdict::kUndecided;
  // Exactly one value: it ended within the record, and nothing follows.
  if (at == nullptr || at[-1] >= end_ || *at < end_) return Verdict::kInvalid;
  *after = at;
  return Verdict::kValid;
}

void CheckWalk::BeginRecord(uint32_t begin, uint32_t end, size_t depth) {
  end_ = end;
  depth_ = depth;
  undecided_ = false;
  steps_left_ = kStepsMax + kStepsPerByte * (end > begin ? end - begin : 0);
  nesting_ = 0;
  known_from_ = kNone;
  keys_.clear();
  if (rooms_.size() > 1) {
    rooms_.clear();
    room_left_ = 0;
  } else if (!rooms_.empty()) {
    room_ = rooms_[0].get();
    room_left_ = kept_bytes_;
  }
}

[[gnu::always_inline]] inline bool CheckWalk::ReadString(const uint32_t* at, std::string_view* text) {
  const char* const begin = base_ + *at;
  const char* const end = TokenEnd(at) - 1;
  if (*begin != '"' || end <= begin || *end != '"') return false;
  *text = {begin + 1, static_cast<size_t>(end - begin - 1)};
  return !has_escapes_ || Decode(text);
}

[[gnu::always_inline]] inline bool CheckWalk::AddKey(size_t first, std::string_view key, KeysSeen* seen) {
  if (keys_.size() - first < kKeysPairwiseMax) {
    const size_t hash = KeyTable::Hash(key.data(), key.size());
    uint64_t& word = (*seen)[hash / 64 % seen->size()];
    const uint64_t bit = uint64_t{1} << (hash % 64);
    if (word & bit) [[unlikely]] {
      const auto begin = keys_.begin() + static_cast<ptrdiff_t>(first);
      if (std::find(begin, keys_.end(), key) != keys_.end()) return false;
    }
    word |= bit;
  }
  keys_.push_back(key);
  return true;
}

[[gnu::always_inline]] inline const uint32_t* CheckWalk::Text(const Check& check, const uint32_t* at) {
  std::string_view text;
  if (CharAt(at) != '"') return NullAt(check, at);
  if (!ReadString(at, &text)) return nullptr;
  if (check.strings != kNoCheck) {
    const StringVerdict verdict = Judge(plan_.strings[check.strings], text);
    if (verdict != StringVerdict::kValid) {
      undecided_ |= verdict == StringVerdict::kUndecided;
      return nullptr;
    }
  }
  return at + 1;
}

[[gnu::always_inline]] inline const uint32_t* CheckWalk::Number(const Check& check, const uint32_t* at) {
  const char* const begin = base_ + *at;
  const char* const end = TokenEnd(at);
  ShortNumber number;
  if (!ReadNumber(base_, begin, end, &number)) return OddNumber(check, at);
  if (check.numbers == kNoCheck) return at + 1;
  return Passes(plan_.numbers[check.numbers], number, begin, end) ? at + 1 : UnsureNumber(check, number, at);
}

[[gnu::always_inline]] inline const uint32_t* CheckWalk::ValueAt(CheckId id, const uint32_t* at) {
  const Check& check = plan_.checks[id];
  switch (check.kind) {
    case CheckKind::kText:
      return Text(check, at);
    case CheckKind::kNumber:
      return Number(check, at);
    case CheckKind::kObject:
      return CharAt(at) == '{' ? Object(plan_.objects[check.object], at) : NullAt(check, at);
    case CheckKind::kArray:
      return CharAt(at) == '[' ? Array(plan_.arrays[check.array], at, check.exact) : NullAt(check, at);
    case CheckKind::kOwn:
      return Own(check, at);
    case CheckKind::kAny: {
      std::string_view text;
      if (CharAt(at) != '"') return Any(at);
      return ReadString(at, &text) ? at + 1 : nullptr;
    }
    case CheckKind::kNever:
      return nullptr;
    default:
      return Chosen(check, at);
  }
}

const uint32_t* CheckWalk::Value(CheckId id, const uint32_t* at) { return ValueAt(id, at); }

const uint32_t* CheckWalk::NullAt(const Check& check, const uint32_t* at) const {
  return check.tokens >> kNullToken & 1 ? Word(at, "null", 4) : nullptr;
}

const uint32_t* CheckWalk::OddNumber(const Check& check, const uint32_t* at) {
  return TypeOf(CharAt(at)) == kNumberToken ? Exact(check.exact, at) : NullAt(check, at);
}

const uint32_t* CheckWalk::UnsureNumber(const Check& check, const ShortNumber& number, const uint32_t* at) {
  const NumberChecks& checks = plan_.numbers[check.numbers];
  int64_t value = 0;
  // Of integers all is known, and of what has digits behind the point that are not 0.
  if (!checks.exact && ToInteger(number, &value)) return nullptr;
  if (checks.whole && number.exponent < 0 && number.digits % 10 != 0) return nullptr;
  return Exact(check.exact, at);
}

const uint32_t* CheckWalk::Chosen(const Check& check, const uint32_t* at) {
  if (check.kind == CheckKind::kByMember) return ByMember(plan_.by_member[check.detail], at);
  if (check.kind == CheckKind::kExact) return Exact(check.exact, at);
  const uint8_t type = TypeOf(CharAt(at));
  return type == kBadToken ? nullptr : Value(plan_.by_type[check.detail][type], at);
}

const uint32_t* CheckWalk::Own(const Check& check, const uint32_t* at) {
  const char c = CharAt(at);
  const uint8_t type = TypeOf(c);
  if (!(check.tokens >> type & 1)) return nullptr;
  const uint32_t* after = nullptr;
  switch (type) {
    case kStringToken:
      after = Text(check, at);
      break;
    case kNumberToken:
      after = Number(check, at);
      break;
    case kObjectToken:
      if (check.object != kNoCheck) {
        after = Object(plan_.objects[check.object], at);
      } else if (!check.is_leaf) {
        return Parts(plan_.parts[check.parts], at, nullptr);
      } else {
        after = Any(at);
      }
      break;
    case kArrayToken:
      if (check.array != kNoCheck) {
        after = Array(plan_.arrays[check.array], at, check.exact);
      } else if (!check.is_leaf) {
        return Parts(plan_.parts[check.parts], at, nullptr);
      } else {
        after = Any(at);
      }
      break;
    case kBoolToken:
      if (c == 't') {
        after = check.bools & 2 ? Word(at, "true", 4) : nullptr;
      } else {
        after = check.bools & 1 ? Word(at, "false", 5) : nullptr;
      }
      break;
    default:
      after = Word(at, "null", 4);
      break;
  }
  if (after == nullptr || check.is_leaf) return after;
  return Parts(plan_.parts[check.parts], at, after);
}

const uint32_t* CheckWalk::Object(const ObjectChecks& checks, const uint32_t* at) {
  const size_t words = checks.required.size();
  uint64_t seen[ObjectChecks::kWordsMax + 1];
  for (size_t word = 0; word < words; ++word) seen[word] = 0;
  const uint32_t* const first = at;
  const size_t keys_first = keys_.size();
  KeysSeen keys_seen{};
  uint16_t* hint = &hints_[checks.hints];
  size_t members = 0;
  size_t unseen = checks.keys.size();
  const bool stops_early = known_from_ == depth_ && checks.stops_early;
  if (!Enter()) return nullptr;
  ++at;
  if (CharAt(at) == '}') {
    ++at;
  } else {
    for (;; ++at) {
      // Between two looks at the end fewer tokens pass than stand behind the last one.
      if (*at >= end_ || CharAt(at + 1) != ':') return nullptr;
      ++members;
      const uint32_t* const key_at = at;
      at += 2;
      uint32_t index = *hint;
      if (!checks.keys.Begins(index, base_ + *key_at)) [[unlikely]] {
        std::string_view key;
        if (!ReadString(key_at, &key)) return nullptr;
        index = checks.keys.Find(key.data(), key.size());
        if (index != KeyTable::kNone) *hint = static_cast<uint16_t>(index);
        if (index == KeyTable::kNone) {
          if (!is_known() && !AddKey(keys_first, key, &keys_seen)) return nullptr;
          if (!checks.names.empty() && !HasNames(checks, key_at)) return nullptr;
          at = OtherMember(checks, key, at);
          if (at == nullptr) return nullptr;
          if (CharAt(at) == ',') continue;
          if (CharAt(at) != '}') return nullptr;
          ++at;
          break;
        }
      }
      if (!checks.names.empty() && !HasNames(checks, key_at)) return nullptr;
      const uint64_t bit = uint64_t{1} << (index % 64);
      if (seen[index / 64] & bit) return nullptr;
      seen[index / 64] |= bit;
      --unseen;
      hint = &hints_[checks.hints + index + 1];
      at = ValueAt(checks.fields[index], at);
      if (at == nullptr) return nullptr;
      // Nothing that is still to come matters.
      if (unseen == 0 && stops_early) break;
      if (CharAt(at) == ',') continue;
      if (CharAt(at) != '}') return nullptr;
      ++at;
      break;
    }
  }
  --depth_;
  if (!EndKeys(keys_first)) return nullptr;
  if (members < checks.members_min || members > checks.members_max) return nullptr;
  for (size_t word = 0; word < words; ++word) {
    if (checks.required[word] & ~seen[word]) return nullptr;
  }
  if (checks.dependents.size() > words && !Spend(checks.dependents.size())) return nullptr;
  for (const ObjectChecks::Dependents& dependents : checks.dependents) {
    if (!(seen[dependents.key / 64] >> (dependents.key % 64) & 1)) continue;
    for (size_t word = 0; word < words; ++word) {
      if (dependents.required[word] & ~seen[word]) return nullptr;
    }
    if (dependents.applies != kNoCheck && Value(dependents.applies, first) == nullptr) return nullptr;
  }
  return at;
}

bool CheckWalk::HasNames(const ObjectChecks& checks, const uint32_t* key) {
  return std::all_of(checks.names.begin(), checks.names.end(),
                     [&](CheckId names) { return Value(names, key) != nullptr; });
}

const uint32_t* CheckWalk::OtherMember(const ObjectChecks& checks, std::string_view key, const uint32_t* value) {
  constexpr size_t kStepsPerSearch = 16;
  if (checks.named.size() > 1 && !Spend(kStepsPerSearch * checks.named.size())) return nullptr;
  const uint32_t* after = nullptr;
  for (const ObjectChecks::Named& named : checks.named) {
    const Pattern::Outcome outcome = named.pattern->Search(key);
    if (outcome == Pattern::Outcome::kLimit) {
      undecided_ = true;
      return nullptr;
    }
    if (outcome != Pattern::Outcome::kFound) continue;
    after = Value(named.check, value);
    if (after == nullptr) return nullptr;
  }
  if (after != nullptr) return after;
  return checks.other == kNoCheck ? Any(value) : Value(checks.other, value);
}

const uint32_t* CheckWalk::ByMember(const MemberChoice& choice, const uint32_t* at) {
  const uint32_t* member = at + 1;
  while (*member < end_ && CharAt(member) == '"') {
    std::string_view key;
    if (!ReadString(member, &key)) return nullptr;
    member += 2;
    if (*member >= end_ || CharAt(member - 1) != ':') return nullptr;
    if (key == choice.key) {
      std::string_view value;
      if (!ReadString(member, &value)) return nullptr;
      const uint32_t index = choice.values.Find(value.data(), value.size());
      return index == KeyTable::kNone ? nullptr : Value(choice.checks[index], at);
    }
    member = Skip(member);
    if (member == nullptr || CharAt(member) != ',') return nullptr;
    ++member;
  }
  return nullptr;
}

const uint32_t* CheckWalk::Array(const ArrayChecks& checks, const uint32_t* at, uint32_t exact) {
  const uint32_t* const first = at;
  size_t found[kContainsMax] = {};
  if (!Enter()) return nullptr;
  ++at;
  if (*at >= end_) return nullptr;
  size_t items = 0;
  if (CharAt(at) != ']') {
    for (;; ++at) {
      if (*at >= end_) return nullptr;
      const CheckId element = items < checks.prefix.size() ? checks.prefix[items] : checks.items;
      ++items;
      const uint32_t* const begin = at;
      at = element == kNoCheck ? Any(at) : ValueAt(element, at);
      if (at == nullptr) return nullptr;
      for (size_t i = 0; i < checks.contains.size(); ++i) {
        const size_t depth = depth_;
        const size_t keys = keys_.size();
        found[i] += Value(checks.contains[i].check, begin) != nullptr;
        depth_ = depth;
        keys_.resize(keys);
        if (undecided_) return nullptr;
      }
      if (CharAt(at) == ']') break;
      if (CharAt(at) != ',') return nullptr;
    }
  }
  --depth_;
  if (items < checks.items_min || items > checks.items_max) return nullptr;
  for (size_t i = 0; i < checks.contains.size(); ++i) {
    if (found[i] < checks.contains[i].min || found[i] > checks.contains[i].max) return nullptr;
  }
  if (checks.unique && items > 1) {
    const std::optional<bool> unique = AreUnique(first, at);
    if (!unique) return Exact(exact, first);
    if (!*unique) return nullptr;
  }
  return at + 1;
}

const uint32_t* CheckWalk::Parts(const PartChecks& parts, const uint32_t* at, const uint32_t* after) {
  if (nesting_ == kNestingMax || !Spend(1)) {
    undecided_ = true;
    return nullptr;
  }
  const size_t nesting = nesting_++;
  const size_t depth = depth_;
  const size_t keys = keys_.size();
  // What does not hold leaves its traces.
  const size_t known_from = known_from_;
  size_t failed = 0;
  const auto holds = [&](CheckId check) {
    // What another check has gone over whole need not be read to its end again.
    known_from_ = after != nullptr ? depth : known_from;
    const uint32_t* const behind = Value(check, at);
    known_from_ = known_from;
    // How far one went that failed is not known: many of them are taken to have gone over all.
    constexpr size_t kFailedFree = 8;
    if (behind != nullptr) {
      Spend(static_cast<size_t>(behind - at));
    } else if (++failed >= kFailedFree) {
      const uint32_t* const end = after != nullptr ? after : Skip(at);
      Spend(end == nullptr ? 1 : static_cast<size_t>(end - at));
    }
    depth_ = depth;
    keys_.resize(keys);
    nesting_ = nesting + 1;
    if (behind != nullptr && after == nullptr) after = behind;
    return behind != nullptr;
  };
  for (const CheckId check : parts.all) {
    if (!holds(check) || undecided_) return nullptr;
  }
  for (const PartChecks::Alternatives& alternatives : parts.alternatives) {
    size_t held = 0;
    for (const CheckId check : alternatives.checks) {
      held += holds(check);
      if (undecided_) return nullptr;
      if (held > 1 || (held == 1 && !alternatives.exactly_one)) break;
    }
    if (held == 0 || (held > 1 && alternatives.exactly_one)) return nullptr;
  }
  for (const CheckId check : parts.none) {
    if (holds(check) || undecided_) return nullptr;
  }
  for (const PartChecks::Condition& condition : parts.conditions) {
    const CheckId next = holds(condition.condition) ? condition.then : condition.otherwise;
    if (undecided_ || (next != kNoCheck && !holds(next))) return nullptr;
  }
  nesting_ = nesting;
  return after != nullptr ? after : Any(at);
}

const uint32_t* CheckWalk::Exact(uint32_t exact, const uint32_t* at) {
  const uint32_t* const after = Skip(at);
  if (after == nullptr) return nullptr;
  const char* const begin = base_ + *at;
  const char* const end = after == at + 1 ? TokenEnd(at) : base_ + after[-1] + 1;
  const auto parsed = document_.Parse({begin, static_cast<size_t>(end - begin)}, {.depth_max = kDepthMax - depth_});
  if (!parsed) return nullptr;
  const ExactChecks& checks = plan_.exact[exact];
  const Verdict verdict = Decide(checks.schemas, **parsed, checks.strict);
  undecided_ |= verdict == Verdict::kUndecided;
  return verdict == Verdict::kValid ? after : nullptr;
}

std::optional<bool> CheckWalk::AreUnique(const uint32_t* at, const uint32_t* end) {
  // Strings, and integers that can be written one way only, are equal where their texts are.
  const bool strings = CharAt(at + 1) == '"';
  texts_.clear();
  for (++at; at < end; at += 2) {
    const char* const begin = base_ + *at;
    if (*begin == '{' || *begin == '[' || (*begin == '"') != strings) return std::nullopt;
    const std::string_view text(begin, static_cast<size_t>(TokenEnd(at) - begin));
    int64_t number = 0;
    if (strings ? has_escapes_ && text.find('\\') != std::string_view::npos
                : !ReadInteger(begin, begin + text.size(), &number) || text == "-0") {
      return std::nullopt;
    }
    texts_.push_back(text);
  }
  return !HasRepeated(texts_);
}

const uint32_t* CheckWalk::Any(const uint32_t* at) {
  if (is_known()) return Skip(at);
  switch (TypeOf(CharAt(at))) {
    case kStringToken: {
      std::string_view text;
      return ReadString(at, &text) ? at + 1 : nullptr;
    }
    case kNumberToken: {
      const char* const begin = base_ + *at;
      const char* const end = TokenEnd(at);
      ShortNumber number;
      if (ReadNumber(base_, begin, end, &number)) return at + 1;
      return document_.Parse({begin, static_cast<size_t>(end - begin)}) ? at + 1 : nullptr;
    }
    case kObjectToken:
      return AnyObject(at);
    case kArrayToken:
      return AnyArray(at);
    case kBoolToken:
      return CharAt(at) == 't' ? Word(at, "true", 4) : Word(at, "false", 5);
    case kNullToken:
      return Word(at, "null", 4);
    default:
      return nullptr;
  }
}

const uint32_t* CheckWalk::AnyObject(const uint32_t* at) {
  const size_t keys_first = keys_.size();
  KeysSeen keys_seen{};
  if (!Enter()) return nullptr;
  ++at;
  if (*at < end_ && CharAt(at) == '}') {
    --depth_;
    return at + 1;
  }
  for (;; ++at) {
    std::string_view key;
    if (*at >= end_ || CharAt(at + 1) != ':' || !ReadString(at, &key)) return nullptr;
    if (!AddKey(keys_first, key, &keys_seen)) return nullptr;
    at += 2;
    if (*at >= end_) return nullptr;
    at = Any(at);
    if (at == nullptr || *at >= end_) return nullptr;
    if (CharAt(at) == ',') continue;
    if (CharAt(at) != '}') return nullptr;
    --depth_;
    return EndKeys(keys_first) ? at + 1 : nullptr;
  }
}

const uint32_t* CheckWalk::AnyArray(const uint32_t* at) {
  if (!Enter()) return nullptr;
  ++at;
  if (*at < end_ && CharAt(at) == ']') {
    --depth_;
    return at + 1;
  }
  for (;; ++at) {
    if (*at >= end_) return nullptr;
    at = Any(at);
    if (at == nullptr || *at >= end_) return nullptr;
    if (CharAt(at) == ',') continue;
    if (CharAt(at) != ']') return nullptr;
    --depth_;
    return at + 1;
  }
}

const uint32_t* CheckWalk::Word(const uint32_t* at, const char* word, size_t size) const {
  const char* const begin = base_ + *at;
  const bool is_word = static_cast<size_t>(TokenEnd(at) - begin) == size && std::memcmp(begin, word, size) == 0;
  return is_word ? at + 1 : nullptr;
}

const uint32_t* CheckWalk::Skip(const uint32_t* at) const {
  if (*at >= end_) return nullptr;
  const char begin = CharAt(at);
  if (begin != '{' && begin != '[') return at + 1;
  size_t depth = 0;
  for (;; ++at) {
    if (*at >= end_) return nullptr;
    const char c = CharAt(at);
    if (c == '{' || c == '[') ++depth;
    if (c != '}' && c != ']') continue;
    if (--depth == 0) return at + 1;
  }
}

bool CheckWalk::Spend(size_t steps) {
  if (steps > steps_left_) {
    undecided_ = true;
    return false;
  }
  steps_left_ -= steps;
  return true;
}

bool CheckWalk::Enter() {
  if (depth_ >= kDepthMax) return false;
  ++depth_;
  return true;
}

bool CheckWalk::Decode(std::string_view* text) {
  return text->find('\\') == std::string_view::npos || Unescape(*text, Allocate(text->size()), text);
}

char* CheckWalk::Allocate(size_t size) {
  if (size > room_left_) {
    const size_t room = std::max<size_t>(size, 64 * 1024);
    rooms_.push_back(std::make_unique_for_overwrite<char[]>(room));
    room_ = rooms_.back().get();
    room_left_ = room;
    if (rooms_.size() == 1) kept_bytes_ = room;
  }
  char* const from = room_;
  room_ += size;
  room_left_ -= size;
  return from;
}

bool CheckWalk::EndKeys(size_t first) {
  // Few were compared as they came.
  const bool unique = keys_.size() - first <= kKeysPairwiseMax || !HasRepeated(std::span(keys_).subspan(first));
  keys_.resize(first);
  return unique;
}

}  // namespace datahub::contract
