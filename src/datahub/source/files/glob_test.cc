#include "datahub/source/files/glob.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

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
  std::string Find(std::vector<std::string> texts, bool follow_links = false) {
    std::vector<Pattern> patterns;
    std::vector<std::string> folders;
    for (const std::string& text : texts) {
      patterns.push_back(Pattern::Parse(text, folder_.root()).value());
      folders.push_back(patterns.back().folder());
    }
    found_ = FindFiles(patterns, folder_.root(), FileAccess(folders, follow_links));
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

// Only what stands before the first wildcard is followed by itself.
TEST_F(Globs, LinksAreFollowedBehindAWildcardOnlyWhenSaidAndNeverOutOfTheFolder) {
  std::filesystem::create_directory_symlink("x", folder_.Path("in/link"));
  std::filesystem::create_symlink("../a.ndjson", folder_.Path("in/x/out.ndjson"));
  std::filesystem::create_symlink("c.ndjson", folder_.Path("in/x/within.ndjson"));
  EXPECT_EQ(Find({"in/link/c*"}), "in/link/c.ndjson");
  EXPECT_TRUE(found_.oddities.empty());
  EXPECT_EQ(Find({"in/l*/c.ndjson"}), "");
  ASSERT_EQ(found_.oddities.size(), 1u);
  EXPECT_EQ(found_.oddities[0].kind, "link");
  EXPECT_NE(found_.oddities[0].message.find("follow_links: true"), std::string::npos) << found_.oddities[0].message;
  EXPECT_EQ(Find({"in/x/*.ndjson"}), "in/x/c.ndjson");
  EXPECT_EQ(found_.oddities.size(), 2u);

  EXPECT_EQ(Find({"in/x/*.ndjson"}, true), "in/x/c.ndjson in/x/within.ndjson");
  ASSERT_EQ(found_.oddities.size(), 1u);
  EXPECT_NE(found_.oddities[0].message.find("in/x/out.ndjson leads out of"), std::string::npos);
  EXPECT_EQ(Find({"in/l*/c.ndjson"}, true), "in/link/c.ndjson");
  EXPECT_EQ(Find({"in/*/out.ndjson"}, true), "in/link/out.ndjson in/x/out.ndjson") << "in/a.ndjson lies in the folder";
}

TEST_F(Globs, TwoStarsDoNotFollowLinkedFolders) {
  std::filesystem::create_directory_symlink("..", folder_.Path("in/x/loop"));
  EXPECT_EQ(Find({"in/x/**/*.ndjson"}, true), "in/x/c.ndjson in/x/y/d.ndjson");
}

// Between a look and the opening anything may take a name's place.
TEST_F(Globs, OnlyRegularFilesInsideAreOpened) {
  folder_.Write("secret/file", "s");
  std::filesystem::create_symlink("../secret/file", folder_.Path("in/link"));
  std::filesystem::create_directory_symlink("../secret", folder_.Path("in/folder"));
  std::filesystem::create_symlink("a.ndjson", folder_.Path("in/near"));
  ASSERT_EQ(::mkfifo(folder_.Path("in/pipe").c_str(), 0600), 0);
  const auto opens = [&](const char* name, bool follow, const char* folder = "in/") {
    const FileAccess access({folder_.Path(folder)}, follow);
    const Result<int> fd = access.Open(folder_.Path(name));
    if (fd) ::close(*fd);
    EXPECT_TRUE(fd || fd.error().code == Code::kNotFound) << fd.error().message;
    return fd.has_value();
  };
  for (const bool follow : {false, true}) {
    EXPECT_TRUE(opens("in/a.ndjson", follow));
    EXPECT_TRUE(opens("in/x/y/d.ndjson", follow));
    EXPECT_TRUE(opens("in/folder/file", follow, "in/folder/")) << "the project names it";
    EXPECT_EQ(opens("in/near", follow), follow);
    for (const char* name : {"in/link", "in/folder/file", "in/pipe", "in/x", "in/nothing"}) {
      EXPECT_FALSE(opens(name, follow)) << name;
    }
  }
  EXPECT_FALSE(opens("in/link", false, "other/"));
  const FileAccess anywhere;
  const Result<int> fd = anywhere.Open("/dev/null");
  EXPECT_FALSE(fd);
}

TEST_F(Globs, APatternDoesNotLeaveItsFolderByTwoDots) {
  EXPECT_FALSE(Pattern::Parse("in/*/../x", folder_.root()));
  EXPECT_TRUE(Pattern::Parse("../in/*", folder_.root()));
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
  EXPECT_EQ(Find({"in/x/*"}), "in/x/c.ndjson");
  ASSERT_EQ(found_.oddities.size(), 1u) << "in/x/y";
  EXPECT_EQ(found_.oddities[0].kind, "not_a_file");
}

TEST_F(Globs, AFolderThatCannotBeListedIsAnError) {
  std::filesystem::create_symlink("loop", folder_.Path("loop"));
  EXPECT_EQ(Find({"loop/*", "top*"}), "top.ndjson");
  ASSERT_EQ(found_.errors.size(), 1u);
  EXPECT_NE(found_.errors[0].message.find("loop/: Too many levels"), std::string::npos) << found_.errors[0].message;
}

}  // namespace
}  // namespace datahub::source::files
