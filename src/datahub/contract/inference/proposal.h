#pragma once

#include <cstdint>
#include <string>

#include "datahub/contract/inference/inference.h"

namespace datahub::contract::inference {

// What is proposed of what. A proposal accepts every event it was made of; these say where it goes further than types, and
// when there is enough to go by.

// Formats that hardly anything else looks like (date-time, date, uuid); and the others.
inline constexpr uint64_t kStrictFormatSeenMin = 3;
inline constexpr uint64_t kLooseFormatSeenMin = 20;
// An enum: 2 to ValueCounts::kValuesMax values of a string without a format, each seen kEnumSeenMin times and all together
// kEnumRepetitionMin times as many strings as values.
inline constexpr uint64_t kEnumSeenMin = 3;
inline constexpr uint64_t kEnumRepetitionMin = 20;
// `minimum: 0`: so many numbers, and none was written with a minus. Other bounds are evidence only: the next event would
// pass them.
inline constexpr uint64_t kMinimumSeenMin = 20;
// An object with fewer than kKeysMax keys is a map as well when its values are of one type, and it has more than kMapKeysMin
// keys of which the average object holds less than one in kMapKeysPerObject; or at least kMapIdKeysMin, all of them
// numbers, dates, UUIDs or long hexadecimal.
inline constexpr size_t kMapKeysMin = 200;
inline constexpr uint64_t kMapKeysPerObject = 10;
inline constexpr size_t kMapIdKeysMin = 8;

struct Proposal {
  // A contract (JSON Schema 2020-12), indented, with the evidence for each place in its `$comment`. Compiles strict: names
  // that no column can have, or that collide, get another one (x-datahub-column).
  std::string schema;
  // The same evidence as one JSON object on one line: counts as numbers, places nested as in the events.
  std::string evidence;
};

// There was at least one event. Nothing can be added to `inference` afterwards.
Proposal Propose(Inference&& inference);

}  // namespace datahub::contract::inference
