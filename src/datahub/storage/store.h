#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "datahub/base/hash.h"
#include "datahub/base/result.h"

namespace datahub::storage {

// Where an object is, below the store's root: "sales/users/created_at_day=2026-01-01/users-….parquet". No leading slash,
// no empty, "." or ".." part.
struct ObjectKey {
  std::string text;
  bool operator==(const ObjectKey&) const = default;
  auto operator<=>(const ObjectKey&) const = default;
};

// Bytes that are written whole and durable but that no reader looks at yet, and the name they are to have.
struct UnseenObject {
  ObjectKey key;
  std::string unseen;  // local: path below the root; S3: upload id
  uint64_t bytes = 0;
  Hash128 checksum;
};

struct ObjectFacts {
  uint64_t bytes = 0;
  Hash128 checksum;
  bool operator==(const ObjectFacts&) const = default;
};

// One object growing unseen. Dropping it unfinished removes what it wrote; it never reveals.
class UnseenWriter {
 public:
  virtual ~UnseenWriter() = default;
  virtual Result<void> Append(std::string_view bytes) = 0;
  // Durable when it returns (file synced; the unseen folder by Store::SyncUnseen).
  virtual Result<UnseenObject> Finish() && = 0;
};

// Bytes in objects. Knows no tables.
//
// Durable  what each call promises survives the loss of everything that was not synced
// Errors   DiskFull · Unavailable · Timeout (outcome unknown) · Corruption · NotFound · AlreadyExists
// Threads  any
class Store {
 public:
  virtual ~Store() = default;

  // Begins an object below the unseen folder of `incarnation` (".unseen/<incarnation>/…").
  virtual Result<std::unique_ptr<UnseenWriter>> CreateUnseen(std::string_view incarnation, const ObjectKey& key) = 0;
  // Makes the names in the incarnation's unseen folder durable; before the intent that lists them.
  virtual Result<void> SyncUnseen(std::string_view incarnation) = 0;
  // Gives every object its name without replacing, then makes names, folders and new parents durable, each folder once.
  // Also for what is revealed already (recovery): "there" with size and checksum of the object is success and is synced
  // again; there with others is Corruption; neither there nor unseen is NotFound, naming the key.
  virtual Result<void> Reveal(std::span<const UnseenObject> objects) = 0;
  // Size and checksum of what has this name; nothing when there is none.
  virtual Result<std::optional<ObjectFacts>> Look(const ObjectKey& key) = 0;
  virtual Result<bool> UnseenExists(const UnseenObject& object) = 0;
  // Removes; absent is success. Durable.
  virtual Result<void> Remove(const ObjectKey& key) = 0;
  // Removes one unseen object; absent is success.
  virtual Result<void> Discard(const UnseenObject& object) = 0;
  // Incarnations that have an unseen folder, and removal of one with all in it.
  virtual Result<std::vector<std::string>> UnseenIncarnations() = 0;
  virtual Result<void> RemoveUnseen(std::string_view incarnation) = 0;

  // A word beside the incarnation's unseen objects, in the place of its last one about the same subject. Becomes durable
  // with the next SyncUnseen, and goes with RemoveUnseen. Neither has a '/', a subject no '='.
  virtual Result<void> Note(std::string_view incarnation, std::string_view subject, std::string_view word) = 0;
  // All of them: subject and word.
  virtual Result<std::vector<std::pair<std::string, std::string>>> Notes() = 0;

  virtual Result<std::string> Read(const ObjectKey& key) = 0;
  virtual Result<std::vector<ObjectKey>> List(std::string_view prefix) = 0;
  // What DuckDB and people open.
  virtual std::string LocationOf(const ObjectKey& key) const = 0;
};

enum class OpenMode { kReadWrite, kReadOnly };

// A folder on local disk, created in kReadWrite when it is not there.
Result<std::unique_ptr<Store>> OpenLocalStore(std::string root, OpenMode mode = OpenMode::kReadWrite);

}  // namespace datahub::storage
