#include "datahub/contract/pattern_dfa.h"

#include <algorithm>
#include <bitset>
#include <map>

#include "datahub/base/json_utf8.h"
#include "datahub/contract/pattern_tree.h"

namespace datahub::contract {

// Subset construction over bytes: a state is the set of places the expression may be at.
class DfaBuilder {
 public:
  std::optional<PatternDfa> Build(const PatternNode& tree) {
    const Place match = Add({Step::kMatch});
    first_ = Emit(tree, match);
    if (too_much_) return std::nullopt;
    MakeClasses();
    return Determine();
  }

 private:
  using Place = uint32_t;
  using Set = std::vector<Place>;

  struct Step {
    enum Kind : uint8_t { kByte, kSplit, kBegin, kEnd, kMatch } kind = kMatch;
    uint8_t low = 0;
    uint8_t high = 0;
    Place next = 0;
    Place other = 0;
  };

  Place Add(Step step) {
    too_much_ |= steps_.size() >= PatternDfa::kPlacesMax;
    if (!too_much_) steps_.push_back(step);
    return static_cast<Place>(steps_.size() - 1);
  }
  Place Split(Place one, Place other) { return Add({Step::kSplit, 0, 0, one, other}); }

  // Places that lead through `node` to `next`.
  Place Emit(const PatternNode& node, Place next) {
    if (too_much_) return next;
    switch (node.kind) {
      case PatternNode::Kind::kEmpty:
        return next;
      case PatternNode::Kind::kBegin:
        return Add({Step::kBegin, 0, 0, next});
      case PatternNode::Kind::kEnd:
        return Add({Step::kEnd, 0, 0, next});
      case PatternNode::Kind::kClass:
        return EmitClass(node.ranges, next);
      case PatternNode::Kind::kSequence:
        for (auto child = node.children.rbegin(); child != node.children.rend(); ++child) next = Emit(*child, next);
        return next;
      case PatternNode::Kind::kChoice: {
        Place all = Emit(node.children.back(), next);
        for (size_t i = node.children.size() - 1; i-- > 0;) all = Split(Emit(node.children[i], next), all);
        return all;
      }
      case PatternNode::Kind::kRepeat:
        return EmitRepeat(node, next);
    }
    return next;
  }

  Place EmitRepeat(const PatternNode& node, Place next) {
    const PatternNode& child = node.children[0];
    if (node.max == PatternNode::kUnbounded) {
      const Place loop = Split(next, next);
      const Place again = Emit(child, loop);
      if (!too_much_) steps_[loop].next = again;
      next = loop;
    } else {
      const Place out = next;
      for (uint32_t i = node.min; i < node.max && !too_much_; ++i) next = Split(Emit(child, next), out);
    }
    for (uint32_t i = 0; i < node.min && !too_much_; ++i) next = Emit(child, next);
    return next;
  }

  Place EmitClass(const PatternNode::Ranges& ranges, Place next) {
    Place all = Nowhere();
    for (const auto& [from, to] : ranges) {
      // Surrogates are in no valid text; the encodings of different lengths are different ranges.
      static constexpr std::pair<char32_t, char32_t> kLengths[] = {
          {0, 0x7F}, {0x80, 0x7FF}, {0x800, 0xD7FF}, {0xE000, 0xFFFF}, {0x10000, 0x10FFFF}};
      for (const auto& [low, high] : kLengths) {
        if (from <= high && to >= low) EmitRange(std::max(from, low), std::min(to, high), next, all);
      }
    }
    return all;
  }
  Place Nowhere() { return Add({Step::kByte, 1, 0, 0}); }

  // Of one length. Split until every byte's range is independent of the others'.
  void EmitRange(char32_t from, char32_t to, Place next, Place& all) {
    char low[4];
    char high[4];
    const auto size = static_cast<int>(json::EncodeUtf8(from, low) - low);
    for (int i = 1; i < size; ++i) {
      const char32_t mask = (char32_t{1} << (6 * i)) - 1;
      if ((from & ~mask) == (to & ~mask)) continue;
      if ((from & mask) != 0) {
        EmitRange(from, from | mask, next, all);
        EmitRange((from | mask) + 1, to, next, all);
        return;
      }
      if ((to & mask) != mask) {
        EmitRange(from, (to & ~mask) - 1, next, all);
        EmitRange(to & ~mask, to, next, all);
        return;
      }
    }
    json::EncodeUtf8(to, high);
    for (int i = size - 1; i >= 0; --i) {
      next = Add({Step::kByte, static_cast<uint8_t>(low[i]), static_cast<uint8_t>(high[i]), next});
    }
    all = Split(next, all);
  }

  // Bytes that no place tells apart are one class.
  void MakeClasses() {
    std::bitset<257> begins;
    for (const Step& step : steps_) {
      if (step.kind != Step::kByte || step.low > step.high) continue;
      begins.set(step.low);
      begins.set(step.high + 1u);
    }
    uint8_t number = 0;
    for (size_t byte = 0; byte < 256; ++byte) {
      if (byte > 0 && begins.test(byte)) ++number;
      dfa_.class_of_[byte] = number;
      if (byte == 0 || begins.test(byte)) examples_.push_back(static_cast<uint8_t>(byte));
    }
    dfa_.stride_ = number + 2u;
  }

