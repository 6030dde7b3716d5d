#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "datahub/base/result.h"
#include "datahub/source/files/glob.h"
#include "datahub/source/source_spec.h"

namespace datahub::source::files {

// A source of kind `files` as the project file declares it, checked.
struct Settings {
  std::string source;
  std::string base_folder;  // without a slash at its end
  std::vector<Pattern> patterns;
  std::optional<int64_t> complete_after_us;  // unchanged for so long = complete; otherwise a file never is
  bool lines_only = false;                   // `format: ndjson`: a file that begins with '[' is lines too

  static Result<Settings> From(const SourceSpec& spec);

  bool IsComplete(const Stat& stat, int64_t now_us) const {
    return complete_after_us && now_us - stat.modified_us >= *complete_after_us;
  }
};

}  // namespace datahub::source::files
