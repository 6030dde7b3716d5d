#pragma once

namespace datahub::app {

inline constexpr const char* kVersion = "0.1.0";

}  // namespace datahub::app
