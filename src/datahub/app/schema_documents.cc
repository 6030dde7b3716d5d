#include "datahub/app/schema_documents.h"

#include <algorithm>
#include <ranges>
#include <string_view>

#include "datahub/app/contract_folder.h"
#include "datahub/app/text_file.h"

namespace datahub::app {
namespace {

// Whether it stays below the folder that it is relative to.
bool StaysWithin(std::string_view path) {
  if (path.empty() || path.find('\0') != path.npos) return false;
  return std::ranges::none_of(path | std::views::split('/'), [](const auto& part) {
    const std::string_view name(part.begin(), part.end());
    return name.empty() || name == "." || name == "..";
  });
}

bool IsRelative(std::string_view address) { return address.find(':') == address.npos && !address.starts_with('/'); }

}  // namespace

std::optional<std::string> SchemaDocuments::Find(const std::string& address) const {
  const std::pair<std::string, std::string>* best = nullptr;
  for (const auto& mapped : folders_) {
    const bool fits = mapped.first.empty() ? IsRelative(address) : address.starts_with(mapped.first);
    if (fits && (best == nullptr || mapped.first.size() > best->first.size())) best = &mapped;
  }
  if (best == nullptr) return std::nullopt;
  std::string_view rest = std::string_view(address).substr(best->first.size());
  while (!best->first.empty() && rest.starts_with('/')) rest.remove_prefix(1);
  if (!StaysWithin(rest)) return std::nullopt;
  Result<std::string> text = ReadTextFile(best->second + "/" + std::string(rest), kContractBytesMax);
  return text ? std::optional<std::string>(*std::move(text)) : std::nullopt;
}

}  // namespace datahub::app
