#pragma once

#include <cstddef>
#include <span>

#include "datahub/lake/parquet/file_writer.h"
#include "datahub/record/columns.h"

namespace datahub::lake {

// Memory that `columns` keeps from being freed: its arrays, its arena, its chunk's buffer.
size_t FootprintOf(const record::Columns& columns);

// Columns with no rows, for CopyRows: the shape, lineage and contract version of `like`, but none of its memory; room for
// `rows`.
record::Columns MakeEmptyLike(const record::Columns& like, size_t rows);

// Appends these rows of `from` to `to`, strings copied into `to.arena`. Returns the bytes copied.
size_t CopyRows(const record::Columns& from, std::span<const parquet::RowRange> ranges, record::Columns& to);

}  // namespace datahub::lake
