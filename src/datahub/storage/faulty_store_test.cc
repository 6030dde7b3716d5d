#include "datahub/storage/faulty_store.h"

#include <filesystem>

#include <gtest/gtest.h>

namespace datahub::storage {
namespace {

namespace fs = std::filesystem;

// What a careful caller does: every call whose outcome may be unknown is repeated, three times at most.
template <class F>
auto Insist(F&& call) {
  auto result = call();
  for (int i = 0; i < 2 && !result; ++i) result = call();
  return result;
}

Result<UnseenObject> WriteOne(Store& store, const ObjectKey& key) {
  auto writer = DH_TRY(store.CreateUnseen("000001-aa", key));
  DH_TRY(writer->Append(key.text));
  return std::move(*writer).Finish();
}

// Two objects from nothing to revealed, as pipeline does it.
Result<void> Land(Store& store) {
  std::vector<UnseenObject> objects;
  for (const char* key : {"t/p=1/a", "t/p=2/b"}) {
    objects.push_back(DH_TRY(Insist([&] { return WriteOne(store, ObjectKey{key}); })));
  }
  DH_TRY(Insist([&] { return store.SyncUnseen("000001-aa"); }));
  DH_TRY(Insist([&] { return store.Reveal(objects); }));
  return Insist([&] { return store.RemoveUnseen("000001-aa"); });
}

class FaultyStoreTest : public testing::TestWithParam<FaultPlan::Kind> {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "datahub-faulty-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::string folder_;
};

// Every call fails in turn until a run meets no fault. A fault that passes costs nothing; one that stays leaves no
// object half revealed under its name.
TEST_P(FaultyStoreTest, EveryCallFailsInTurn) {
  uint64_t at = 1;
  for (;; ++at) {
    const std::string root = folder_ + "/" + std::to_string(at);
    auto inner = *OpenLocalStore(root);
    FaultPlan plan(GetParam(), at, Code::kTimeout);
    FaultyStore store(*inner, plan);
    auto landed = Land(store);
    if (plan.failed() == 0) break;
    if (GetParam() == FaultPlan::Kind::kForEver) {
      ASSERT_FALSE(landed);
      EXPECT_EQ(landed.error().code, Code::kTimeout);
    } else {
      ASSERT_TRUE(landed) << at << ": " << landed.error().ToString();
    }
    const auto keys = *inner->List("");
    for (const ObjectKey& key : keys) EXPECT_EQ(*inner->Read(key), key.text);
    if (!landed) continue;
    EXPECT_EQ(keys.size(), 2u) << at;
    EXPECT_TRUE(inner->UnseenIncarnations()->empty());
  }
  EXPECT_EQ(at, 10u) << "2 × (create, append, finish), sync, reveal, remove";
}

INSTANTIATE_TEST_SUITE_P(Kinds, FaultyStoreTest,
                         testing::Values(FaultPlan::Kind::kOnce, FaultPlan::Kind::kForEver,
                                         FaultPlan::Kind::kReplyLost));

}  // namespace
}  // namespace datahub::storage
