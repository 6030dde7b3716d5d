#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "datahub/base/result.h"
#include "datahub/source/source.h"
#include "datahub/source/source_spec.h"

namespace datahub::source {

enum class Delivery : uint8_t {
  kPull,  // read until drained: `datahub run` does
  kPush,  // records come when they come: only `datahub serve` takes them
};

enum class OptionType : uint8_t { kText, kTexts, kDuration, kBytes, kFlag };

// One field of a source in the project file.
struct OptionRow {
  std::string_view name;
  OptionType type = OptionType::kText;
  bool required = false;
  std::string_view description;
};

// Position by shard, as the ledger keeps it.
using Positions = std::map<std::string, std::string>;

// What the medium says to a committed position when all that was read is read again.
struct PositionCheck {
  enum class State : uint8_t {
    kHolds,  // the bytes that were read are there
    kGone,   // nothing is there to compare with: a file that was removed, or its name is another's
    kOther,  // other bytes, or fewer, are where it was read
  };
  std::string shard;
  State state = State::kHolds;
  std::string message;  // place, what was found, what to do; empty when it holds
};

// What a kind of source is to the rest of the program. Adding one = a folder beside `files` and a row in registry.cc.
struct KindRow {
  std::string_view kind;
  Delivery delivery = Delivery::kPull;
  std::span<const OptionRow> options;
  // Whether the options' values are right, without touching the medium; InvalidInput names source and option.
  Result<void> (*check)(const SourceSpec& spec);
  Result<std::unique_ptr<Reader>> (*open)(const SourceSpec& spec, const Positions& committed,
                                          const ReaderOptions& options);
  // Null where a medium checks itself.
  Result<std::vector<PositionCheck>> (*check_positions)(const SourceSpec& spec, const Positions& committed,
                                                        const std::atomic<bool>& stop);
};

std::span<const KindRow> Kinds();
// Null when there is no such kind.
const KindRow* FindKind(std::string_view kind);

// InvalidInput for an unknown kind, an unknown, missing or wrong option; Corruption for a committed position that cannot
// be read. Both name the source and what to do.
Result<void> Check(const SourceSpec& spec);
Result<std::unique_ptr<Reader>> Open(const SourceSpec& spec, const Positions& committed, const ReaderOptions& options);
// In the order of the shards; costs a read of everything that was read and is still there. Errors as Open's, ShuttingDown,
// and what the system said.
Result<std::vector<PositionCheck>> CheckPositions(const SourceSpec& spec, const Positions& committed,
                                                  const std::atomic<bool>& stop);

}  // namespace datahub::source
