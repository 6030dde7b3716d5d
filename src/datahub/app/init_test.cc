#include "datahub/app/init.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "datahub/app/project_fixture.h"

namespace datahub::app {
namespace {

std::string Content(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

TEST(Init, WritesAProjectThatIsValid) {
  const ProjectFolder scratch;
  const std::string folder = scratch.path() + "/Users-Demo/";
  const auto made = InitProject({.folder = folder, .events = 1'000});
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->name, "users_demo");
  EXPECT_EQ(made->events, 1'000u);
  EXPECT_EQ(made->bad, 10u);
  for (const std::string& file : made->files) EXPECT_TRUE(std::filesystem::exists(folder + file)) << file;

  Diagnostics diagnostics;
  const auto project = ReadProject(folder, {.contracts = ContractUse::kAll}, diagnostics);
  ASSERT_TRUE(project) << diagnostics.Render(false);
  EXPECT_EQ(project->name, "users_demo");
  EXPECT_EQ(project->FindPipeline("users")->contract->name(), "user");
  EXPECT_EQ(project->FindTable("users")->partition_by[0].key, "created_at_day");
  EXPECT_EQ(Content(folder + ".gitignore"), "/.datahub/\n/lake/\n");
}

TEST(Init, SameSeedSameBytes) {
  const ProjectFolder scratch;
  ASSERT_TRUE(InitProject({.folder = scratch.path() + "/a", .name = "x", .events = 500, .seed = 4}));
  ASSERT_TRUE(InitProject({.folder = scratch.path() + "/b", .name = "x", .events = 500, .seed = 4}));
  for (const char* file : {"/datahub.yaml", "/contracts/user.json", "/inbox/users/events-0001.ndjson"}) {
    EXPECT_EQ(Content(scratch.path() + "/a" + file), Content(scratch.path() + "/b" + file));
    EXPECT_FALSE(Content(scratch.path() + "/a" + file).empty());
  }
}

TEST(Init, RefusesAFolderThatHoldsSomething) {
  const ProjectFolder scratch;
  scratch.Write("notes.txt", "mine");
  const auto made = InitProject({.folder = scratch.path()});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Code::kAlreadyExists);
  EXPECT_NE(made.error().message.find("notes.txt"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(scratch.path() + "/datahub.yaml"));
  EXPECT_EQ(InitProject({.folder = scratch.path() + "/notes.txt"}).error().code, Code::kAlreadyExists);
}

TEST(Init, TakesAnEmptyFolder) {
  const ProjectFolder scratch;
  EXPECT_TRUE(InitProject({.folder = scratch.path(), .events = 1}));
}

TEST(Init, RefusesBadNames) {
  const ProjectFolder scratch;
  const auto made = InitProject({.folder = scratch.path(), .name = "My Project"});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Code::kInvalidInput);
  EXPECT_NE(made.error().message.find("my_project"), std::string::npos);
  EXPECT_FALSE(InitProject({.folder = ""}));
  EXPECT_EQ(InitProject({.folder = scratch.path(), .events = kInitEventsMax + 1}).error().code, Code::kLimit);
}

}  // namespace
}  // namespace datahub::app
