#include "datahub/serve/access.h"

#include <algorithm>

namespace datahub::serve {
namespace {

constexpr std::string_view kScheme = "bearer ";

bool SameInConstantTime(std::string_view a, std::string_view b) {
  unsigned difference = a.size() == b.size() ? 0 : 1;
  for (size_t i = 0; i < a.size(); ++i) {
    const char other = b.empty() ? '\0' : b[i % b.size()];
    difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(other);
  }
  return difference == 0;
}

bool IsScheme(std::string_view text) {
  return std::ranges::equal(text, kScheme, {},
                            [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
}

}  // namespace

Access::Verdict Access::Check(std::string_view authorization, Role needed) const {
  if (needed == Role::kControl) return Verdict::kForbidden;
  if (needed == Role::kNobody || tokens_.empty()) return Verdict::kAllowed;
  std::string_view given;
  if (IsScheme(authorization.substr(0, kScheme.size()))) given = authorization.substr(kScheme.size());
  const Token* found = nullptr;
  for (const Token& token : tokens_) {
    if (SameInConstantTime(given, token.secret)) found = &token;
  }
  if (found == nullptr) return Verdict::kUnknown;
  const bool may = std::ranges::count(found->roles, needed) + std::ranges::count(found->roles, Role::kAdmin) > 0;
  return may ? Verdict::kAllowed : Verdict::kForbidden;
}

}  // namespace datahub::serve
