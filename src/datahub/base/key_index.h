#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "datahub/base/json.h"

namespace datahub::json {

// Finds members of a wide object by key. Lives in the memory of the Document that made it.
//
// The hash is seeded anew in each process: keys that all fall into one slot cannot be prepared.
class KeyIndex {
 public:
  static constexpr uint32_t kNone = ~uint32_t(0);
  // Narrower objects are searched one by one.
  static constexpr size_t kMembersMin = 16;

  // Bytes that Make() needs, at an address that suits a uint32_t.
  static size_t BytesFor(size_t members);
  // Of keys that repeat, the first is found; `repeated` is the first member whose key was there before, or kNone.
  static const KeyIndex* Make(void* memory, std::span<const Member> members, uint32_t* repeated);

  // The member's place, or kNone. `members` are those it was made of.
  uint32_t Find(std::span<const Member> members, std::string_view key) const;

 private:
  const uint32_t* slots() const { return &mask_ + 1; }

  uint32_t mask_;  // slots - 1; the slots follow
};

}  // namespace datahub::json
