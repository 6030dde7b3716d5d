#include "datahub/storage/local_store.h"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <thread>

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "datahub/storage/crash_points.h"
#include "datahub/storage/object_key.h"

namespace datahub::storage {
namespace {

namespace fs = std::filesystem;

const char kMine[] = "000001-00000000000000aa";
const char kOther[] = "000002-00000000000000bb";

class LocalStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "datahub-store-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    root_ = folder_ + "/a/lake";
    Open();
  }
  void TearDown() override {
    store_.reset();
    fs::remove_all(folder_);
  }

  // A new store over the same folder: what a new process sees.
  void Open() {
    auto opened = OpenLocalStore(root_);
    ASSERT_TRUE(opened) << opened.error().ToString();
    store_ = *std::move(opened);
  }

  UnseenObject Write(const std::string& key, const std::string& bytes, const char* incarnation = kMine) {
    auto writer = store_->CreateUnseen(incarnation, ObjectKey{key});
    EXPECT_TRUE(writer) << writer.error().ToString();
    EXPECT_TRUE((*writer)->Append(std::string_view(bytes).substr(0, bytes.size() / 2)));
    EXPECT_TRUE((*writer)->Append(std::string_view(bytes).substr(bytes.size() / 2)));
    auto object = std::move(**writer).Finish();
    EXPECT_TRUE(object) << object.error().ToString();
    return *object;
  }

