#include "datahub/storage/faulty_store.h"

namespace datahub::storage {
namespace {

class FaultyWriter final : public UnseenWriter {
 public:
  FaultyWriter(std::unique_ptr<UnseenWriter> inner, FaultPlan& plan) : inner_(std::move(inner)), plan_(plan) {}

  Result<void> Append(std::string_view bytes) override {
    return plan_.Run("Append", [&] { return inner_->Append(bytes); });
  }
  Result<UnseenObject> Finish() && override {
    return plan_.Run("Finish", [&] { return std::move(*inner_).Finish(); });
  }

 private:
  std::unique_ptr<UnseenWriter> inner_;
  FaultPlan& plan_;
};

}  // namespace

Result<std::unique_ptr<UnseenWriter>> FaultyStore::CreateUnseen(std::string_view incarnation, const ObjectKey& key) {
  auto writer = plan_.Run("CreateUnseen", [&] { return inner_.CreateUnseen(incarnation, key); });
  if (!writer) return writer;
  return std::unique_ptr<UnseenWriter>(new FaultyWriter(*std::move(writer), plan_));
}

Result<void> FaultyStore::SyncUnseen(std::string_view incarnation) {
  return plan_.Run("SyncUnseen", [&] { return inner_.SyncUnseen(incarnation); });
}

Result<void> FaultyStore::Reveal(std::span<const UnseenObject> objects) {
  return plan_.Run("Reveal", [&] { return inner_.Reveal(objects); });
}

Result<std::optional<ObjectFacts>> FaultyStore::Look(const ObjectKey& key) {
  return plan_.Run("Look", [&] { return inner_.Look(key); });
}

Result<bool> FaultyStore::UnseenExists(const UnseenObject& object) {
  return plan_.Run("UnseenExists", [&] { return inner_.UnseenExists(object); });
}

Result<void> FaultyStore::Remove(const ObjectKey& key) {
  return plan_.Run("Remove", [&] { return inner_.Remove(key); });
}

Result<void> FaultyStore::Discard(const UnseenObject& object) {
  return plan_.Run("Discard", [&] { return inner_.Discard(object); });
}

Result<std::vector<std::string>> FaultyStore::UnseenIncarnations() {
  return plan_.Run("UnseenIncarnations", [&] { return inner_.UnseenIncarnations(); });
}

Result<void> FaultyStore::RemoveUnseen(std::string_view incarnation) {
  return plan_.Run("RemoveUnseen", [&] { return inner_.RemoveUnseen(incarnation); });
}

Result<void> FaultyStore::Note(std::string_view incarnation, std::string_view subject, std::string_view word) {
  return plan_.Run("Note", [&] { return inner_.Note(incarnation, subject, word); });
}

Result<std::vector<std::pair<std::string, std::string>>> FaultyStore::Notes() {
  return plan_.Run("Notes", [&] { return inner_.Notes(); });
}

Result<std::string> FaultyStore::Read(const ObjectKey& key) {
  return plan_.Run("Read", [&] { return inner_.Read(key); });
}

Result<std::vector<ObjectKey>> FaultyStore::List(std::string_view prefix) {
  return plan_.Run("List", [&] { return inner_.List(prefix); });
}

}  // namespace datahub::storage
