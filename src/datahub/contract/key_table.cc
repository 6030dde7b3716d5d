#include "datahub/contract/key_table.h"

#include <bit>
#include <utility>

namespace datahub::contract {

KeyTable::KeyTable(std::vector<std::string> keys) : texts_(std::move(keys)) {
  const size_t slots = std::bit_ceil(texts_.size() * 4 + 1);
  mask_ = slots - 1;
  slots_.assign(slots, kNone);
  for (const std::string& text : texts_) {
    const auto index = static_cast<uint32_t>(keys_.size());
    keys_.push_back({text.data(), text.size()});
    quoted_.emplace_back();
    Quoted& quoted = quoted_[index];
    // One with an escape is never written as it is.
    if (text.size() <= kQuotedMax && text.find_first_of("\"\\") == std::string::npos) {
      quoted.text[0] = '"';
      std::memcpy(quoted.text + 1, text.data(), text.size());
      quoted.text[text.size() + 1] = '"';
      quoted.mask = static_cast<uint32_t>((uint64_t{1} << (text.size() + 2)) - 1);
    }
    size_t slot = Hash(text.data(), text.size()) & mask_;
    while (slots_[slot] != kNone) slot = (slot + 1) & mask_;
    slots_[slot] = index;
  }
}

}  // namespace datahub::contract
