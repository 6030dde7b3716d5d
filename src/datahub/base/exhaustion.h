#pragma once

namespace datahub {

// From here on the process ends where no memory and no thread is to be had: one line on stderr says what ran out and which
// limit to raise, exit code 1. As at a kill: what was not committed is read again, nothing is half done. Once, before any
// other thread is started.
void EndWhenExhausted();

// Where a C library could not have memory: what operator new does, so that its failure is never taken for another (damaged input, a
// pattern that does not match, a NULL).
[[noreturn]] void NoMemory();

}  // namespace datahub
