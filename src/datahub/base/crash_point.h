#pragma once

#include <string_view>

namespace datahub {

// Ends the process with SIGKILL when the environment says DATAHUB_CRASH_AT=<name>:<n> and this is the n-th passing of
// `name`; with DATAHUB_STOP_AT it stops itself (SIGSTOP) instead, to be continued by a test. Costs one load otherwise.
// The crash tests of the commit protocol stand on these; tests/fault names every one of them.
void CrashPoint(std::string_view name);

}  // namespace datahub
