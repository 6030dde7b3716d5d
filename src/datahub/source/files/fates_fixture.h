#pragma once

#include <fmt/format.h>

#include <string>
#include <vector>

#include "datahub/source/files/files_fixture.h"

namespace datahub::source::files {

// What is done to files between looks, seen by one reader that stays or by a new one at every look.
class Fates : public testing::TestWithParam<bool> {
 protected:
  Strings Read() { return Texts(Records()); }
  std::vector<Delivered> Records() {
    if (GetParam() || !started_) run_.Start();
    started_ = true;
    return run_.Poll();
  }
  std::string Kinds() const { return run_.Kinds(); }
  std::string Message() const { return run_.notices().empty() ? "" : run_.notices()[0].message; }

  Folder folder_;
  Runs run_{folder_};
  bool started_ = false;
};

inline std::string ReaderName(const testing::TestParamInfo<bool>& restarts) {
  return restarts.param ? "restarted" : "staying";
}

// More than what a file is known by.
inline std::string Lines(int from, int to) {
  std::string text;
  for (int i = from; i < to; ++i) text += fmt::format("{:0100}\n", i);
  return text;
}

}  // namespace datahub::source::files
