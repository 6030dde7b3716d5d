#include <array>

#include "datahub/source/files/framing.h"

namespace datahub::source::files {
namespace {

constexpr std::array<bool, 256> Set(std::string_view bytes) {
  std::array<bool, 256> set{};
  for (const char byte : bytes) set[static_cast<unsigned char>(byte)] = true;
  return set;
}
// What ends a run of bytes that mean nothing: in a string, in an element, and in one's nested values.
constexpr std::array<bool, 256> kInString = Set("\"\\");
constexpr std::array<bool, 256> kInElement = Set("\"{}[],");
constexpr std::array<bool, 256> kNested = Set("\"{}[]");

size_t Skip(std::string_view bytes, size_t at, const std::array<bool, 256>& until) {
  while (at < bytes.size() && !until[static_cast<unsigned char>(bytes[at])]) ++at;
  return at;
}

class Arrays final : public Framing {
 public:
  Arrays(const ArrayPlace& place, const std::optional<Passing>& passing)
      : mode_(place.inside ? Mode::kBetween : Mode::kOutside), elements_(place.elements) {
    if (!passing) return;
    mode_ = passing->line ? Mode::kLine : Mode::kElement;
    depth_ = passing->depth;
    in_string_ = passing->in_string;
    escaped_ = passing->escaped;
  }

  size_t Scan(const Pending& pending, std::vector<record::Span>* records) override {
    const std::string_view bytes = pending.bytes;
    size_t begin = 0;  // of the record that is being read; nothing lies before it
    size_t at = pending.scanned;
    while (at < bytes.size()) {
      if (mode_ == Mode::kOutside || mode_ == Mode::kBetween) {
        at += FirstNotBlank(bytes.substr(at));
        if (at < bytes.size()) at += Enter(bytes[at], pending.at + at);
        begin = at;
        continue;
      }
      at = RecordEnd(bytes, at);
      if (at == bytes.size()) break;
      Add(bytes, begin, at, records);
      Leave(bytes[at]);
      begin = ++at;
    }
    return begin;
  }

  bool lists() const override { return true; }

  size_t ScanToEnd(std::string_view more) override {
    const size_t at = RecordEnd(more, 0);
    if (at == more.size()) return 0;
    ++elements_;
    Leave(more[at]);
    return at + 1;
  }

  void EndHere(uint64_t at, bool record) override {
    if (mode_ == Mode::kElement || mode_ == Mode::kBetween) Broken(at);
    if (record) ++elements_;
    mode_ = Mode::kOutside;
    depth_ = 0;
    in_string_ = escaped_ = false;
  }

  std::optional<ArrayPlace> place() const override {
    return ArrayPlace{elements_, mode_ == Mode::kBetween || mode_ == Mode::kElement};
  }
  Passing passing() const override {
    return {.line = mode_ == Mode::kLine, .depth = depth_, .in_string = in_string_, .escaped = escaped_};
  }
  std::optional<uint64_t> broken_at() const override { return broken_at_; }

 private:
  enum class Mode : uint8_t {
    kOutside,  // before, between or behind arrays
    kLine,     // in text outside of them
    kBetween,  // in an array, before an element
    kElement,  // in an element
  };

  // Takes a byte that is not blank before or between records; how many bytes of it are done with: 0 when a record begins.
  size_t Enter(char byte, uint64_t at) {
    if (mode_ == Mode::kOutside) {
      if (byte == '[') {
        mode_ = Mode::kBetween;
        after_comma_ = false;
        return 1;
      }
      Broken(at);
      mode_ = Mode::kLine;
      return 0;
    }
    if (byte == ']' || byte == ',') {
      if (after_comma_ || byte == ',') Broken(at);
      Leave(byte);
      return 1;
    }
    mode_ = Mode::kElement;
    return 0;
  }

  void Leave(char delimiter) {
    mode_ = delimiter == ',' ? Mode::kBetween : Mode::kOutside;
    after_comma_ = delimiter == ',';
  }

  // The delimiter that ends the record, or the end of `bytes`.
  size_t RecordEnd(std::string_view bytes, size_t at) {
    if (mode_ == Mode::kLine) {
      const size_t end = bytes.find('\n', at);
      return end == std::string_view::npos ? bytes.size() : end;
    }
    while (at < bytes.size()) {
      if (in_string_) {
        at = StringEnd(bytes, at);
        continue;
      }
      at = Skip(bytes, at, depth_ > 0 ? kNested : kInElement);
      if (at == bytes.size()) break;
      switch (bytes[at]) {
        case '"':
          in_string_ = true;
          break;
        case '{':
        case '[':
          ++depth_;
          break;
        case '}':
          depth_ -= depth_ > 0 ? 1 : 0;
          break;
        case ']':
          if (depth_ == 0) return at;
          --depth_;
          break;
        default:
          if (depth_ == 0) return at;
      }
      ++at;
    }
    return at;
  }

  // Behind the string's closing quote, or the end of `bytes`.
  size_t StringEnd(std::string_view bytes, size_t at) {
    if (escaped_ && at < bytes.size()) {
      escaped_ = false;
      ++at;
    }
    while ((at = Skip(bytes, at, kInString)) < bytes.size()) {
      if (bytes[at] == '"') {
        in_string_ = false;
        return at + 1;
      }
      at += 2;  // a backslash and what it escapes
    }
    escaped_ = at > bytes.size();
    return bytes.size();
  }

  void Add(std::string_view bytes, size_t begin, size_t end, std::vector<record::Span>* records) {
    while (end > begin && IsBlank(bytes[end - 1])) --end;
    records->push_back({static_cast<uint32_t>(begin), static_cast<uint32_t>(end - begin)});
    ++elements_;
  }

  void Broken(uint64_t at) {
    if (!broken_at_) broken_at_ = at;
  }

  Mode mode_;
  uint64_t elements_;
  uint64_t depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
  bool after_comma_ = false;
  std::optional<uint64_t> broken_at_;
};

}  // namespace

std::unique_ptr<Framing> ArrayFraming(const ArrayPlace& place, const std::optional<Passing>& passing) {
  return std::make_unique<Arrays>(place, passing);
}

}  // namespace datahub::source::files
