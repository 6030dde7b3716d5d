#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace datahub::query {

// Appends text for a terminal: what would move the cursor, change colours or is not UTF-8 becomes \n, \t, \x1B…
void AppendVisible(std::string& out, std::string_view text);

// Columns that visible text takes: 0 for combining marks, 2 for East Asian wide characters and emoji, else 1.
size_t DisplayWidth(std::string_view text);

// Text cut to at most `width` columns, with … at the end when something is missing.
std::string CutToWidth(std::string_view text, size_t width);

}  // namespace datahub::query
