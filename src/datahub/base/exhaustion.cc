#include "datahub/base/exhaustion.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>
#include <string_view>
#include <system_error>

namespace datahub {
namespace {

constexpr int kExitCode = 1;

// One line, made without memory.
class LastLine {
 public:
  LastLine& Add(std::string_view part) {
    const size_t fits = part.size() < kRoom - size_ ? part.size() : kRoom - size_;
    std::memcpy(text_ + size_, part.data(), fits);
    size_ += fits;
    return *this;
  }
  LastLine& AddNumber(uint64_t number) {
    char digits[20];
    const auto [end, failure] = std::to_chars(digits, digits + sizeof(digits), number);
    return Add({digits, static_cast<size_t>(end - digits)});
  }
  LastLine& AddMebibytes(uint64_t bytes) { return AddNumber(bytes >> 20).Add(" MiB"); }
  void Write() {
    text_[size_++] = '\n';
    (void)!::write(STDERR_FILENO, text_, size_);
  }

 private:
  static constexpr size_t kRoom = 1000;
  char text_[kRoom + 1];
  size_t size_ = 0;
};

// The number that a file of the system begins with; 0: none.
uint64_t NumberIn(const char* path, size_t nth = 0) {
  const int file = ::open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  char text[256];
  const ssize_t size = ::read(file, text, sizeof(text));
  ::close(file);
  const char* at = text;
  const char* const end = text + (size < 0 ? 0 : size);
  for (; nth > 0 && at < end; ++at) nth -= *at == ' ' ? 1 : 0;
  uint64_t number = 0;
  return std::from_chars(at, end, number).ec == std::errc() ? number : 0;
}

void AddLimit(LastLine& line, int resource, std::string_view name) {
  rlimit limit{};
  if (::getrlimit(static_cast<__rlimit_resource_t>(resource), &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return;
  line.Add(", limit ").AddMebibytes(limit.rlim_cur).Add(" (").Add(name).Add(")");
}

// The first thread that gets here ends the process; the others stay.
void BeLast() {
  static std::atomic_flag taken;
  while (taken.test_and_set()) ::pause();
}

[[noreturn]] void EndWithoutMemory() {
  BeLast();
  LastLine line;
  line.Add("error: no memory is left: this process holds ");
  line.AddMebibytes(NumberIn("/proc/self/statm", 1) * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE)));
  AddLimit(line, RLIMIT_AS, "ulimit -v");
  AddLimit(line, RLIMIT_DATA, "ulimit -d");
  if (const uint64_t bytes = NumberIn("/sys/fs/cgroup/memory.max"); bytes > 0) {
    line.Add(", limit ").AddMebibytes(bytes).Add(" (memory.max of its cgroup)");
  }
  line.Add(". Raise that limit, or work with fewer threads (--threads 1). What was not committed is read again")
      .Write();
  ::_exit(kExitCode);
}

[[noreturn]] void EndWithoutThread() {
  BeLast();
  LastLine line;
  line.Add("error: no thread could be started");
  rlimit limit{};
  if (::getrlimit(RLIMIT_NPROC, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
    line.Add(": this user may have ").AddNumber(limit.rlim_cur).Add(" (ulimit -u)");
  }
  line.Add(
      ". Raise ulimit -u, pids.max of its cgroup, or what memory a thread's stack needs (ulimit -v), or work with ");
  line.Add("fewer threads (--threads 1). What was not committed is read again").Write();
  ::_exit(kExitCode);
}

// An exception that nobody takes.
[[noreturn]] void OnTerminate() {
  try {
    if (const std::exception_ptr met = std::current_exception()) std::rethrow_exception(met);
  } catch (const std::bad_alloc&) {
    EndWithoutMemory();
  } catch (const std::system_error& error) {
    if (error.code() == std::errc::resource_unavailable_try_again) EndWithoutThread();
    BeLast();
    LastLine().Add("error: internal error: ").Add(error.what()).Write();
  } catch (const std::exception& error) {
    // Boost's errors are of no kind of the standard's.
    if (std::strstr(error.what(), std::strerror(EAGAIN)) != nullptr) EndWithoutThread();
    BeLast();
    LastLine().Add("error: internal error: ").Add(error.what()).Write();
  } catch (...) {
    BeLast();
    LastLine().Add("error: internal error").Write();
  }
  std::abort();
}

}  // namespace

void EndWhenExhausted() {
  std::set_terminate(OnTerminate);
  std::set_new_handler(EndWithoutMemory);
}

void NoMemory() {
  if (const std::new_handler handler = std::get_new_handler()) handler();
  throw std::bad_alloc();
}

}  // namespace datahub
