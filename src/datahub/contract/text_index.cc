#include "datahub/contract/text_index.h"

#include <algorithm>
#include <new>

#include <simdjson.h>

namespace datahub::contract {

struct TextIndex::Stage {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> parser;
  size_t capacity = 0;

  void Make(size_t size) {
    constexpr size_t kCapacityMin = 64 * 1024;
    constexpr size_t kDepth = 1;  // only its second stage, which is not used, needs more
    capacity = std::max({size, capacity, kCapacityMin});
    const auto error = parser == nullptr ? simdjson::get_active_implementation()->create_dom_parser_implementation(
                                               capacity, kDepth, parser)
                                         : parser->set_capacity(capacity);
    if (error != simdjson::SUCCESS) throw std::bad_alloc();
  }
};

TextIndex::TextIndex() : stage_(std::make_unique<Stage>()) {}
TextIndex::~TextIndex() = default;

void TextIndex::Free() {
  stage_ = std::make_unique<Stage>();
  begin_ = nullptr;
  size_ = 0;
}

bool TextIndex::Build(const char* text, size_t size) {
  if (size > stage_->capacity) stage_->Make(size);
  simdjson::internal::dom_parser_implementation& parser = *stage_->parser;
  const auto error = parser.stage1(reinterpret_cast<const uint8_t*>(text), size, simdjson::stage1_mode::regular);
  if (error != simdjson::SUCCESS) return false;
  size_ = parser.n_structural_indexes;
  uint32_t* const tokens = parser.structural_indexes.get();
  std::fill_n(tokens + size_, kSentinels, static_cast<uint32_t>(size));
  begin_ = tokens;
  return true;
}

}  // namespace datahub::contract
