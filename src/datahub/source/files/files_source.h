#pragma once

#include <memory>

#include "datahub/base/result.h"
#include "datahub/source/registry.h"

// What the registry needs to know of the kind `files`.
namespace datahub::source::files {

inline constexpr OptionRow kOptions[] = {
    {"path", OptionType::kTexts, true,
     "which files, relative to the project file: *, ?, [...] within a name, ** for any folders; one pattern or a list"},
    {"complete_after", OptionType::kDuration, false,
     "a file unchanged for so long is complete: a last line without a line end is read too (default: never)"},
    {"follow_links", OptionType::kFlag, false,
     "follow symbolic links behind the path's first wildcard, if they stay in its folder (default: false)"},
    {"format", OptionType::kText, false, "auto (NDJSON or JSON arrays, by content) or ndjson (default: auto)"},
};

Result<void> Check(const SourceSpec& spec);
Result<std::unique_ptr<Reader>> Open(const SourceSpec& spec, const Positions& committed, const ReaderOptions& options);
Result<std::vector<PositionCheck>> CheckPositions(const SourceSpec& spec, const Positions& committed,
                                                  const std::atomic<bool>& stop);

}  // namespace datahub::source::files
