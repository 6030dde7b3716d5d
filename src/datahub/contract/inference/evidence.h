#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "datahub/contract/format.h"
#include "datahub/contract/inference/value_counts.h"
#include "datahub/contract/time_reader.h"

namespace datahub::contract::inference {

// Limits of what is kept, whatever the input. What reaches one is said in the evidence.
inline constexpr size_t kPlacesMax = 8'192;  // of all events; fewer than the columns a contract may have; of one, twice
inline constexpr size_t kKeysMax = 1'024;    // of one object place; one more, and it is a map
inline constexpr size_t kKeyBytesMax = 255;  // a longer key has no place of its own
inline constexpr int kDepthMax = 32;         // objects and arrays in each other; what lies deeper is not looked into

// The formats that are looked for.
inline constexpr Format kFormats[] = {Format::kDateTime, Format::kDate, Format::kUuid,
                                      Format::kIpv4,     Format::kUri,  Format::kEmail};
inline constexpr uint8_t kEveryFormat = (1u << std::size(kFormats)) - 1;

// Everything below is a sum, a minimum or maximum, a union, or a fact that stays once it came: how the values were divided
// among accumulators that are merged, and in which order, changes nothing. The one exception is kPlacesMax: which object is
// given up when it is reached depends on the order.

struct Strings {
  uint64_t count = 0;
  uint64_t length_min = std::numeric_limits<uint64_t>::max();  // in code points
  uint64_t length_max = 0;
  uint8_t formats = kEveryFormat;  // those that every string has: bits, by index into kFormats
  ValueCounts values;
};

struct Numbers {
  uint64_t count = 0;
  uint64_t with_point = 0;                                    // written with a point or an exponent
  uint64_t beyond_int64 = 0;                                  // of the others
  bool has_sign = false;                                      // a minus was written, -0 too
  bool all_integer = true;                                    // each is an integer within int64: 1.0 and 1e2 too
  bool all_double = true;                                     // each can be held by a column of doubles (literal.h)
  int64_t integer_min = std::numeric_limits<int64_t>::max();  // while all_integer
  int64_t integer_max = std::numeric_limits<int64_t>::min();
  double min = std::numeric_limits<double>::infinity();  // the nearest doubles, of those that are finite
  double max = -std::numeric_limits<double>::infinity();
  ValueCounts values;  // as written
};

struct Evidence;

struct Arrays {
  uint64_t count = 0;
  uint64_t items = 0;
  uint64_t items_min = std::numeric_limits<uint64_t>::max();
  uint64_t items_max = 0;
  bool too_deep = false;              // at kDepthMax: `element` says nothing
  bool given_up = false;              // for want of places: nor
  std::unique_ptr<Evidence> element;  // null while all were empty
};

struct Member {
  std::string key;
  uint64_t stamp = 0;  // of the object it was met in last: whether a key is repeated
  std::unique_ptr<Evidence> evidence;
};

struct Objects {
  uint64_t count = 0;
  uint64_t keys = 0;  // members, of all together
  uint64_t keys_min = std::numeric_limits<uint64_t>::max();
  uint64_t keys_max = 0;
  uint64_t long_keys = 0;                        // members whose keys are too long for a place of their own
  bool is_map = false;                           // no key has a place of its own
  bool too_deep = false;                         // at kDepthMax: members say nothing
  bool given_up = false;                         // for want of places: nor
  std::vector<std::unique_ptr<Member>> members;  // in the order in which they were met first
  std::unique_ptr<Evidence> rest;                // members without a place of their own
  Sketch distinct;                               // keys, once it is a map

  // The member of this key, or null. `guess` is tried first.
  Member* Find(std::string_view key, size_t guess, size_t* index);
  void Insert(std::unique_ptr<Member> member);
  void RemoveMembers();

 private:
  std::vector<uint32_t> slots_;  // index + 1, by hash; 0: none
};

// What was met at one place of the events: the root, a member, the elements of an array, the values of a map.
struct Evidence {
  uint64_t present = 0;       // values, null too
  uint64_t position_sum = 0;  // of a member in its object: columns come in the order of the mean
  uint64_t nulls = 0;
  uint64_t trues = 0;
  uint64_t falses = 0;
  std::unique_ptr<Strings> strings;  // null: no such value yet
  std::unique_ptr<Numbers> numbers;
  std::unique_ptr<Arrays> arrays;
  std::unique_ptr<Objects> objects;

  void AddNull() { ++present, ++nulls; }
  void AddBool(bool value) { ++present, ++(value ? trues : falses); }
  void AddString(std::string_view text, TimeReader& times);  // decoded
  void AddNumber(std::string_view literal);
  // The container alone, not what is in it.
  void AddArray(uint64_t items);
  void AddObject(uint64_t keys);
};

// The places of one inference, counted. Where there are too many, whole objects and arrays are given up.
class Places {
 public:
  // Where a member of this key is counted: its own place, or that of the rest. Null: the object is given up. `depth`: how
  // many containers lie around the object.
  Evidence* MemberOf(Objects& objects, std::string_view key, int depth);
  // Null: the array is given up.
  Evidence* ElementOf(Arrays& arrays, int depth);
  // Between events: gives up where most places are, until there are kPlacesMax. The root's members stay.
  void Trim(Evidence& root);

  // Adds what `from` saw, whose places were counted by `other`.
  void Merge(Evidence& root, Evidence&& from, const Places& other);
  // Every member becomes a value of the map.
  void MakeMap(Objects& objects);
  // Whether the limit was reached.
  bool was_full() const { return was_full_; }

 private:
  // Null when there is no room for one more in a container of this depth.
  std::unique_ptr<Evidence> Make(int depth);
  void GiveUp(Objects& objects);
  void GiveUp(Arrays& arrays);
  void Merge(Evidence& into, Evidence&& from);
  void Merge(Strings& into, Strings&& from);
  void Merge(Numbers& into, Numbers&& from);
  void Merge(Arrays& into, Arrays&& from);
  void Merge(Objects& into, Objects&& from);
  void MergeChild(std::unique_ptr<Evidence>& into, std::unique_ptr<Evidence> from);

  size_t count_ = 1;  // the root
  bool was_full_ = false;
};

}  // namespace datahub::contract::inference
