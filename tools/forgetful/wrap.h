#pragma once

#include "recorder.h"

// Gives a function of ours a name of the C library, past its headers' own declarations.
//   extern "C" int Fsync(int fd) FORGETFUL_AS(fsync);
#define FORGETFUL_AS(name) __asm__(#name) __attribute__((visibility("default"), used))
// A second name for the same function: FORGETFUL_ALIAS(int, Open64, (const char*, int, ...), open64, open)
#define FORGETFUL_ALIAS(type, function, arguments, name, original) \
  extern "C" type function arguments __asm__(#name) __attribute__((visibility("default"), used, alias(#original)))

namespace forgetful {

inline bool Active() { return Recorder::Get().active(); }

}  // namespace forgetful
