#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "datahub/contract/schema.h"

namespace datahub::contract {

// The dialect that an address (without a fragment) of `$schema` names.
std::optional<Dialect> DialectOf(std::string_view address);

// The meta-schema at an address, also one vocabulary's: a schema of our own making that accepts the same schemas as the
// published one. Nothing at other addresses.
std::optional<std::string> MetaSchema(std::string_view address);

}  // namespace datahub::contract
