#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "datahub/base/json.h"
#include "datahub/record/table_schema.h"

namespace datahub::contract {

inline constexpr size_t kKeyMembersMax = 32;  // of x-datahub-key

// What personal data is about (x-datahub-pii).
enum class PiiClass : uint8_t {
  kName,
  kEmail,
  kPhone,
  kAddress,
  kDocument,  // numbers of passports, of tax
  kBirth,
  kPayment,
  kHealth,
  kLocation,
  kOther,
};

// What is to be seen of it. Only kNone can land (app refuses tables of the others): nothing masks yet.
enum class Mask : uint8_t { kNone, kHash, kRedact, kLast4 };

std::string_view NameOf(PiiClass pii_class);  // "email"
std::string_view NameOf(Mask mask);           // "last4"

// x-datahub-column: {"name": …, "type": …}
struct ColumnAnnotation {
  uint32_t begin = 0;                // of its value in the text
  std::string name;                  // empty: the member's own
  std::optional<record::Kind> kind;  // kInt32, kString or kJson; none: as the schema says
};

// x-datahub-pii: {"class": …, "mask": …}
struct PiiAnnotation {
  uint32_t begin = 0;
  PiiClass pii_class = PiiClass::kOther;
  Mask mask = Mask::kNone;
};

// A member of an event, by its JSON pointer.
struct MemberPointer {
  uint32_t begin = 0;
  std::string text;               // "/order/id"
  std::vector<std::string> keys;  // "order", "id"
};

// The x-datahub-* that one subschema carries.
struct Annotation {
  std::optional<ColumnAnnotation> column;
  std::optional<PiiAnnotation> pii;
  std::vector<MemberPointer> key;  // empty: none
  std::optional<MemberPointer> event_time;
};

struct AnnotationFault {
  uint32_t offset = 0;
  std::string message;
  std::string hint;
};

// Ours by its name, known or misspelt.
bool IsAnnotation(std::string_view keyword);
// x-datahub-key and x-datahub-event-time: they speak of the whole event.
bool IsOfTheRoot(std::string_view keyword);
// Reads a member of which IsAnnotation() into `annotation`; what is wrong with its form, unknown names too.
std::vector<AnnotationFault> ReadAnnotation(const json::Member& member, Annotation* annotation);

}  // namespace datahub::contract
