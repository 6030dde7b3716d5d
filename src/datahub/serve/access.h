#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace datahub::serve {

// What a route asks of who calls it. Admin may all, but what is for the control socket alone.
enum class Role { kNobody, kIngest, kRead, kAdmin, kControl };

struct Token {
  std::string name;    // for people
  std::string secret;  // never shown
  std::vector<Role> roles;
};

// Who may what by bearer tokens. Without any token everybody may all: only for addresses that nobody else reaches.
class Access {
 public:
  explicit Access(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  enum class Verdict { kAllowed, kUnknown, kForbidden };
  // `authorization` is the header's value. Takes the same time for every token of a length.
  Verdict Check(std::string_view authorization, Role needed) const;

  bool is_open() const { return tokens_.empty(); }

 private:
  std::vector<Token> tokens_;
};

}  // namespace datahub::serve
