#pragma once

#include <memory>
#include <span>

#include "datahub/base/result.h"
#include "datahub/source/registry.h"

// What the registry needs to know of the kind `http`: records that were posted to POST /v1/events/<source>.
namespace datahub::source::http {

inline constexpr std::span<const OptionRow> kOptions;

Result<void> Check(const SourceSpec& spec);
// Of options.log; InvalidInput without one: only `datahub serve` has it. Corruption when the position is not within the log.
Result<std::unique_ptr<Reader>> Open(const SourceSpec& spec, const Positions& committed, const ReaderOptions& options);

// Where a source stands in the log: at its beginning when it was never read. Corruption as in Open.
Result<uint64_t> PositionIn(const intake::Log& log, const std::string& source, const Positions& committed);

}  // namespace datahub::source::http
