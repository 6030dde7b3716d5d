#include "datahub/storage/object_key.h"

namespace datahub::storage {
namespace {

// Why the path cannot be one below a root; empty when it can.
std::string_view WhyNot(std::string_view path) {
  if (path.empty()) return "it is empty";
  if (path.size() > kKeyBytesMax) return "it is longer than 1024 bytes";
  if (path.find('\0') != path.npos) return "it holds a NUL byte";
  while (true) {
    const size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    if (part.empty()) return "it has an empty part (a leading, trailing or double slash)";
    if (part == "." || part == "..") return "it has a '.' or '..' part";
    if (part.size() > kKeyPartBytesMax) return "a part is longer than 255 bytes";
    if (slash == path.npos) return {};
    path.remove_prefix(slash + 1);
  }
}

bool IsNameByte(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

Error Refused(std::string_view what, std::string_view text, std::string_view why) {
  return Error{Code::kInvalidInput,
               std::string(what) + " '" + std::string(text.substr(0, 200)) + "' cannot be used: " + std::string(why)};
}

}  // namespace

Result<void> CheckKey(const ObjectKey& key) {
  const std::string_view why = WhyNot(key.text);
  if (!why.empty()) return Refused("object key", key.text, why);
  const std::string_view first = std::string_view(key.text).substr(0, key.text.find('/'));
  if (first == kUnseenFolder) return Refused("object key", key.text, ".unseen is where objects grow");
  return {};
}

Result<void> CheckIncarnationName(std::string_view incarnation) {
  bool good = !incarnation.empty() && incarnation.size() <= 64;
  for (const char c : incarnation) good = good && IsNameByte(c);
  if (!good) return Refused("incarnation", incarnation, "1 to 64 letters, digits and '-' are expected");
  return {};
}

Result<void> CheckUnseenName(std::string_view unseen) {
  const std::string_view why = WhyNot(unseen);
  if (!why.empty()) return Refused("unseen object", unseen, why);
  const std::string_view folder = FolderOf(unseen);
  if (FolderOf(folder) != kUnseenFolder) {
    return Refused("unseen object", unseen, ".unseen/<incarnation>/<name> is expected");
  }
  return CheckIncarnationName(BaseOf(folder));
}

std::string_view FolderOf(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == path.npos ? std::string_view() : path.substr(0, slash);
}

std::string_view BaseOf(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == path.npos ? path : path.substr(slash + 1);
}

}  // namespace datahub::storage
