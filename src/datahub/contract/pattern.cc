#include "datahub/contract/pattern.h"

#include <algorithm>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <fmt/format.h>
#include <pcre2.h>

#include "datahub/base/json_utf8.h"
#include "datahub/contract/ecma_pattern.h"

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
    pcre2_set_heap_limit(context, Pattern::kHeapKib);
    pcre2_jit_stack_assign(context, nullptr, stack);
  }
  ~SearchMemory() {
    pcre2_jit_stack_free(stack);
    pcre2_match_data_free(data);
    pcre2_match_context_free(context);
  }
};

}  // namespace

Result<std::shared_ptr<const Pattern>> Pattern::Compile(std::string_view expression, Engine engine) {
  if (expression.size() > kTextBytesMax) {
    return Error{Code::kLimit, fmt::format("a pattern of {} bytes; {} are allowed", expression.size(), kTextBytesMax)};
  }
  if (json::FindInvalidUtf8(expression) != std::string_view::npos) return Error{Code::kInvalidInput, "invalid UTF-8"};
  const std::string translated = DH_TRY(EcmaPattern::ToPcre2(expression));
  int failure = 0;
  size_t place = 0;
  constexpr uint32_t kOptions =
      PCRE2_UTF | PCRE2_NO_UTF_CHECK | PCRE2_DOLLAR_ENDONLY | PCRE2_MATCH_UNSET_BACKREF | PCRE2_NEVER_BACKSLASH_C;
  pcre2_code* code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(translated.data()), translated.size(), kOptions,
                                   &failure, &place, nullptr);
  if (code == nullptr) {
    char message[256] = {};
    pcre2_get_error_message(failure, reinterpret_cast<PCRE2_UCHAR*>(message), sizeof(message));
    return Error{Code::kInvalidInput, fmt::format("not a regular expression that can be run: {}", message)};
  }
  pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);  // without it searches are slower, not wrong
  std::shared_ptr<Pattern> pattern(new Pattern(std::string(expression), code));
  if (engine == Engine::kBest) pattern->dfa_ = PatternDfa::Make(expression);
  return std::shared_ptr<const Pattern>(std::move(pattern));
}

Pattern::~Pattern() { pcre2_code_free(static_cast<pcre2_code*>(code_)); }

Pattern::Outcome Pattern::SearchByPcre2(std::string_view text) const {
  constexpr uint64_t kMost = 1'000'000'000;
  thread_local SearchMemory memory;
  const uint64_t steps = std::min(kMost, kStepsMax + uint64_t{kStepsPerByte} * text.size());
  pcre2_set_match_limit(memory.context, static_cast<uint32_t>(steps));
  const auto search = [&](uint32_t options) {
    const char* const begin = text.data() == nullptr ? "" : text.data();
    return pcre2_match(static_cast<pcre2_code*>(code_), reinterpret_cast<PCRE2_SPTR>(begin), text.size(), 0,
                       PCRE2_NO_UTF_CHECK | options, memory.data, memory.context);
  };
  int found = search(0);
  if (found == PCRE2_ERROR_JIT_STACKLIMIT) found = search(PCRE2_NO_JIT);
  if (found >= 0) return Outcome::kFound;
  return found == PCRE2_ERROR_NOMATCH ? Outcome::kNotFound : Outcome::kLimit;
}

}  // namespace datahub::contract
