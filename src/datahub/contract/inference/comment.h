#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "datahub/base/json.h"
#include "datahub/contract/inference/evidence.h"
#include "datahub/contract/inference/shape.h"

namespace datahub::contract::inference {

// The evidence for a place in one line for people, without how often it was there: "null in 10; lengths 3 to 17; 4 distinct".
std::string CommentOf(const Evidence& evidence, const Shape& shape);

// "9,990 of 10,000 objects (99.9 %)"
std::string ShareOf(uint64_t present, uint64_t of);
// "1,234,567"
std::string Grouped(uint64_t count);
// "1 event", "2,000 events"
std::string Counted(uint64_t count, std::string_view noun);

// Everything that is known of a place and of all below it, as a JSON object; `of`: how many values there could have been.
void AppendEvidence(json::Writer& out, const Evidence& evidence, uint64_t of);

}  // namespace datahub::contract::inference
