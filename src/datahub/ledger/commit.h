#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "datahub/base/result.h"

namespace datahub::ledger {

// One life of a worker: a ledger counter plus 64 random bits, new at each start, so that a ledger restored from a backup
// cannot mint a name that exists.
struct Incarnation {
  uint64_t counter = 0;
  uint64_t random = 0;
  bool operator==(const Incarnation&) const = default;
  std::string ToString() const;  // "000012-9f86d081884c7d65": sorts by counter
};

// What ToString() wrote; InvalidInput for any other text.
Result<Incarnation> ParseIncarnation(std::string_view text);

// Names a commit for ever: "<pipeline>-<incarnation>-<sequence>", the sequence with six digits or more.
struct CommitId {
  std::string pipeline;
  Incarnation incarnation;
  uint64_t sequence = 0;
  bool operator==(const CommitId&) const = default;
  std::string ToString() const;
};

// A position belongs to (source, shard, target). The text is the source's own.
struct PositionKey {
  std::string source;
  std::string shard;
  std::string target;
  auto operator<=>(const PositionKey&) const = default;
};

struct PositionMove {
  PositionKey key;
  std::string from;  // "" = the shard had none
  std::string to;
  bool operator==(const PositionMove&) const = default;
};

using PartitionValues =
    std::vector<std::pair<std::string, std::string>>;  // key, value as in the path (percent-encoded)

struct DataFile {
  std::string table;
  std::string key;     // below the lake's root
  std::string unseen;  // see storage::UnseenObject
  uint64_t bytes = 0;
  std::string checksum;  // 32 hex digits
  uint64_t rows = 0;
  PartitionValues partition;
  int schema_version = 0;  // of the table's columns when it was written
  std::string layout;      // files of one layout hold the same columns: 16 hex digits
  int contract_version = 0;
  std::string commit;  // filled by the ledger when read back
  std::string damage;  // the same: what a scrub found wrong with it; empty: nothing
  bool operator==(const DataFile&) const = default;
};

struct RemovedFile {
  std::string table;
  std::string key;
  // Of an abandoned commit: the name may hold nothing, and what holds other bytes is not ours. "" = it was a table's file.
  std::string checksum{};
  bool operator==(const RemovedFile&) const = default;
};

// A move of a commit that was abandoned: its records are to be read again.
struct LostMove {
  std::string commit;
  PositionMove move;
  bool operator==(const LostMove&) const = default;
};

enum class CommitState { kIntent, kCommitted, kAbandoned };

// The immutable record of one commit; written once as the intent.
struct Commit {
  CommitId id;
  std::string target;               // "<pipeline>" for its tables and quarantine
  std::vector<PositionMove> moves;  // each of this target, each key once
  std::vector<DataFile> added;
  std::vector<RemovedFile> removed;
  std::vector<LostMove> settled;  // read again by now: forgotten with the commit
  uint64_t records = 0;
  uint64_t accepted = 0;
  uint64_t rejected = 0;
  uint64_t bytes_in = 0;
  CommitState state = CommitState::kIntent;
  int64_t created_at_us = 0;
  int64_t committed_at_us = 0;
  bool operator==(const Commit&) const = default;
};

}  // namespace datahub::ledger
