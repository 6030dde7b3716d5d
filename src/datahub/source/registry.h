#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "datahub/base/result.h"
#include "datahub/source/source.h"
#include "datahub/source/source_spec.h"

namespace datahub::source {

enum class Delivery : uint8_t {
  kPull,  // read until drained: `datahub run` does
  kPush,  // records come when they come: only `datahub serve` takes them
};

enum class OptionType : uint8_t { kText, kTexts, kDuration, kBytes };

// One field of a source in the project file.
struct OptionRow {
  std::string_view name;
  OptionType type = OptionType::kText;
  bool required = false;
  std::string_view description;
};

// Position by shard, as the ledger keeps it.
using Positions = std::map<std::string, std::string>;

// What a kind of source is to the rest of the program. Adding one = a folder beside `files` and a row in registry.cc.
struct KindRow {
  std::string_view kind;
  Delivery delivery = Delivery::kPull;
  std::span<const OptionRow> options;
  // Whether the options' values are right, without touching the medium; InvalidInput names source and option.
  Result<void> (*check)(const SourceSpec& spec);
  Result<std::unique_ptr<Reader>> (*open)(const SourceSpec& spec, const Positions& committed,
                                          const ReaderOptions& options);
};

std::span<const KindRow> Kinds();
// Null when there is no such kind.
const KindRow* FindKind(std::string_view kind);

// InvalidInput for an unknown kind, an unknown, missing or wrong option; Corruption for a committed position that cannot
// be read. Both name the source and what to do.
Result<void> Check(const SourceSpec& spec);
Result<std::unique_ptr<Reader>> Open(const SourceSpec& spec, const Positions& committed, const ReaderOptions& options);

}  // namespace datahub::source
