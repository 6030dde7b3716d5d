// Validation: what strict closes, once all that applies at an object's position was met.

#include "datahub/contract/validation.h"

namespace datahub::contract {
namespace {

// Where a reason of strict points: no keyword of the contract says it.
const Schema kStrict = [] {
  Schema schema;
  schema.location = "dh:strict";
  return schema;
}();

}  // namespace

void Validation::Close() {
  for (const Touch& touch : touches_) {
    Closing& closing = closings_[touch.object];
    if (closing.known.empty()) closing.known.resize(touch.object->members.size());
    if (touch.member == kPositionMark) {
      closing.names = closing.names || touch.names;
      closing.written = closing.written || touch.written;
    } else {
      closing.known[touch.member] = 1;
    }
  }
}

bool Validation::CheckClosed(const json::Value& value, const Path* path) {
  bool valid = true;
  for (size_t i = 0; i < value.elements.size(); ++i) {
    const Path at{path, {}, i, true};
    valid = CheckClosed(value.elements[i], &at) && valid;
    if (!valid && Done()) return false;
  }
  const auto closing = value.is_object() ? closings_.find(&value) : closings_.end();
  const bool closes = closing != closings_.end() && closing->second.names && !closing->second.written;
  for (size_t i = 0; i < value.members.size(); ++i) {
    const Path at{path, value.members[i].key, 0, false};
    if (closes && !closing->second.known[i]) {
      valid = Fail(kStrict, "", &at, "this field is not in the contract (strict)");
    } else {
      valid = CheckClosed(value.members[i].value, &at) && valid;
    }
    if (!valid && Done()) return false;
  }
  return valid;
}

}  // namespace datahub::contract
