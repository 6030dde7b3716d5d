#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "datahub/base/result.h"

namespace datahub {

// Which call of a seam fails, and how; the decorators FaultyStore and FaultyLedger run every call through one. For tests.
//
// Threads  any; a call that is under way while Arm() is may see either
class FaultPlan {
 public:
  enum class Kind {
    kNone,
    kOnce,       // call `at` fails and does nothing
    kForEver,    // call `at` and all later ones fail and do nothing
    kReplyLost,  // call `at` does its work and then reports failure
  };

  FaultPlan() = default;
  FaultPlan(Kind kind, uint64_t at, Code code = Code::kUnavailable) { Arm(kind, at, code); }

  // Counts from 1 anew.
  void Arm(Kind kind, uint64_t at, Code code = Code::kUnavailable) {
    kind_ = Kind::kNone;
    at_ = at;
    code_ = code;
    calls_ = 0;
    failed_ = 0;
    kind_ = kind;
  }

  uint64_t calls() const { return calls_; }
  uint64_t failed() const { return failed_; }

  // Runs `call`, or fails in its place or after it. `call` returns a Result.
  template <class F>
  auto Run(std::string_view name, F&& call) -> decltype(call()) {
    const uint64_t number = ++calls_;
    const Kind kind = kind_;
    const bool hit = kind == Kind::kForEver ? number >= at_ : kind != Kind::kNone && number == at_;
    if (!hit) return call();
    if (kind == Kind::kReplyLost) {
      auto result = call();
      if (!result) return result;
    }
    ++failed_;
    return Error{code_, "fault put in by a test: call " + std::to_string(number) + ", " + std::string(name)};
  }

 private:
  std::atomic<Kind> kind_ = Kind::kNone;
  std::atomic<uint64_t> at_ = 0;
  std::atomic<Code> code_ = Code::kUnavailable;
  std::atomic<uint64_t> calls_{0};
  std::atomic<uint64_t> failed_{0};
};

}  // namespace datahub
