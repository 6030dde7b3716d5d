#include "datahub/query/damaged_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include <fmt/format.h>

#include "datahub/base/hash.h"

namespace datahub::query {
namespace {

constexpr size_t kReadBytes = 1u << 20;

// As DuckDB's texts have them, wherever they stand: one error may be wrapped in another.
bool MayBeOfAFile(std::string_view said) {
  static constexpr std::array<std::string_view, 7> kWords = {
      "Invalid Error", "INTERNAL", "FATAL", "IO Error", "Serialization", "Parquet", "TProtocolException"};
  return std::ranges::any_of(kWords, [&](std::string_view word) { return said.find(word) != said.npos; });
}

// "" when it is what was written.
std::string DamageOf(const SnapshotFile& file, std::vector<char>& buffer) {
  const int descriptor = ::open(file.location.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return std::strerror(errno);
  Hasher hasher;
  uint64_t bytes = 0;
  ssize_t read = 0;
  while ((read = ::read(descriptor, buffer.data(), buffer.size())) != 0) {
    if (read < 0 && errno == EINTR) continue;
    if (read < 0) break;
    hasher.Add(buffer.data(), static_cast<size_t>(read));
    bytes += static_cast<uint64_t>(read);
  }
  const int failure = read < 0 ? errno : 0;
  ::close(descriptor);
  if (failure != 0) return std::strerror(failure);
  if (bytes != file.bytes) return fmt::format("it has {} bytes, {} were written", bytes, file.bytes);
  return hasher.Digest().ToHex() == file.checksum ? "" : "its bytes are not those that were written";
}

}  // namespace

Error DamagedFile(std::string_view table, std::string_view file, std::string_view damage) {
  return {Code::kCorruption, fmt::format("table {} has a damaged file, {}: {}; put it back from a backup, and "
                                         "`datahub doctor --deep` says whether it is whole",
                                         table, file, damage)};
}

std::optional<Error> FindDamagedFile(const Snapshot& snapshot, std::string_view said) {
  if (!MayBeOfAFile(said)) return std::nullopt;
  std::vector<char> buffer(kReadBytes);
  for (const SnapshotTable& table : snapshot.tables) {
    for (const SnapshotFile& file : table.files) {
      const std::string damage = DamageOf(file, buffer);
      if (damage.empty()) continue;
      Error error = DamagedFile(table.columns.table, file.key, damage);
      error.message += fmt::format(". {}", said);
      return error;
    }
  }
  return std::nullopt;
}

}  // namespace datahub::query
