#pragma once

#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "datahub/contract/contract.h"
#include "datahub/contract/mapping.h"

namespace datahub::contract {

// What the fast walk does at a place of an event. All but kRecorded decide while the text streams by; kRecorded parses the
// span, validates it and appends it the exact way.
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
  kJson,  // any JSON, kept as text
  kRecorded,
};

struct PlanNode {
  Op op = Op::kRecorded;
  bool nullable = false;  // null is valid here
  bool checked = false;   // something is asserted beyond the type: see `detail`
  int16_t definition = 0;
  uint32_t leaf = 0;
  uint32_t leaf_end = 0;
  uint32_t detail = 0;  // index into the Plan's vector of this op's kind; kJson: what encloses it
};

struct StringPlan {
  size_t length_min = 0;
  size_t length_max = kNoLimit;
  const Pattern* pattern = nullptr;
  Format format = Format::kNone;
  bool has_values = false;
  std::vector<std::string> values;  // enum
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

// Finds a member's key among the properties of an object.
class KeyTable {
 public:
  static constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();

  KeyTable() = default;
  KeyTable(KeyTable&&) = default;  // the keys look into the table itself: it may move, not be copied
  KeyTable& operator=(KeyTable&&) = default;
  explicit KeyTable(std::vector<std::string> keys);

  uint32_t size() const { return static_cast<uint32_t>(keys_.size()); }
  bool Is(uint32_t index, const char* data, size_t size) const {
    const Key& key = keys_[index];
    return key.size == size && Same(key.data, data, size);
  }
  uint32_t Find(const char* data, size_t size) const {
    for (size_t slot = Hash(data, size) & mask_;; slot = (slot + 1) & mask_) {
      const uint32_t index = slots_[slot];
      if (index == kNone || Is(index, data, size)) return index;
    }
  }

 private:
  struct Key {
    const char* data = nullptr;
    size_t size = 0;
  };

  template <class T>
  static T Load(const char* from) {
    T word;
    std::memcpy(&word, from, sizeof word);
    return word;
  }
  static bool Same(const char* a, const char* b, size_t size) {
    if (size >= 8) {
      if (size > 16) return std::memcmp(a, b, size) == 0;
      return ((Load<uint64_t>(a) ^ Load<uint64_t>(b)) |
              (Load<uint64_t>(a + size - 8) ^ Load<uint64_t>(b + size - 8))) == 0;
    }
    if (size >= 4) {
      return ((Load<uint32_t>(a) ^ Load<uint32_t>(b)) |
              (Load<uint32_t>(a + size - 4) ^ Load<uint32_t>(b + size - 4))) == 0;
    }
    for (size_t i = 0; i < size; ++i) {
      if (a[i] != b[i]) return false;
    }
    return true;
  }
  static size_t Hash(const char* data, size_t size) {
    uint64_t word = size;
    if (size >= 8) {
      word ^= Load<uint64_t>(data) ^ (Load<uint64_t>(data + size - 8) << 3);
    } else if (size >= 4) {
      word ^= Load<uint32_t>(data) ^ (uint64_t{Load<uint32_t>(data + size - 4)} << 29);
    } else {
      for (size_t i = 0; i < size; ++i) word = word << 9 ^ static_cast<unsigned char>(data[i]);
    }
    word *= 0x9e3779b97f4a7c15u;
    return word >> 32;
  }

  std::vector<std::string> texts_;
  std::vector<Key> keys_;
  std::vector<uint32_t> slots_ = {kNone};
  size_t mask_ = 0;
};

inline constexpr size_t kStreamedPropertiesMax = 1024;  // wider objects are recorded

struct StructPlan {
  KeyTable keys;
  std::vector<PlanNode> fields;   // as `keys` numbers them
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

struct RecordedPlan {
  const ColumnNode* column = nullptr;
  const Schema* schema = nullptr;
  uint32_t depth = 0;  // containers around it: a record has one limit for all
};

// What Walker runs: the places of an event with their checks and leaves, flat. Immutable; shared by threads.
struct Contract::Plan {
  std::unique_ptr<const Mapping> mapping;
  bool streams = false;  // the root is a struct that the fast walk can decide
  PlanNode root;

  std::vector<StringPlan> strings;
  std::vector<IntegerPlan> integers;
  std::vector<DoublePlan> doubles;
  std::vector<DecimalPlan> decimals;
  std::vector<uint8_t> bools;  // bit 0: false is valid, bit 1: true
  std::vector<StructPlan> structs;
  std::vector<ListPlan> lists;
  std::vector<MapPlan> maps;
  std::vector<RecordedPlan> recorded;
};

// `mapping` was made from the same schema.
std::shared_ptr<const Contract::Plan> MakePlan(std::unique_ptr<const Mapping> mapping, bool strict);

}  // namespace datahub::contract
