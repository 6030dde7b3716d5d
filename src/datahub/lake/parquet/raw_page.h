#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "datahub/lake/parquet/byte_buffer.h"

namespace datahub::lake::parquet {

// A page before compression. Values are appended at the end; what must come before them and is known last (levels, headers
// of delta encodings, lengths of strings) goes to `front`, and finds its room without moving the values.
class RawPage {
 public:
  ByteBuffer front;
  ByteBuffer body;  // the first kFrontRoom bytes are kept free

  RawPage() { Clear(); }

  void Clear() {
    front.Clear();
    body.Clear();
    body.Reserve(kFrontRoom);
    body.Extend(kFrontRoom);
  }
  size_t value_bytes() const { return body.size() - kFrontRoom; }
  size_t size() const { return front.size() + value_bytes(); }

  // Front and values in one piece, until the next change.
  std::string_view Join() {
    if (front.size() <= kFrontRoom) {
      char* at = body.data() + kFrontRoom - front.size();
      if (front.size() > 0) std::memcpy(at, front.data(), front.size());
      return {at, size()};
    }
    front.Append(body.data() + kFrontRoom, value_bytes());
    body.Truncate(kFrontRoom);
    return front.view();
  }

 private:
  static constexpr size_t kFrontRoom = 64u << 10;
};

}  // namespace datahub::lake::parquet
