#pragma once

#include <memory>

#include "datahub/base/fault.h"
#include "datahub/storage/store.h"

namespace datahub::storage {

// A store whose calls, those of its writers too, go through a FaultPlan. For tests: what pipeline and lake do when the
// N-th call fails.
// Owns  nothing: `inner` and `plan` must outlive it and its writers
class FaultyStore final : public Store {
 public:
  FaultyStore(Store& inner, FaultPlan& plan) : inner_(inner), plan_(plan) {}

  Result<std::unique_ptr<UnseenWriter>> CreateUnseen(std::string_view incarnation, const ObjectKey& key) override;
  Result<void> SyncUnseen(std::string_view incarnation) override;
  Result<void> Reveal(std::span<const UnseenObject> objects) override;
  Result<std::optional<ObjectFacts>> Look(const ObjectKey& key) override;
  Result<bool> UnseenExists(const UnseenObject& object) override;
  Result<void> Remove(const ObjectKey& key) override;
  Result<void> Discard(const UnseenObject& object) override;
  Result<std::vector<std::string>> UnseenIncarnations() override;
  Result<void> RemoveUnseen(std::string_view incarnation) override;
  Result<void> Note(std::string_view incarnation, std::string_view subject, std::string_view word) override;
  Result<std::vector<std::pair<std::string, std::string>>> Notes() override;
  Result<std::string> Read(const ObjectKey& key) override;
  Result<std::vector<ObjectKey>> List(std::string_view prefix) override;
  std::string LocationOf(const ObjectKey& key) const override { return inner_.LocationOf(key); }

 private:
  Store& inner_;
  FaultPlan& plan_;
};

}  // namespace datahub::storage