  // All places that can be reached without a byte.
  void Close(Place place, bool at_begin, bool at_end, Set& set) {
    Set open = {place};
    while (!open.empty()) {
      const Place at = open.back();
      open.pop_back();
      ++work_;
      if (marks_[at] == mark_) continue;
      marks_[at] = mark_;
      const Step& step = steps_[at];
      switch (step.kind) {
        case Step::kSplit:
          open.push_back(step.next);
          open.push_back(step.other);
          break;
        case Step::kBegin:
          if (at_begin) open.push_back(step.next);
          break;
        case Step::kEnd:
          set.push_back(at);
          if (at_end) open.push_back(step.next);
          break;
        default:
          set.push_back(at);
          break;
      }
    }
  }

  bool HasMatch(const Set& set) const {
    return std::any_of(set.begin(), set.end(), [&](Place place) { return steps_[place].kind == Step::kMatch; });
  }

  uint32_t StateOf(Set set) {
    if (HasMatch(set)) return PatternDfa::kFound;
    if (set.empty()) return PatternDfa::kDead;
    std::sort(set.begin(), set.end());
    const auto [known, is_new] = states_.try_emplace(set, static_cast<uint32_t>(sets_.size()));
    if (is_new) {
      too_much_ |= sets_.size() >= PatternDfa::kStatesMax;
      sets_.push_back(std::move(set));
    }
    return known->second;
  }

  std::optional<PatternDfa> Determine() {
    marks_.assign(steps_.size(), 0);
    sets_.resize(PatternDfa::kStart);
    // Where a search may begin anew behind the text's begin.
    Set anywhere;
    ++mark_;
    Close(first_, false, false, anywhere);
    Set start;
    ++mark_;
    Close(first_, true, false, start);
    const bool found_at_once = HasMatch(start);
    // The start is a state of its own: only there has nothing been read.
    sets_.push_back(start);
    for (size_t state = PatternDfa::kStart; state < sets_.size() && !too_much_; ++state) {
      dfa_.table_.resize((state + 1) * dfa_.stride_);
      for (uint32_t number = 0; number + 1 < dfa_.stride_ && !too_much_; ++number) {
        Set next;
        ++mark_;
        for (const Place place : sets_[state]) {
          const Step& step = steps_[place];
          ++work_;
          if (step.kind == Step::kByte && step.low <= examples_[number] && examples_[number] <= step.high) {
            Close(step.next, false, false, next);
          }
        }
        for (const Place place : anywhere) {
          if (marks_[place] != mark_) next.push_back(place);
          marks_[place] = mark_;
        }
        too_much_ |= work_ > PatternDfa::kWorkMax;
        const uint32_t leads_to = found_at_once ? PatternDfa::kFound : StateOf(std::move(next));
        dfa_.table_[state * dfa_.stride_ + number] = leads_to * dfa_.stride_;
      }
    }
    if (too_much_) return std::nullopt;
    for (size_t state = 0; state < sets_.size(); ++state) {
      Set at_end;
      ++mark_;
      const bool is_start = state == PatternDfa::kStart;
      if (is_start) Close(first_, true, true, at_end);
      for (const Place place : sets_[state]) {
        if (steps_[place].kind == Step::kEnd) Close(steps_[place].next, is_start, true, at_end);
      }
      dfa_.table_[(state + 1) * dfa_.stride_ - 1] = state == PatternDfa::kFound || HasMatch(at_end) ? 1 : 0;
    }
    if (sets_.size() <= PatternDfa::kFewStates) MakeMoves();
    return std::move(dfa_);
  }

  void MakeMoves() {
    dfa_.moves_.resize(dfa_.stride_ - 1);
    for (size_t state = 0; state < sets_.size(); ++state) {
      dfa_.ends_ |= dfa_.table_[(state + 1) * dfa_.stride_ - 1] << state;
      for (size_t number = 0; number + 1 < dfa_.stride_; ++number) {
        const bool stays = state == PatternDfa::kDead || state == PatternDfa::kFound;
        dfa_.moves_[number].to[state] =
            static_cast<uint8_t>(stays ? state : dfa_.table_[state * dfa_.stride_ + number] / dfa_.stride_);
      }
    }
  }

  PatternDfa dfa_;
  std::vector<Step> steps_;
  Place first_ = 0;
  std::vector<uint8_t> examples_;  // a byte of each class
  std::vector<Set> sets_;          // of state
  std::map<Set, uint32_t> states_;
  std::vector<uint64_t> marks_;
  uint64_t mark_ = 0;
  size_t work_ = 0;
  bool too_much_ = false;
};

std::optional<PatternDfa> PatternDfa::Make(std::string_view expression) {
  const std::optional<PatternNode> tree = ParsePattern(expression);
  if (!tree) return std::nullopt;
  if (std::optional<ClassRun> run = ClassRun::Of(*tree)) {
    PatternDfa dfa;
    dfa.run_ = run;
    return dfa;
  }
  return DfaBuilder().Build(*tree);
}

}  // namespace datahub::contract
