#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace datahub::contract {

// Where the tokens of a JSON text begin, found with SIMD (simdjson's first stage): every { } [ ] : , and the first byte of
// every string and scalar. Between a token and the next there is nothing but its own bytes and white space, so that a
// string ends at the last byte before the next token that is not white space.
//
// The text may hold many values one after the other. Build() has checked that it is UTF-8, that every string is closed and
// that no string holds a control character: a string never reaches over a line's end.
class TextIndex {
 public:
  static constexpr size_t kSentinels = 8;  // entries behind the last token; all name the text's end

  TextIndex();
  ~TextIndex();

  // False: one of the checks failed, or the text has no token. Room for `size` is made when needed and kept.
  bool Build(const char* text, size_t size);
  // Gives its room back.
  void Free();

  const uint32_t* begin() const { return begin_; }
  size_t size() const { return size_; }

 private:
  struct Stage;
  std::unique_ptr<Stage> stage_;
  const uint32_t* begin_ = nullptr;
  size_t size_ = 0;
};

}  // namespace datahub::contract
