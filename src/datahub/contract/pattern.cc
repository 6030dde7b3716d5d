#include "datahub/contract/pattern.h"

#include <algorithm>
#include <optional>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <fmt/format.h>
#include <pcre2.h>

#include "datahub/base/exhaustion.h"
#include "datahub/base/json_utf8.h"
#include "datahub/contract/ecma_pattern.h"
#include "datahub/contract/pattern_dfa.h"

namespace datahub::contract {
namespace {

// A thread's memory for searches, kept from search to search.
struct SearchMemory {
  static constexpr size_t kStackBytesMin = 32 * 1024;
  static constexpr size_t kStackBytesMax = 1024 * 1024;  // where compiled code needs more, the interpreter takes over

  pcre2_match_data* data = pcre2_match_data_create(1, nullptr);
  pcre2_match_context* context = pcre2_match_context_create(nullptr);
  pcre2_jit_stack* stack = pcre2_jit_stack_create(kStackBytesMin, kStackBytesMax, nullptr);

  SearchMemory() {
    if (data == nullptr || context == nullptr) NoMemory();
    pcre2_set_heap_limit(context, Pattern::kHeapKib);
    pcre2_jit_stack_assign(context, nullptr, stack);
  }
  ~SearchMemory() {
    pcre2_jit_stack_free(stack);
    pcre2_match_data_free(data);
    pcre2_match_context_free(context);
  }
};

// What a search may still go over; called before each item of the expression.
struct Meter {
  uint64_t left = 0;
  size_t at = 0;
};
int Spend(pcre2_callout_block* block, void* data) {
  Meter& meter = *static_cast<Meter*>(data);
  const size_t at = block->current_position;
  const uint64_t cost = 1 + (at > meter.at ? at - meter.at : 0);
  meter.at = at;
  if (cost > meter.left) return PCRE2_ERROR_CALLOUT;
  meter.left -= cost;
  return 0;
}

pcre2_code* CompileTranslated(std::string_view translated, uint32_t more_options, int* failure) {
  size_t place = 0;
  constexpr uint32_t kOptions =
      PCRE2_UTF | PCRE2_NO_UTF_CHECK | PCRE2_DOLLAR_ENDONLY | PCRE2_MATCH_UNSET_BACKREF | PCRE2_NEVER_BACKSLASH_C;
  pcre2_code* const code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(translated.data()), translated.size(),
                                         kOptions | more_options, failure, &place, nullptr);
  if (code == nullptr && *failure == PCRE2_ERROR_HEAP_FAILED) NoMemory();
  if (code != nullptr) pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);  // without it searches are slower, not wrong
  return code;
}

}  // namespace

Result<std::shared_ptr<const Pattern>> Pattern::Compile(std::string_view expression, Engine engine) {
  if (expression.size() > kTextBytesMax) {
    return Error{Code::kLimit, fmt::format("a pattern of {} bytes; {} are allowed", expression.size(), kTextBytesMax)};
  }
  if (json::FindInvalidUtf8(expression) != std::string_view::npos) return Error{Code::kInvalidInput, "invalid UTF-8"};
  const std::string translated = DH_TRY(EcmaPattern::ToPcre2(expression));
  int failure = 0;
  pcre2_code* const code = CompileTranslated(translated, 0, &failure);
  if (code == nullptr) {
    char message[256] = {};
    pcre2_get_error_message(failure, reinterpret_cast<PCRE2_UCHAR*>(message), sizeof(message));
    return Error{Code::kInvalidInput, fmt::format("not a regular expression that can be run: {}", message)};
  }
  std::shared_ptr<Pattern> pattern(new Pattern(std::string(expression), code));
  if (engine == Engine::kBest) {
    if (std::optional<PatternDfa> dfa = PatternDfa::Make(expression)) {
      pattern->dfa_ = std::make_unique<const PatternDfa>(*std::move(dfa));
    }
  }
  return std::shared_ptr<const Pattern>(std::move(pattern));
}

Pattern::Pattern(std::string text, void* code) : text_(std::move(text)), code_(code) {}

Pattern::~Pattern() {
  pcre2_code_free(static_cast<pcre2_code*>(code_));
  pcre2_code_free(static_cast<pcre2_code*>(metered_));
}

void* Pattern::Metered() const {
  std::call_once(metered_once_, [this] {
    int failure = 0;
    const Result<std::string> translated = EcmaPattern::ToPcre2(text_);
    if (translated) metered_ = CompileTranslated(*translated, PCRE2_AUTO_CALLOUT, &failure);
  });
  return metered_;
}

Pattern::Outcome Pattern::Search(std::string_view text) const {
  if (dfa_) return dfa_->Search(text) ? Outcome::kFound : Outcome::kNotFound;
  return SearchByPcre2(text);
}

Pattern::Outcome Pattern::SearchByPcre2(std::string_view text) const {
  constexpr uint64_t kMost = 1'000'000'000;
  thread_local SearchMemory memory;
  const char* const begin = text.data() == nullptr ? "" : text.data();
  const auto search = [&](void* code, uint64_t steps) {
    pcre2_set_match_limit(memory.context, static_cast<uint32_t>(steps));
    int found = PCRE2_ERROR_JIT_STACKLIMIT;
    for (uint32_t options = PCRE2_NO_UTF_CHECK; found == PCRE2_ERROR_JIT_STACKLIMIT; options |= PCRE2_NO_JIT) {
      found = pcre2_match(static_cast<pcre2_code*>(code), reinterpret_cast<PCRE2_SPTR>(begin), text.size(), 0, options,
                          memory.data, memory.context);
    }
    if (found == PCRE2_ERROR_NOMEMORY) NoMemory();
    return found;
  };
  const uint64_t steps = std::min(kMost, kStepsMax + uint64_t{kStepsPerByte} * text.size());
  Meter meter{kCharactersMax + kCharactersPerByte * text.size()};
  // Few steps go over little of a short text, whatever each of them does: most searches end there. Where the search begins
  // is not counted as a step, so a long text is metered from the first.
  const bool is_short = text.size() <= kUnmeteredBytesMax;
  const uint64_t few = std::min(steps, meter.left / std::max<size_t>(text.size(), 1));
  int found = is_short ? search(code_, few) : PCRE2_ERROR_MATCHLIMIT;
  if (found == PCRE2_ERROR_MATCHLIMIT && (few < steps || !is_short) && Metered() != nullptr) {
    pcre2_set_callout(memory.context, Spend, &meter);
    found = search(metered_, steps);
  }
  if (found >= 0) return Outcome::kFound;
  return found == PCRE2_ERROR_NOMATCH ? Outcome::kNotFound : Outcome::kLimit;
}

}  // namespace datahub::contract
