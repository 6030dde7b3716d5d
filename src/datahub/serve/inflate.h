#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "datahub/base/result.h"

namespace datahub::serve {

// A body as its Content-Encoding says: gzip, zstd, identity or nothing. InvalidInput for damage or another encoding; Limit
// when it would be longer than `bytes_max`, found before more than that is made.
Result<std::string> Inflate(std::string_view body, std::string_view encoding, size_t bytes_max);

}  // namespace datahub::serve
