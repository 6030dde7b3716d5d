#include "datahub/source/files/glob.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include "datahub/source/files/files_fixture.h"

namespace datahub::source::files {
namespace {

class Globs : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"in/a.ndjson", "in/b.json", "in/.hidden.ndjson", "in/x/c.ndjson", "in/x/y/d.ndjson",
                             "in/.dot/e.ndjson", "top.ndjson", "in/[1].ndjson"}) {
      folder_.Write(name, "1\n");
    }
  }
  std::string Find(std::vector<std::string> texts) {
    std::vector<Pattern> patterns;
    for (const std::string& text : texts) patterns.push_back(Pattern::Parse(text, folder_.root()).value());
    found_ = FindFiles(patterns, folder_.root());
    std::string names;
    for (const FoundFile& file : found_.files) names += (names.empty() ? "" : " ") + file.name;
    return names;
  }
  Folder folder_;
  FoundFiles found_;
};

TEST_F(Globs, WildcardsMatchWithinAName) {
  EXPECT_EQ(Find({"./in/*.ndjson"}), "in/[1].ndjson in/a.ndjson");
  EXPECT_EQ(Find({"in/?.*"}), "in/a.ndjson in/b.json");
  EXPECT_EQ(Find({"*/[ab].*"}), "in/a.ndjson in/b.json");
  EXPECT_EQ(Find({"in/\\[1\\].ndjson"}), "in/[1].ndjson");
  EXPECT_EQ(Find({"top.ndjson"}), "top.ndjson");
}

TEST_F(Globs, TwoStarsMatchAnyFolders) {
  EXPECT_EQ(Find({"./**/*.ndjson"}), "in/[1].ndjson in/a.ndjson in/x/c.ndjson in/x/y/d.ndjson top.ndjson");
  EXPECT_EQ(Find({"in/**/y/*"}), "in/x/y/d.ndjson");
  EXPECT_EQ(Find({"in/x/**"}), "in/x/c.ndjson in/x/y/d.ndjson");
}

TEST_F(Globs, HiddenNamesAreMatchedOnlyWhenSaid) {
  EXPECT_EQ(Find({"in/.*"}), "in/.hidden.ndjson");
  EXPECT_EQ(Find({"in/.dot/*"}), "in/.dot/e.ndjson");
}

TEST_F(Globs, SeveralPatternsFindAFileOnceAndAbsoluteOnesNameItTheSame) {
  EXPECT_EQ(Find({"in/*.json", folder_.Path("in/b.json"), "./in//./b.*"}), "in/b.json");
  EXPECT_EQ(found_.files[0].path, folder_.Path("in/b.json"));
}

TEST_F(Globs, LinkedFoldersAreFollowedButNotByTwoStars) {
  std::filesystem::create_directory_symlink("..", folder_.Path("in/x/loop"));
  EXPECT_EQ(Find({"in/x/*/a.ndjson"}), "in/x/loop/a.ndjson");
  EXPECT_EQ(Find({"in/x/**/*.ndjson"}), "in/x/c.ndjson in/x/y/d.ndjson");
}

TEST_F(Globs, WhatIsNoFileIsSaidWhenItWasNamed) {
  EXPECT_EQ(Find({"in/x"}), "");
  ASSERT_EQ(found_.oddities.size(), 1u);
  EXPECT_NE(found_.oddities[0].message.find("in/x is a folder; write which files in it"), std::string::npos);
  ASSERT_EQ(::mkfifo(folder_.Path("in/pipe").c_str(), 0600), 0);
  EXPECT_EQ(Find({"in/p*"}), "");
  ASSERT_EQ(found_.oddities.size(), 1u);
  EXPECT_EQ(found_.oddities[0].kind, "not_a_file");
  EXPECT_EQ(Find({"nowhere/*"}), "");
  ASSERT_EQ(found_.oddities.size(), 1u);
  EXPECT_EQ(found_.oddities[0].kind, "no_match");
  EXPECT_TRUE(found_.errors.empty());
}

TEST_F(Globs, AFolderThatCannotBeListedIsAnError) {
  std::filesystem::create_symlink("loop", folder_.Path("loop"));
  EXPECT_EQ(Find({"loop/*", "top*"}), "top.ndjson");
  ASSERT_EQ(found_.errors.size(), 1u);
  EXPECT_NE(found_.errors[0].message.find("loop/: Too many levels"), std::string::npos) << found_.errors[0].message;
}

}  // namespace
}  // namespace datahub::source::files
