#pragma once

#include <string>
#include <string_view>

namespace datahub::app {

// A JSON Schema's text without what changes neither a verdict nor a column: white space, the order of members, and annotations
// for people (title, description, $comment, examples, default, deprecated, readOnly, writeOnly; also x-datahub-key, x-datahub-event-time, and x-datahub-pii without a mask), where they stand as keywords
// and not as names of members or within values. Two texts with the same canonical form judge and shape all events alike; the
// other way round nothing is said. What is no JSON is returned as it is.
std::string CanonicalContract(std::string_view text);

}  // namespace datahub::app
