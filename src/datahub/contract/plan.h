#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "datahub/contract/contract.h"
#include "datahub/contract/key_table.h"
#include "datahub/contract/mapping.h"
#include "datahub/contract/string_checks.h"
#include "datahub/contract/verdict/checks.h"

namespace datahub::contract {

// What the fast walk does at a place of an event: it checks and appends while the text streams by. Where several schemas or
// alternatives apply (kChecked) the value is gone over twice: once for the verdict, once into its columns.
enum class Op : uint8_t {
  kString,
  kTimestamp,
  kDate,
  kInt64,
  kInt32,
  kDouble,
  kDecimal,
  kBool,
  kStruct,
  kList,
  kMap,
  kJson,  // kept as text
  kChecked,
  kAppended,  // parsed, and appended the exact way
};

struct PlanNode {
  Op op = Op::kJson;
  bool nullable = false;  // null is valid here
  bool checked = false;   // something is asserted beyond the type: see `detail`
  int16_t definition = 0;
  uint32_t leaf = 0;
  uint32_t leaf_end = 0;
  uint32_t detail = 0;  // index into the Plan's vector of this op's kind
};

struct IntegerPlan {
  int64_t min = std::numeric_limits<int64_t>::min();
  int64_t max = std::numeric_limits<int64_t>::max();
  int64_t multiple_of = 1;
  bool has_values = false;
  std::vector<int64_t> values;  // enum, sorted
};

struct DoublePlan {
  // A value equal to a bound goes the exact way unless the literal and the bound are exact.
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  bool min_exclusive = false;
  bool max_exclusive = false;
  bool min_exact = true;
  bool max_exact = true;
};

struct DecimalPlan {
  int scale = 0;
  record::Int128 min = 0;
  record::Int128 max = 0;  // both inclusive, in units of 10^-scale
};

inline constexpr size_t kStreamedPropertiesMax = 1024;  // wider objects are appended the exact way

struct StructPlan {
  KeyTable keys;
  std::vector<PlanNode> fields;    // as `keys` numbers them
  std::vector<uint64_t> all;       // a bit a field
  std::vector<uint64_t> required;  //
  const ColumnNode* column = nullptr;
  bool open = false;   // members without a column go to dh_extra
  uint32_t depth = 0;  // containers around it
  size_t members_min = 0;
  size_t members_max = kNoLimit;
};

struct ListPlan {
  PlanNode element;
  int16_t repetition = 0;
  size_t items_min = 0;
  size_t items_max = kNoLimit;
};

struct MapPlan {
  PlanNode value;
  int16_t repetition = 0;
  size_t members_min = 0;
  size_t members_max = kNoLimit;
};

struct CheckedPlan {
  CheckId check = kNoCheck;
  uint32_t depth = 0;  // containers around it: a record has one limit for all
  PlanNode inner;      // appends what the check has accepted
};

struct AppendedPlan {
  const ColumnNode* column = nullptr;
  uint32_t depth = 0;
};

// What Walker runs: the places of an event with their checks and leaves, flat. Immutable; shared by threads.
struct Contract::Plan {
  std::unique_ptr<const Mapping> mapping;
  bool streams = false;  // the root is a struct, or one column of any JSON
  PlanNode root;

  std::vector<StringChecks> strings;
  std::vector<IntegerPlan> integers;
  std::vector<DoublePlan> doubles;
  std::vector<DecimalPlan> decimals;
  std::vector<uint8_t> bools;  // bit 0: false is valid, bit 1: true
  std::vector<StructPlan> structs;
  std::vector<ListPlan> lists;
  std::vector<MapPlan> maps;
  std::vector<CheckedPlan> checked;
  std::vector<AppendedPlan> appended;
  CheckPlan checks;
};

// `mapping` was made from the same schema; none: every record is the one column.
std::shared_ptr<const Contract::Plan> MakePlan(std::unique_ptr<const Mapping> mapping, bool strict);

}  // namespace datahub::contract
