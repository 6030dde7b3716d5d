#pragma once

#include <filesystem>
#include <string>

namespace datahub::contract {

// The official suite: the newer one beside the checkout, or the somewhat older one that ./dev test fetches. DH_SUITE names another.
std::filesystem::path FetchedSuiteFolder();
// The first of them that has `part`: not every copy has all. Where none has it, the fetched one, whose test then fails.
std::filesystem::path SuiteFolder(const std::string& part = "tests");

std::string ReadAll(const std::filesystem::path& path);

}  // namespace datahub::contract
