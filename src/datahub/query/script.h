#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "datahub/base/result.h"
#include "datahub/query/session.h"

namespace datahub::query {

// Finds each statement of the SQL to be one that only reads, and to call only functions of the list, before any runs.
class Script {
 public:
  Script(Session& session, std::vector<std::string> tables, size_t statements_max)
      : session_(session), tables_(std::move(tables)), statements_max_(statements_max) {}

  Result<std::vector<PreparedStatement>> Prepare(std::string_view sql);

  Error ErrorFrom(const char* text) const;

 private:
  Result<PreparedStatement> PrepareReading(const std::string& text, bool may_explain);
  Result<void> CheckCalls(const std::string& text);

  Session& session_;
  std::vector<std::string> tables_;
  size_t statements_max_;
};

}  // namespace datahub::query
