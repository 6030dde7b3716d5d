// Loaded before the C library (LD_PRELOAD): the N-th allocation behind main()'s first steps is refused, N from
// DH_FAIL_ALLOCATION; once, or with DH_FAIL_FOREVER=1 each one from then on. DH_FAIL_THREAD=N refuses the N-th thread and all
// behind it. Without N allocations and threads are counted, and the counts are written to the file DH_COUNT_ALLOCATIONS at the
// process's end.

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

extern "C" {
void* __libc_malloc(size_t);
void* __libc_calloc(size_t, size_t);
void* __libc_realloc(void*, size_t);
void* __libc_memalign(size_t, size_t);
}

namespace {

std::atomic<bool> g_armed{false};
std::atomic<long> g_count{0};
std::atomic<long> g_threads{0};
long g_fail_at = 0;
long g_fail_thread_at = 0;
bool g_forever = false;

bool Refused() {
  if (!g_armed.load(std::memory_order_relaxed)) return false;
  const long number = ++g_count;
  const bool refused = g_fail_at > 0 && (g_forever ? number >= g_fail_at : number == g_fail_at);
  if (refused) errno = ENOMEM;
  return refused;
}

void WriteCount() {
  g_armed = false;
  const char* const path = ::getenv("DH_COUNT_ALLOCATIONS");
  if (path == nullptr) return;
  char text[32];
  const int size = ::snprintf(text, sizeof(text), "%ld %ld", g_count.load(), g_threads.load());
  const int file = ::open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (file >= 0) (void)!::write(file, text, static_cast<size_t>(size));
}

}  // namespace

extern "C" {

// What main() calls when it is ready for that: before, nobody could say anything.
sighandler_t signal(int number, sighandler_t handler) {
  if (!g_armed) {
    if (const char* const at = ::getenv("DH_FAIL_ALLOCATION")) g_fail_at = ::atol(at);
    if (const char* const at = ::getenv("DH_FAIL_THREAD")) g_fail_thread_at = ::atol(at);
    g_forever = ::getenv("DH_FAIL_FOREVER") != nullptr;
    ::atexit(WriteCount);
    g_armed = true;
  }
  struct sigaction action {};
  struct sigaction before {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  return ::sigaction(number, &action, &before) == 0 ? before.sa_handler : SIG_ERR;
}

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*begin)(void*), void* argument) {
  using Create = int (*)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
  static const auto create = reinterpret_cast<Create>(::dlsym(RTLD_NEXT, "pthread_create"));
  if (g_armed && ++g_threads >= g_fail_thread_at && g_fail_thread_at > 0) return EAGAIN;
  return create(thread, attributes, begin, argument);
}

void* malloc(size_t size) { return Refused() ? nullptr : __libc_malloc(size); }
void* calloc(size_t count, size_t size) { return Refused() ? nullptr : __libc_calloc(count, size); }
void* realloc(void* old, size_t size) { return Refused() ? nullptr : __libc_realloc(old, size); }
void* memalign(size_t alignment, size_t size) { return Refused() ? nullptr : __libc_memalign(alignment, size); }
void* aligned_alloc(size_t alignment, size_t size) { return Refused() ? nullptr : __libc_memalign(alignment, size); }
int posix_memalign(void** to, size_t alignment, size_t size) {
  void* const made = Refused() ? nullptr : __libc_memalign(alignment, size);
  if (made == nullptr) return ENOMEM;
  *to = made;
  return 0;
}
}
