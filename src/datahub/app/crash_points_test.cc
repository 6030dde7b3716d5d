#include "datahub/app/crash_points.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

namespace datahub::app {
namespace {

// The list that the crash tests go through is the list of what the sources call.
TEST(AppCrashPoints, ListIsTheSources) {
  std::set<std::string> called;
  for (const auto& entry : std::filesystem::directory_iterator(DH_SOURCE_DIR "/src/datahub/app")) {
    if (entry.path().extension() != ".cc" || entry.path().string().ends_with("_test.cc")) continue;
    std::ifstream in(entry.path());
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const std::regex call("CrashPoint\\(\"([^\"]+)\"\\)");
    for (std::sregex_iterator at(text.begin(), text.end(), call), end; at != end; ++at) called.insert((*at)[1]);
  }
  EXPECT_EQ(called, std::set<std::string>(std::begin(kCrashPoints), std::end(kCrashPoints)));
}

}  // namespace
}  // namespace datahub::app
