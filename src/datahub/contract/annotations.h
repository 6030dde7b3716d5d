#pragma once

#include <optional>
#include <string>
#include <vector>

#include "datahub/contract/annotation.h"
#include "datahub/contract/mapping.h"
#include "datahub/contract/schema.h"
#include "datahub/record/table_schema.h"

namespace datahub::contract {

// Names from the table down to one of its columns, or to what lies in one: a struct's fields, "element" of a list, "value" of a
// map.
using ColumnPath = std::vector<std::string>;

// "contact.email"
std::string ToString(const ColumnPath& path);

// A member that an annotation names. It is in every event that the contract accepts, and never null there; structs alone lie
// around it.
struct NamedMember {
  std::string pointer;  // in the event: "/order/id"
  ColumnPath column;
};

struct PersonalColumn {
  ColumnPath column;
  PiiClass pii_class = PiiClass::kOther;
  Mask mask = Mask::kNone;
};

// What a contract says by x-datahub-* of its columns.
struct Annotations {
  std::vector<NamedMember> key;           // what identifies a record; empty: nothing is said
  std::optional<NamedMember> event_time;  // when the event happened: a timestamp or a date
  std::vector<PersonalColumn> personal;   // in the order of the columns
};

// `mapping` is that of the schemas' root. Errors are added, all at once: members that cannot serve, parts of one place that contradict each
// other, annotations that no column stands for, personal data that would hide in JSON text.
Annotations ReadAnnotations(const SchemaSet& schemas, const Mapping& mapping, std::vector<CompileError>* errors);

// Says of each column with personal data, in its description, what is in it: DDL shows that.
void DescribePersonal(const Annotations& annotations, record::TableSchema* columns);

}  // namespace datahub::contract
