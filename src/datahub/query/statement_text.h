#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "datahub/base/result.h"

namespace datahub::query {

// 'it''s'
void AppendQuotedText(std::string& out, std::string_view text);
std::string QuotedText(std::string_view text);
// "a ""b"""
std::string QuotedName(std::string_view name);

// The statements of a script, without the semicolons between them and without empty ones. Knows quotes, dollar quotes and
// comments; it need not know more, since DuckDB says of each piece whether it is one statement.
std::vector<std::string> SplitStatements(std::string_view script);

// The first word in lower case, comments passed over: "select"; "(" for a parenthesis; "" for nothing.
std::string FirstWord(std::string_view statement);

// Whether a statement that begins with this word can be one that only reads.
bool IsReadingWord(std::string_view word);

// What EXPLAIN [ANALYZE] [(options)] explains.
std::string_view ExplainedStatement(std::string_view explain);

// Whether `name` stands anywhere in the SQL, case aside: a quick superset of "the SQL names it".
bool Mentions(std::string_view sql, std::string_view name);

}  // namespace datahub::query
