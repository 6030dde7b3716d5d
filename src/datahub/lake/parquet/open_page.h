#pragma once

#include <cstdint>

#include "datahub/lake/parquet/leaf_block.h"
#include "datahub/lake/parquet/level_writer.h"
#include "datahub/lake/parquet/metadata.h"
#include "datahub/lake/parquet/raw_page.h"

namespace datahub::lake::parquet {

// A page also ends after so many levels, so that readers can skip by rows where values are tiny.
constexpr int64_t kPageLevelsMax = 128 * 1024;

// The page being filled: its levels and counts; values are appended to `raw` by others.
struct OpenPage {
  RawPage raw;
  LevelWriter definition;
  LevelWriter repetition;
  PageEntry entry;

  void Begin(int max_definition, int max_repetition) {
    raw.Clear();
    definition.Reset(max_definition);
    repetition.Reset(max_repetition);
    entry = {};
  }
  void Add(const BlockLevels& levels) {
    if (!levels.repetition.empty()) repetition.Add(levels.repetition.data(), levels.count);
    if (levels.all_defined) {
      definition.AddAtMax(levels.count);
    } else {
      definition.Add(levels.definition.data(), levels.count);
    }
    entry.rows += static_cast<int64_t>(levels.rows);
    entry.levels += static_cast<int64_t>(levels.count);
    entry.nulls += static_cast<int64_t>(levels.count - levels.values);
  }
  int64_t values() const { return entry.levels - entry.nulls; }
  // Levels go before everything else: to be called before the values close.
  void CloseLevels() {
    repetition.Append(raw.front);
    definition.Append(raw.front);
  }
};

}  // namespace datahub::lake::parquet
