#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "datahub/base/json.h"
#include "datahub/contract/record_windows.h"
#include "datahub/contract/validate.h"
#include "datahub/contract/verdict/check_walk.h"
#include "datahub/record/chunk.h"

namespace datahub::contract {

// Says of records whether they satisfy a schema, without making columns of them.
//
//   Chunk -> Judge -> a bool a record · a record -> Explain -> its reasons
//
// Memory   reused; nothing is allocated per record in steady state, but by Explain
// Threads  one thread at a time; as many as threads share one plan
class EventJudge {
 public:
  explicit EventJudge(std::shared_ptr<const CheckPlan> plan) : plan_(std::move(plan)), walk_(*plan_) {}

  // Of each record in the chunk, in order; blank lines are none. What is not JSON is not valid.
  void Judge(const record::Chunk& chunk, std::vector<bool>* valid);
  // The exhaustive way: every reason, none when it is valid.
  std::vector<Reason> Explain(std::string_view record);

 private:
  bool Exactly(std::string_view record);

  std::shared_ptr<const CheckPlan> plan_;
  CheckWalk walk_;
  RecordWindows windows_;
  json::Document document_;
};

}  // namespace datahub::contract
