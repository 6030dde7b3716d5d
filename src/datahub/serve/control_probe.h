#pragma once

#include <string>

#include "datahub/base/result.h"

namespace datahub::serve {

// Asks the server behind a control socket for its health, and waits two seconds at most. NotFound: no socket there.
// Unavailable: nobody listens. Timeout: it does not answer.
Result<void> ProbeControl(const std::string& path);

// The longest path that a Unix socket can have.
size_t ControlPathBytesMax();

}  // namespace datahub::serve