  static std::string Slurp(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static void Spill(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
  }

  Code RevealCode(const UnseenObject& object) {
    auto revealed = store_->Reveal({&object, 1});
    return revealed ? Code::kInternal : revealed.error().code;
  }

  std::string folder_;
  std::string root_;
  std::unique_ptr<Store> store_;
};

TEST_F(LocalStoreTest, GrowsUnseenAndIsThereAfterTheReveal) {
  const std::string bytes(100'000, 'x');
  const UnseenObject object = Write("sales/users/day=1/f.parquet", bytes);
  EXPECT_EQ(object.bytes, bytes.size());
  EXPECT_EQ(object.checksum, HashBytes(bytes));
  EXPECT_EQ(object.unseen, ".unseen/000001-00000000000000aa/1-f.parquet");
  EXPECT_FALSE(*store_->Look(object.key));
  EXPECT_TRUE(store_->List("")->empty());
  EXPECT_TRUE(*store_->UnseenExists(object));

  ASSERT_TRUE(store_->SyncUnseen(kMine));
  ASSERT_TRUE(store_->Reveal({&object, 1}));
  EXPECT_EQ(**store_->Look(object.key), (ObjectFacts{object.bytes, object.checksum}));
  EXPECT_EQ(*store_->Read(object.key), bytes);
  EXPECT_EQ(Slurp(store_->LocationOf(object.key)), bytes);
  EXPECT_FALSE(*store_->UnseenExists(object));
  EXPECT_EQ(store_->List("sales/us")->size(), 1u);
  EXPECT_TRUE(store_->List("sales/x")->empty());
  EXPECT_TRUE(store_->List("none/")->empty());
}

TEST_F(LocalStoreTest, RevealsAgainAndAfterARestart) {
  const std::vector<UnseenObject> objects = {Write("t/a", "aaa"), Write("t/p=1/b", "bbb"), Write("t/p=2/c", "")};
  ASSERT_TRUE(store_->SyncUnseen(kMine));
  ASSERT_TRUE(store_->Reveal({objects.data(), 1}));  // dies after the first of three
  Open();
  ASSERT_TRUE(store_->Reveal(objects));
  ASSERT_TRUE(store_->Reveal(objects));
  EXPECT_EQ(*store_->Read(ObjectKey{"t/p=1/b"}), "bbb");
  EXPECT_EQ(*store_->Read(ObjectKey{"t/p=2/c"}), "");
}

TEST_F(LocalStoreTest, SomebodyElsesObjectIsCorruptionAndStays) {
  const UnseenObject object = Write("t/a", "ours");
  fs::create_directories(root_ + "/t");
  Spill(root_ + "/t/a", "theirs");
  EXPECT_EQ(RevealCode(object), Code::kCorruption);
  EXPECT_EQ(Slurp(root_ + "/t/a"), "theirs");
  EXPECT_TRUE(*store_->UnseenExists(object));
  Spill(root_ + "/t/a", "0urs");  // same size
  EXPECT_EQ(RevealCode(object), Code::kCorruption);
}

TEST_F(LocalStoreTest, NeitherThereNorUnseenIsNotFoundAndNamesTheKey) {
  const UnseenObject object = Write("t/p=1/a", "ours");
  ASSERT_TRUE(store_->Discard(object));
  ASSERT_TRUE(store_->Discard(object));
  auto revealed = store_->Reveal({&object, 1});
  ASSERT_FALSE(revealed);
  EXPECT_EQ(revealed.error().code, Code::kNotFound);
  EXPECT_NE(revealed.error().message.find("t/p=1/a"), std::string::npos);
  EXPECT_FALSE(fs::exists(root_ + "/t")) << "no folder for an object that does not come";
}

TEST_F(LocalStoreTest, RecoveryDoesNotRevealBytesThatChanged) {
  const UnseenObject object = Write("t/a", "ours");
  Spill(root_ + "/" + object.unseen, "0urs");
  Open();
  EXPECT_EQ(RevealCode(object), Code::kCorruption);
  EXPECT_FALSE(fs::exists(root_ + "/t/a"));
}

TEST_F(LocalStoreTest, DroppingAWriterRemovesAndNeverReveals) {
  {
    auto writer = store_->CreateUnseen(kMine, ObjectKey{"t/a"});
    ASSERT_TRUE((*writer)->Append("bytes"));
  }
  EXPECT_TRUE(fs::is_empty(root_ + "/.unseen/" + kMine));
  EXPECT_FALSE(*store_->Look(ObjectKey{"t/a"}));
}

TEST_F(LocalStoreTest, HostileNamesAreRefused) {
  const std::string deep(300, 'x');
  std::string longest = "a";
  for (int i = 0; i < 600; ++i) longest += "/b";
  for (const std::string& key : {std::string(), std::string("/etc/x"), std::string("a/../b"), std::string(".."),
                                 std::string("a//b"), std::string("a/"), std::string("./a"), std::string("a\0b", 3),
                                 deep, longest, std::string(".unseen/000001-aa/x"), std::string(".unseen")}) {
    EXPECT_EQ(store_->CreateUnseen(kMine, ObjectKey{key}).error().code, Code::kInvalidInput) << key;
    EXPECT_EQ(store_->Look(ObjectKey{key}).error().code, Code::kInvalidInput) << key;
    EXPECT_EQ(store_->Remove(ObjectKey{key}).error().code, Code::kInvalidInput) << key;
    EXPECT_EQ(store_->Read(ObjectKey{key}).error().code, Code::kInvalidInput) << key;
    EXPECT_EQ(RevealCode(UnseenObject{ObjectKey{key}, ".unseen/1-a/x", 0, {}}), Code::kInvalidInput) << key;
  }
  for (const char* unseen : {"", "t/a", "../x", ".unseen/x", ".unseen/../../x", ".unseen/a/b/c", ".unseen/a_b/c"}) {
    const UnseenObject object{ObjectKey{"t/a"}, unseen, 0, {}};
    EXPECT_EQ(RevealCode(object), Code::kInvalidInput) << unseen;
    EXPECT_EQ(store_->Discard(object).error().code, Code::kInvalidInput) << unseen;
    EXPECT_EQ(store_->UnseenExists(object).error().code, Code::kInvalidInput) << unseen;
  }
  for (const char* incarnation : {"", "..", "a/b", "a.b"}) {
    EXPECT_EQ(store_->RemoveUnseen(incarnation).error().code, Code::kInvalidInput) << incarnation;
    EXPECT_EQ(store_->SyncUnseen(incarnation).error().code, Code::kInvalidInput) << incarnation;
  }
  EXPECT_EQ(store_->List("../").error().code, Code::kInvalidInput);
  EXPECT_TRUE(CheckKey(ObjectKey{"sales/users/country=%2E%2E/x..parquet"}));
}

TEST_F(LocalStoreTest, RemovesTheUnseenOfOneIncarnationOnly) {
  const UnseenObject mine = Write("t/a", "mine");
  const UnseenObject other = Write("t/b", "other", kOther);
  EXPECT_EQ(*store_->UnseenIncarnations(), (std::vector<std::string>{kMine, kOther}));
  ASSERT_TRUE(store_->RemoveUnseen(kMine));
  ASSERT_TRUE(store_->RemoveUnseen(kMine));
  EXPECT_EQ(*store_->UnseenIncarnations(), (std::vector<std::string>{kOther}));
  EXPECT_FALSE(*store_->UnseenExists(mine));
  EXPECT_EQ(RevealCode(mine), Code::kNotFound);
  ASSERT_TRUE(store_->Reveal({&other, 1}));
  EXPECT_EQ(*store_->Read(ObjectKey{"t/b"}), "other");
}

// A worker that slept while its successor cleaned up finds its folder gone and cannot make it again.
TEST_F(LocalStoreTest, AFencedWorkerCannotGoOnWriting) {
  auto writer = store_->CreateUnseen(kMine, ObjectKey{"t/a"});
  ASSERT_TRUE((*writer)->Append("half"));
  auto successor = *OpenLocalStore(root_);
  ASSERT_TRUE(successor->RemoveUnseen(kMine));
  EXPECT_TRUE((*writer)->Append("the rest"));
  auto object = std::move(**writer).Finish();
  ASSERT_TRUE(object);
  EXPECT_EQ(store_->SyncUnseen(kMine).error().code, Code::kFenced);
  EXPECT_EQ(RevealCode(*object), Code::kNotFound);
  EXPECT_EQ(store_->CreateUnseen(kMine, ObjectKey{"t/b"}).error().code, Code::kFenced);
  EXPECT_TRUE(successor->UnseenIncarnations()->empty());
  // Whoever removes its own may begin again.
  ASSERT_TRUE(store_->RemoveUnseen(kMine));
  EXPECT_TRUE(store_->CreateUnseen(kMine, ObjectKey{"t/b"}));
}

TEST_F(LocalStoreTest, SyncOfNothingIsSuccess) { EXPECT_TRUE(store_->SyncUnseen(kMine)); }

TEST_F(LocalStoreTest, RemoveIsIdempotentAndLeavesTheFolder) {
  const UnseenObject object = Write("t/p=1/a", "bytes");
  ASSERT_TRUE(store_->Reveal({&object, 1}));
  ASSERT_TRUE(store_->Remove(object.key));
  ASSERT_TRUE(store_->Remove(object.key));
  ASSERT_TRUE(store_->Remove(ObjectKey{"never/was/here"}));
  EXPECT_FALSE(*store_->Look(object.key));
  EXPECT_EQ(store_->Read(object.key).error().code, Code::kNotFound);
  EXPECT_TRUE(fs::exists(root_ + "/t/p=1"));
}

TEST_F(LocalStoreTest, AFolderRemovedByAPersonIsMadeAgain) {
  const UnseenObject a = Write("t/p=1/a", "a");
  ASSERT_TRUE(store_->Reveal({&a, 1}));
  fs::remove_all(root_ + "/t");
  const UnseenObject b = Write("t/p=1/b", "b");
  ASSERT_TRUE(store_->Reveal({&b, 1}));
  EXPECT_EQ(*store_->Read(b.key), "b");
}

TEST_F(LocalStoreTest, SecondStoreOfAnIncarnationTakesOtherNames) {
  const UnseenObject a = Write("t/a", "a");
  Open();
  const UnseenObject b = Write("t/a", "b");
  EXPECT_NE(a.unseen, b.unseen);
}

// The limit of a file's size stands for a full disk: the write fails in the middle.
TEST_F(LocalStoreTest, NoRoomIsDiskFullAndNothingStays) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{64 << 10, 64 << 10};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    auto writer = store_->CreateUnseen(kMine, ObjectKey{"t/a"});
    auto written = (*writer)->Append(std::string(200 << 10, 'x'));
    const bool good = !written && written.error().code == Code::kDiskFull &&
                      written.error().message.find("free space") != std::string::npos;
    writer->reset();
    ::_exit(good && fs::is_empty(root_ + "/.unseen/" + kMine) ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

TEST_F(LocalStoreTest, ThreadsWriteAndRevealIntoOneFolder) {
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this, t] {
      for (int i = 0; i < 20; ++i) {
        const std::string key = "t/p=" + std::to_string(i % 3) + "/" + std::to_string(t) + "-" + std::to_string(i);
        const UnseenObject object = Write(key, key);
        EXPECT_TRUE(store_->Reveal({&object, 1}));
      }
    });
  }
  threads.clear();
  const auto keys = *store_->List("t/");
  EXPECT_EQ(keys.size(), 80u);
  for (const ObjectKey& key : keys) EXPECT_EQ(*store_->Read(key), key.text);
}

TEST(SyncHealthTest, AFailedSyncIsRememberedForEver) {
  SyncHealth health;
  EXPECT_TRUE(health.Check());
  EXPECT_EQ(health.Fail(EIO, "/lake/x").code, Code::kCorruption);
  (void)health.Fail(EIO, "/lake/y");
  EXPECT_NE(health.Check().error().message.find("/lake/x"), std::string::npos);
}

// The list that the crash tests go through is the list of what the sources call.
TEST(CrashPointsTest, ListIsComplete) {
  std::set<std::string> called;
  for (const auto& entry : fs::directory_iterator(DH_SOURCE_DIR "/src/datahub/storage")) {
    if (entry.path().extension() != ".cc" || entry.path().string().ends_with("_test.cc")) continue;
    std::ifstream in(entry.path());
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const std::string call = "CrashPoint(\"";
    for (size_t at = text.find(call); at != text.npos; at = text.find(call, at + 1)) {
      const size_t begin = at + call.size();
      called.insert(text.substr(begin, text.find('"', begin) - begin));
    }
  }
  EXPECT_EQ(called, std::set<std::string>(std::begin(kCrashPoints), std::end(kCrashPoints)));
}

}  // namespace
}  // namespace datahub::storage
