#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "datahub/base/result.h"

namespace datahub::app {

// A longer line, with its end, is no event: what a source's default is too.
inline constexpr size_t kEventBytesMax = 64u << 20;

// What is done with the lines of a file.
struct LineTaker {
  // Whole lines with their ends; the last one's may be missing. In blocks that end with a line.
  std::function<void(std::string_view lines)> take;
  // A line of more than kEventBytesMax: it is passed over.
  std::function<void()> pass_over;
};

// Reads a file of lines to its end, plain, gzip or zstd by its content; or a pipe, which must be plain ("-": standard input).
//
// Memory   a block, or the longest line
// Errors   what the system said, naming the file · InvalidInput: damaged, or of a kind that holds no lines
Result<void> ReadLines(const std::string& path, const LineTaker& taker);

}  // namespace datahub::app
