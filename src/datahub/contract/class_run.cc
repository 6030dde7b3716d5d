#include "datahub/contract/class_run.h"

#include <limits>

namespace datahub::contract {

std::optional<ClassRun> ClassRun::Of(const PatternNode& pattern) {
  using Kind = PatternNode::Kind;
  if (pattern.kind != Kind::kSequence || pattern.children.size() != 3) return std::nullopt;
  const PatternNode& run = pattern.children[1];
  if (pattern.children[0].kind != Kind::kBegin || pattern.children[2].kind != Kind::kEnd || run.kind != Kind::kRepeat ||
      run.children[0].kind != Kind::kClass) {
    return std::nullopt;
  }
  ClassRun of;
  of.min_ = run.min;
  of.max_ = run.max == PatternNode::kUnbounded ? std::numeric_limits<size_t>::max() : run.max;
  for (const auto& [from, to] : run.children[0].ranges) {
    if (to >= 128) return std::nullopt;
    for (char32_t c = from; c <= to; ++c) of.low_[c & 15] |= static_cast<uint8_t>(1u << (c >> 4));
  }
  return of;
}

}  // namespace datahub::contract
