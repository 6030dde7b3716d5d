#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "datahub/base/result.h"
#include "datahub/lake/parquet/file_writer.h"
#include "datahub/lake/parquet/metadata.h"

namespace datahub::lake::parquet {

// A stored leaf: where its values are in Columns, and what it is in the file.
struct StoredLeaf {
  size_t column = 0;  // index into Columns::leaves
  record::Kind kind = record::Kind::kString;
  PhysicalType type = PhysicalType::kByteArray;
  std::vector<std::string> path;
  int max_definition = 0;
  int max_repetition = 0;
};

// A file's schema: the stored fields' tree, then the lineage columns, which are leaves of the root.
struct SchemaTree {
  std::vector<SchemaElement> elements;  // elements[0] is the root
  std::vector<StoredLeaf> leaves;       // without lineage
  size_t columns = 0;                   // leaves that Columns must have
};

enum class Lineage : size_t { kReceivedAt, kSource, kShard, kOffset, kContractVersion };
constexpr size_t kLineageColumns = 5;

struct LineageColumn {
  std::string name;
  PhysicalType type;
  Annotation annotation;
};
const LineageColumn& LineageColumnOf(Lineage column);

// InvalidInput: a struct without fields, a list or map without its children, more levels than a file can count.
Result<SchemaTree> MakeSchemaTree(const FileSchema& schema);

PhysicalType PhysicalTypeOf(record::Kind kind);

}  // namespace datahub::lake::parquet
