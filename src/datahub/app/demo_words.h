#pragma once

#include <span>
#include <string_view>

namespace datahub::app {

// What the demo's people are called and where they live.
std::span<const std::string_view> FirstNames();    // 200
std::span<const std::string_view> StreetNames();   // 100
std::span<const std::string_view> StreetKinds();   // 5: "St.", "Av."…

}  // namespace datahub::app
