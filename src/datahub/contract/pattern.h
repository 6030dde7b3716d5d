#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "datahub/base/result.h"

namespace datahub::contract {

class PatternDfa;

// A regular expression of JSON Schema: ECMA-262 in Unicode mode, unanchored. Checked by PCRE2 (see ecma_pattern.h for what is
// translated and what is refused); run as a table where it has one (pattern_dfa.h), else by PCRE2.
//
// Bounded  a search takes a step a byte by the table; else at most kStepsMax + kStepsPerByte * its text's bytes steps, and
//          kHeapKib of memory a thread. One step of PCRE2 may go over the whole text: where that could be much, what it goes
//          over is counted too
// Threads  any
class Pattern {
 public:
  enum class Outcome { kFound, kNotFound, kLimit };

  // Both give the same; tests compare them.
  enum class Engine { kBest, kPcre2 };

  static constexpr uint32_t kStepsMax = 100'000;
  static constexpr uint32_t kStepsPerByte = 32;
  static constexpr uint64_t kCharactersMax = 16'000'000;
  static constexpr size_t kUnmeteredBytesMax = 4'000;  // what begins at each byte and goes to the end is within it
  static constexpr uint64_t kCharactersPerByte = 64;
  static constexpr uint32_t kHeapKib = 16 * 1024;
  static constexpr size_t kTextBytesMax = 64 * 1024;  // of the expression

  // InvalidInput says what is wrong where.
  static Result<std::shared_ptr<const Pattern>> Compile(std::string_view expression, Engine engine = Engine::kBest);
  ~Pattern();
  Pattern(const Pattern&) = delete;
  Pattern& operator=(const Pattern&) = delete;

  // `text` is valid UTF-8.
  Outcome Search(std::string_view text) const;
  bool Matches(std::string_view text) const { return Search(text) == Outcome::kFound; }
  const std::string& text() const { return text_; }
  bool has_table() const { return dfa_ != nullptr; }

 private:
  Pattern(std::string text, void* code);
  Outcome SearchByPcre2(std::string_view text) const;
  // The same with a count of what it goes over, made when a text first asks for it. Null: it cannot be that large.
  void* Metered() const;

  std::string text_;
  void* code_;
  std::unique_ptr<const PatternDfa> dfa_;  // null: it has no table
  mutable std::once_flag metered_once_;
  mutable void* metered_ = nullptr;
};

}  // namespace datahub::contract
