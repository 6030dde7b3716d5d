#include "datahub/contract/inference/evidence.h"

#include <algorithm>
#include <bit>

#include "datahub/base/hash.h"
#include "datahub/base/json_utf8.h"
#include "datahub/contract/fast_literal.h"

namespace datahub::contract::inference {
namespace {

bool Has(Format format, std::string_view text, TimeReader& times) {
  constexpr size_t kDateBytes = 10;
  constexpr size_t kUuidBytes = 36;
  int64_t micros = 0;
  switch (format) {
    case Format::kDateTime:
      if (text.size() < 2 * kDateBytes) return false;
      return times.ReadInstant(text.data(), text.size(), false, &micros) || Matches(format, text);
    case Format::kDate:
      return text.size() == kDateBytes && Matches(format, text);
    case Format::kUuid:
      return text.size() == kUuidBytes && IsUuid(text);
    default:
      return Matches(format, text);
  }
}

}  // namespace

void Evidence::AddString(std::string_view text, TimeReader& times) {
  if (strings == nullptr) strings = std::make_unique<Strings>();
  Strings& to = *strings;
  ++present;
  ++to.count;
  const uint64_t length = json::CodePoints(text);
  to.length_min = std::min(to.length_min, length);
  to.length_max = std::max(to.length_max, length);
  for (uint32_t left = to.formats; left != 0; left &= left - 1) {
    const int index = std::countr_zero(left);
    if (!Has(kFormats[index], text, times)) to.formats &= static_cast<uint8_t>(~(1u << index));
  }
  to.values.Add(text);
}

void Evidence::AddNumber(std::string_view literal) {
  if (numbers == nullptr) numbers = std::make_unique<Numbers>();
  Numbers& to = *numbers;
  ++present;
  ++to.count;
  to.has_sign |= literal.front() == '-';
  to.values.Add(literal);
  const char* const end = literal.data() + literal.size();
  double value = 0;
  bool is_finite = true;
  int64_t integer = 0;
  if (ReadInteger(literal.data(), end, &integer)) {
    // Beyond 2^53 not every integer is a double, and 2^63 is one that no int64 can be compared with.
    value = static_cast<double>(integer);
    to.all_double &= value < 9223372036854775808.0 && static_cast<int64_t>(value) == integer;
    to.integer_min = std::min(to.integer_min, integer);
    to.integer_max = std::max(to.integer_max, integer);
  } else {
    const bool has_point = literal.find_first_of(".eE") != std::string_view::npos;
    to.with_point += has_point;
    to.beyond_int64 += !has_point;
    ShortNumber number;
    if (!ReadShortNumber(literal.data(), end, &number) || !ToDouble(number, literal.data(), end, &value)) {
      const DoubleFault fault = DoubleOf(literal, &value);
      to.all_double &= fault == DoubleFault::kNone;
      is_finite = fault != DoubleFault::kNotFinite;
    }
    if (to.all_integer) {
      if (const std::optional<int64_t> whole = IntegerOf(literal)) {
        to.integer_min = std::min(to.integer_min, *whole);
        to.integer_max = std::max(to.integer_max, *whole);
      } else {
        to.all_integer = false;
      }
    }
  }
  if (!is_finite) return;
  value += 0.0;  // -0 is 0, whichever came first
  to.min = std::min(to.min, value);
  to.max = std::max(to.max, value);
}

void Evidence::AddArray(uint64_t items) {
  if (arrays == nullptr) arrays = std::make_unique<Arrays>();
  ++present;
  ++arrays->count;
  arrays->items += items;
  arrays->items_min = std::min(arrays->items_min, items);
  arrays->items_max = std::max(arrays->items_max, items);
}

void Evidence::AddObject(uint64_t keys) {
  if (objects == nullptr) objects = std::make_unique<Objects>();
  ++present;
  ++objects->count;
  objects->keys += keys;
  objects->keys_min = std::min(objects->keys_min, keys);
  objects->keys_max = std::max(objects->keys_max, keys);
}

Member* Objects::Find(std::string_view key, size_t guess, size_t* index) {
  if (guess < members.size() && members[guess]->key == key) {
    *index = guess;
    return members[guess].get();
  }
  if (slots_.empty()) return nullptr;
  const size_t mask = slots_.size() - 1;
  for (size_t slot = HashBytes(key).low & mask; slots_[slot] != 0; slot = (slot + 1) & mask) {
    *index = slots_[slot] - 1;
    if (members[*index]->key == key) return members[*index].get();
  }
  return nullptr;
}

void Objects::Insert(std::unique_ptr<Member> member) {
  members.push_back(std::move(member));
  size_t first = members.size() - 1;
  if (members.size() * 2 > slots_.size()) {
    constexpr size_t kSlotsMin = 16;
    slots_.assign(std::max(kSlotsMin, slots_.size() * 2), 0);
    first = 0;
  }
  const size_t mask = slots_.size() - 1;
  for (size_t i = first; i < members.size(); ++i) {
    size_t slot = HashBytes(members[i]->key).low & mask;
    while (slots_[slot] != 0) slot = (slot + 1) & mask;
    slots_[slot] = static_cast<uint32_t>(i + 1);
  }
}

void Objects::RemoveMembers() {
  std::vector<std::unique_ptr<Member>>().swap(members);
  std::vector<uint32_t>().swap(slots_);
}

}  // namespace datahub::contract::inference
