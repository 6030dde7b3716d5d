#pragma once

#include <span>
#include <string_view>

namespace datahub::app {

// What the demo's people are called and where they live.
std::span<const std::string_view> FirstNames();   // 200
std::span<const std::string_view> StreetNames();  // 100
struct Quarter {
  std::string_view street_kind;  // "St. "
  std::string_view name;         // ", North Quarter"
};
std::span<const Quarter> Quarters();  // 5: with the street names 500 streets

}  // namespace datahub::app
