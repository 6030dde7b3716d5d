#include "datahub/storage/folder_trial.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

namespace datahub::storage {
namespace {

TEST(FolderTrial, TriesAndLeavesNothing) {
  std::string folder = (std::filesystem::temp_directory_path() / "datahub-trial-XXXXXX").string();
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  const Result<FolderTrial> trial = TryFolder(folder);
  ASSERT_TRUE(trial) << trial.error().message;
  EXPECT_GE(trial->sync_us, 0);
  EXPECT_FALSE(trial->file_system.empty());
  EXPECT_TRUE(std::filesystem::is_empty(folder));
  std::filesystem::remove(folder);
  EXPECT_FALSE(TryFolder(folder)) << "a folder that is not there is not made";
  EXPECT_FALSE(std::filesystem::exists(folder));
}

// Nobody may make a folder in it, whoever asks.
TEST(FolderTrial, SaysWhatCannotBeDone) {
  const Result<FolderTrial> trial = TryFolder("/proc/self");
  ASSERT_FALSE(trial);
  EXPECT_NE(trial.error().message.find("/proc/self"), std::string::npos) << trial.error().message;
  EXPECT_NE(trial.error().message.find("give another folder"), std::string::npos) << trial.error().message;
}

}  // namespace
}  // namespace datahub::storage
