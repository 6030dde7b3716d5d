#include "datahub/source/files/framing.h"

#include <cstring>

namespace datahub::source::files {
namespace {

class Lines final : public Framing {
 public:
  size_t Scan(const Pending& pending, std::vector<record::Span>*) override {
    const std::string_view fresh = pending.bytes.substr(pending.scanned);
    if (fresh.empty()) return 0;
    const void* end = ::memrchr(fresh.data(), '\n', fresh.size());
    return end == nullptr ? 0 : static_cast<size_t>(static_cast<const char*>(end) - pending.bytes.data()) + 1;
  }
  bool lists() const override { return false; }
  size_t ScanToEnd(std::string_view more) override { return more.find('\n') + 1; }
  void EndHere(uint64_t, bool) override {}
  std::optional<ArrayPlace> place() const override { return std::nullopt; }
  Passing passing() const override { return {}; }
  std::optional<uint64_t> broken_at() const override { return std::nullopt; }
};

}  // namespace

std::unique_ptr<Framing> LineFraming() { return std::make_unique<Lines>(); }

size_t FirstNotBlank(std::string_view text) {
  size_t at = 0;
  while (at < text.size() && IsBlank(text[at])) ++at;
  return at;
}

}  // namespace datahub::source::files
