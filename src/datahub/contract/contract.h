#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "datahub/base/result.h"
#include "datahub/contract/annotations.h"
#include "datahub/contract/schema.h"
#include "datahub/contract/validate.h"
#include "datahub/record/chunk.h"
#include "datahub/record/columns.h"
#include "datahub/record/table_schema.h"

namespace datahub::contract {

struct ContractOptions {
  std::string name;
  int version = 1;
  bool strict = true;
  // Date-time digits beyond microseconds: cut (the default) or reason for rejection.
  bool reject_excess_digits = false;
  CompileOptions schema{};
};

// What a record must be, and the columns it becomes. Immutable; shared by threads.
class Contract {
 public:
  // Compiles schema and columns. All problems at once; null when there is any.
  static std::shared_ptr<const Contract> Compile(std::string schema_text, const ContractOptions& options,
                                                 std::vector<CompileError>* errors);
  // No contract: any JSON text is accepted into the one column `event`.
  static std::shared_ptr<const Contract> Raw();

  const std::string& name() const { return options_.name; }
  int version() const { return options_.version; }
  const ContractOptions& options() const { return options_; }
  bool is_raw() const { return schemas_ == nullptr; }
  const SchemaSet& schemas() const { return *schemas_; }
  const std::shared_ptr<const SchemaSet>& shared_schemas() const { return schemas_; }
  // Columns in the schema's order, without lineage columns. Every field nullable.
  const record::TableSchema& columns() const { return columns_; }
  // What its x-datahub-* say of them.
  const Annotations& annotations() const { return annotations_; }

  struct Plan;  // what Walker runs; contract/plan.h
  const Plan& plan() const { return *plan_; }

 private:
  ContractOptions options_;
  std::shared_ptr<const SchemaSet> schemas_;
  record::TableSchema columns_;
  Annotations annotations_;
  std::shared_ptr<const Plan> plan_;
};

// A record that may not enter, with its bytes as they came (a view into the chunk).
struct Rejected {
  uint64_t offset = 0;
  std::string_view bytes;
  std::vector<Reason> reasons;
};

// Of a chunk, or of a part of it: what its columns and reasons take is bounded, so that a few bytes a record times
// thousands of columns end in several parts.
struct WalkResult {
  std::shared_ptr<record::Columns> accepted;  // its `chunk` is the one walked
  std::vector<Rejected> rejected;             // in order
  uint64_t records = 0;                       // accepted + rejected
  uint64_t walked_fast = 0;                   // of these, accepted by the fast walk alone
  bool more = false;                          // the chunk's rest waits for Next()
};

// Parses, checks and appends to columns in one walk; a record that the fast walk cannot decide is undone and given to the
// exhaustive way, which alone rejects and says why.
//
//   Chunk -> Walk -> Columns + Rejected { -> Next -> Columns + Rejected }*
//
// Memory   a part's columns and reasons, kPartBytesMax each about, and Columns given back through Recycle(), of kRecycledMax
//          bytes; nothing is allocated per event in steady state. Records that fill a chunk are judged one at a time in the
//          process: tokens, a tree of values of kValuesBytesMax, levels of RowBuilder::kRowLevelsBytesMax. What asks for
//          more is rejected (dh:size)
// Threads  one thread at a time; as many Walkers as threads share one Contract
class Walker {
 public:
  static constexpr size_t kPartBytesMax = 24u << 20;
  static constexpr size_t kValuesBytesMax = 256u << 20;

  // Exhaustive: no record is walked fast. The outcome is the same; tests prove it.
  enum class Way { kFast, kExhaustive };
  explicit Walker(std::shared_ptr<const Contract> contract, Way way = Way::kFast,
                  size_t part_bytes_max = kPartBytesMax);
  ~Walker();

  // Never fails on data: every record of the chunk is accepted or rejected, by this call or those of Next() that it asks
  // for by `more`.
  WalkResult Walk(std::shared_ptr<const record::Chunk> chunk);
  WalkResult Next();
  // Columns nobody looks into any more; their memory serves the next chunk.
  void Recycle(std::shared_ptr<record::Columns> columns);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace datahub::contract
