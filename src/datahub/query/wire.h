#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace datahub::query {

// Between a process and the one that runs its query, on one machine: frames of a byte that says which, four bytes of length (of
// this machine's order) and so many bytes. What is in them is written and read by the two below.
enum class FrameKind : char {
  kLimits = 'L',   // to the child, at once: what it may take
  kTask = 'Q',     // to the child: a snapshot and SQL over it
  kText = 'T',     // from the child: a piece of the answer
  kFailure = 'F',  // from the child: code and message; the last one
  kEnd = 'E',      // from the child: the answer's sums; the last one
};
inline constexpr size_t kFrameHeadBytes = 5;
inline constexpr size_t kTextBytesMax = 256u << 10;    // of one frame
inline constexpr size_t kFailureBytesMax = 64u << 10;  // of one frame
inline constexpr size_t kTaskBytesMax = 1024u << 20;   // of one frame: some millions of files
inline constexpr size_t kLimitsBytesMax = 64u << 10;   // of one frame

inline std::string FrameHead(FrameKind kind, size_t bytes) {
  const auto length = static_cast<uint32_t>(bytes);
  std::string head(kFrameHeadBytes, static_cast<char>(kind));
  std::memcpy(head.data() + 1, &length, sizeof(length));
  return head;
}

struct Encoder {
  std::string text;

  Encoder& Number(uint64_t number) {
    char bytes[sizeof(number)];
    std::memcpy(bytes, &number, sizeof(number));
    text.append(bytes, sizeof(bytes));
    return *this;
  }
  Encoder& Text(std::string_view bytes) {
    Number(bytes.size());
    text.append(bytes);
    return *this;
  }
  Encoder& Real(double value) { return Number(std::bit_cast<uint64_t>(value)); }
};

// Every length is checked; once one is wrong, `whole()` is false and all that follows is 0 and "".
class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : rest_(bytes) {}

  uint64_t Number() {
    uint64_t number = 0;
    if (rest_.size() < sizeof(number)) return Broken();
    std::memcpy(&number, rest_.data(), sizeof(number));
    rest_.remove_prefix(sizeof(number));
    return number;
  }
  std::string_view Text() {
    const uint64_t bytes = Number();
    if (bytes > rest_.size()) Broken();
    if (!whole_) return {};
    const std::string_view text = rest_.substr(0, bytes);
    rest_.remove_prefix(bytes);
    return text;
  }
  char Byte() {
    if (rest_.empty()) return static_cast<char>(Broken());
    const char byte = rest_.front();
    rest_.remove_prefix(1);
    return byte;
  }
  double Real() { return std::bit_cast<double>(Number()); }
  // Of a list whose entries take at least `entry_bytes` each.
  uint64_t Count(size_t entry_bytes) {
    const uint64_t count = Number();
    return count > rest_.size() / entry_bytes ? Broken() : count;
  }

  bool whole() const { return whole_; }
  bool done() const { return whole_ && rest_.empty(); }

 private:
  uint64_t Broken() {
    whole_ = false;
    rest_ = {};
    return 0;
  }

  std::string_view rest_;
  bool whole_ = true;
};

}  // namespace datahub::query
