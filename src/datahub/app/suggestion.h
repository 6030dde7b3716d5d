#pragma once

#include <span>
#include <string>
#include <string_view>

namespace datahub::app {

// The candidate that a person who wrote `word` most likely meant: fewest letters inserted, dropped, changed or swapped, at
// most a third of the word. Empty when none is near.
std::string_view Closest(std::string_view word, std::span<const std::string_view> candidates);

// "did you mean 'users'?", or "there are: a, b", or, without candidates, `otherwise`.
std::string Suggest(std::string_view word, std::span<const std::string_view> candidates,
                    std::string_view otherwise = "");

}  // namespace datahub::app
