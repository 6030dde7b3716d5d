#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace datahub::app {

// A place in a text that a person wrote. `file` is a number that Diagnostics gave.
struct Place {
  uint32_t file = 0;
  uint32_t line = 0;    // from 1; 0 = the file as a whole
  uint32_t column = 0;  // from 1, in bytes
  uint32_t length = 1;  // bytes marked
};

struct Diagnostic {
  std::string_view code;  // of diagnostic_codes.h
  Place place;
  std::string message;
  std::string hint;  // what to do; may be empty
};

// Collects what is wrong with a project's texts, to say it all at once, sorted by place:
//
//   datahub.yaml:7:12: error[DH201]: there is no source 'user_inbox'
//     7 |     from: [user_inbox]
//       |            ^^^^^^^^^^
//     hint: did you mean 'users_inbox'?
//
// Safe     control characters become '?', long lines are cut around the place, and the value of a field that is named like
//          a secret is not shown
// Limit    kDiagnosticsMax are kept; more are counted
class Diagnostics {
 public:
  static constexpr size_t kDiagnosticsMax = 100;

  // `name` as the user would open it. The text is kept, for snippets. Files sort in the order they were added.
  uint32_t AddFile(std::string name, std::string text);
  const std::string& file_name(uint32_t file) const { return files_[file].name; }
  // Line 3, column 5 of "a.yaml" as "a.yaml:3:5".
  std::string ToString(const Place& place) const;

  void Add(std::string_view code, const Place& place, std::string message, std::string hint = "");

  bool empty() const { return count_ == 0; }
  size_t count() const { return count_; }
  std::vector<Diagnostic> Sorted() const;
  // All of them, each ending with a line end, and a last line with their number.
  std::string Render(bool color) const;
  // {"code","file","line","column","message","hint"} each, one a line.
  std::string RenderJson() const;

 private:
  struct File {
    std::string name;
    std::string text;
    std::vector<size_t> line_begins;
  };

  std::string_view Line(const Place& place) const;
  void RenderSnippet(const Place& place, bool color, std::string& out) const;

  std::vector<File> files_;
  std::vector<Diagnostic> diagnostics_;
  size_t count_ = 0;
};

}  // namespace datahub::app
