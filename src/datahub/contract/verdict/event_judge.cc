#include "datahub/contract/verdict/event_judge.h"

namespace datahub::contract {

void EventJudge::Judge(const record::Chunk& chunk, std::vector<bool>* valid) {
  valid->clear();
  windows_.Begin(chunk);
  for (RecordWindow window; windows_.Next(&window);) {
    if (window.tokens == nullptr) {
      valid->push_back(Exactly(window.records[0].view()));
      continue;
    }
    walk_.BeginWindow(window.base, window.has_escapes);
    const uint32_t* at = window.tokens;
    for (const RawRecord& record : window.records) {
      const uint32_t* const first = window.FirstToken(record, at);
      const uint32_t* after = first == nullptr ? at : first;
      const Verdict verdict =
          first == nullptr ? Verdict::kUndecided : walk_.Record(first, window.EndOf(record), &after);
      at = after;
      valid->push_back(verdict == Verdict::kValid || (verdict == Verdict::kUndecided && Exactly(record.view())));
    }
  }
}

std::vector<Reason> EventJudge::Explain(std::string_view record) {
  std::vector<Reason> reasons;
  const auto value = document_.Parse(record);
  if (!value) {
    reasons.push_back({"", "dh:json", value.error().message});
    return reasons;
  }
  ValidateOptions options;
  options.strict = plan_->strict;
  Validate(plan_->schemas->root(), **value, options, &reasons);
  return reasons;
}

bool EventJudge::Exactly(std::string_view record) {
  const auto value = document_.Parse(record);
  if (!value) return false;
  const Schema* const root = &plan_->schemas->root();
  return Decide(std::span(&root, 1), **value, plan_->strict) == Verdict::kValid;
}

}  // namespace datahub::contract
