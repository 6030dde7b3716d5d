#include "datahub/app/schema_documents.h"

#include <algorithm>
#include <filesystem>
#include <ranges>
#include <utility>

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

// A link must not lead out of the folder.
bool LiesWithin(const std::string& path, const std::string& folder) {
  std::error_code failure;
  const std::filesystem::path file = std::filesystem::canonical(path, failure);
  if (failure) return false;
  const std::filesystem::path base = std::filesystem::canonical(folder, failure);
  return !failure && std::ranges::mismatch(base, file).in1 == base.end();
}

}  // namespace

void SchemaDocuments::Map(std::string prefix, std::string folder, std::string shown) {
  if (shown.empty()) shown = folder;
  folders_.push_back({std::move(prefix), std::move(folder), std::move(shown)});
}

const SchemaDocuments::Folder* SchemaDocuments::FolderOf(std::string_view address, std::string_view* rest) const {
  const Folder* best = nullptr;
  for (const Folder& folder : folders_) {
    const bool fits = folder.prefix.empty() ? IsRelative(address) : address.starts_with(folder.prefix);
    if (fits && (best == nullptr || folder.prefix.size() > best->prefix.size())) best = &folder;
  }
  if (best == nullptr) return nullptr;
  *rest = address.substr(best->prefix.size());
  while (!best->prefix.empty() && rest->starts_with('/')) rest->remove_prefix(1);
  return best;
}

std::optional<std::string> SchemaDocuments::Find(const std::string& address) const {
  std::string_view rest;
  const Folder* const folder = FolderOf(address, &rest);
  if (folder == nullptr || !StaysWithin(rest)) return std::nullopt;
  const std::string path = folder->path + "/" + std::string(rest);
  if (!LiesWithin(path, folder->path)) return std::nullopt;
  Result<std::string> text = ReadTextFile(path, kContractBytesMax);
  return text ? std::optional<std::string>(*std::move(text)) : std::nullopt;
}

std::string SchemaDocuments::PathOf(const std::string& address) const {
  std::string_view rest;
  const Folder* const folder = FolderOf(address, &rest);
  return folder == nullptr ? "" : folder->shown + "/" + std::string(rest);
}

}  // namespace datahub::app
