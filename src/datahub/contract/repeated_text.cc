#include "datahub/contract/repeated_text.h"

#include <algorithm>

namespace datahub::contract {

bool HasRepeated(std::span<std::string_view> texts) {
  constexpr size_t kPairwiseMax = 8;
  if (texts.size() <= kPairwiseMax) {
    for (auto at = texts.begin(); at != texts.end(); ++at) {
      if (std::find(texts.begin(), at, *at) != at) return true;
    }
    return false;
  }
  std::sort(texts.begin(), texts.end());
  return std::adjacent_find(texts.begin(), texts.end()) != texts.end();
}

}  // namespace datahub::contract
