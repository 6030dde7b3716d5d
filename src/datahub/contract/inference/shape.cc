#include "datahub/contract/inference/shape.h"

#include <algorithm>
#include <bit>
#include <unordered_set>

#include "datahub/contract/inference/proposal.h"
#include "datahub/contract/mapping.h"

namespace datahub::contract::inference {
namespace {

bool IsStrict(Format format) {
  return format == Format::kDateTime || format == Format::kDate || format == Format::kUuid;
}

Format FormatOf(const Strings& strings) {
  if (strings.formats == 0) return Format::kNone;
  const Format format = kFormats[std::countr_zero(strings.formats)];
  return strings.count >= (IsStrict(format) ? kStrictFormatSeenMin : kLooseFormatSeenMin) ? format : Format::kNone;
}

bool IsEnum(const Strings& strings) {
  const uint64_t distinct = strings.values.distinct();
  if (!strings.values.is_exact() || distinct < 2 || strings.count < distinct * kEnumRepetitionMin) return false;
  return strings.values.Sorted().back().count >= kEnumSeenMin;
}

// The types that are not null, as bits; numbers are one.
uint8_t TypesOf(const Evidence& evidence) {
  return static_cast<uint8_t>((evidence.trues + evidence.falses > 0 ? 1 : 0) | (evidence.numbers ? 2 : 0) |
                              (evidence.strings ? 4 : 0) | (evidence.arrays ? 8 : 0) | (evidence.objects ? 16 : 0));
}

bool IsIdentifier(std::string_view key) {
  constexpr size_t kHexMin = 16;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto is_hex = [&](char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); };
  if (key.empty()) return false;
  if (std::all_of(key.begin(), key.end(), is_digit)) return true;
  if (key.size() >= kHexMin && std::all_of(key.begin(), key.end(), is_hex)) return true;
  return Matches(Format::kUuid, key) || Matches(Format::kDate, key);
}

std::string LowerCased(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

bool MayBeColumn(std::string_view name) { return NameFault(name).empty() && !LowerCased(name).starts_with("dh_"); }

// Something like the key that a column can be called, with room for a number behind it.
std::string Spelled(std::string_view key) {
  constexpr size_t kRoom = 10;
  if (key.empty()) return "unnamed";
  std::string name;
  if (LowerCased(key).starts_with("dh_")) name = "x_";
  for (const char c : key) name += NameFault({&c, 1}).empty() ? c : '_';
  size_t size = std::min(name.size(), kNameBytesMax - kRoom);
  while (size < name.size() && size > 0 && (name[size] & 0xC0) == 0x80) --size;  // no half of a character
  name.resize(size);
  return name;
}

}  // namespace

Shape ShapeOf(const Evidence& evidence) {
  Shape shape;
  const uint8_t types = TypesOf(evidence);
  if (evidence.trues + evidence.falses > 0) shape.types.push_back("boolean");
  if (evidence.numbers != nullptr) shape.types.push_back(evidence.numbers->all_integer ? "integer" : "number");
  if (evidence.strings != nullptr) shape.types.push_back("string");
  if (evidence.arrays != nullptr) shape.types.push_back("array");
  if (evidence.objects != nullptr) shape.types.push_back("object");
  if (shape.types.size() != 1) {
    shape.form = types == 0 ? Form::kOpen : Form::kMixed;
    return shape;
  }
  if (evidence.numbers != nullptr) {
    const Numbers& numbers = *evidence.numbers;
    if (!numbers.all_integer && !numbers.all_double) return shape;
    shape.form = numbers.all_integer ? Form::kInteger : Form::kNumber;
    shape.is_minimum_zero = !numbers.has_sign && numbers.count >= kMinimumSeenMin;
  } else if (evidence.strings != nullptr) {
    shape.form = Form::kString;
    shape.format = FormatOf(*evidence.strings);
    shape.is_enum = shape.format == Format::kNone && IsEnum(*evidence.strings);
  } else if (evidence.objects != nullptr) {
    shape.form = evidence.objects->is_map ? Form::kMap : Form::kObject;
  } else {
    shape.form = evidence.arrays != nullptr ? Form::kArray : Form::kBoolean;
  }
  return shape;
}

bool LooksLikeMap(const Objects& objects) {
  const auto& members = objects.members;
  if (objects.is_map || objects.given_up || members.size() < kMapIdKeysMin) return false;
  uint8_t types = 0;
  for (const auto& member : members) types |= TypesOf(*member->evidence);
  if (std::popcount(types) > 1) return false;
  if (members.size() > kMapKeysMin && objects.keys * kMapKeysPerObject < members.size() * objects.count) return true;
  return std::all_of(members.begin(), members.end(), [](const auto& member) { return IsIdentifier(member->key); });
}

std::vector<const Member*> InOrder(const Objects& objects) {
  std::vector<const Member*> members;
  for (const auto& member : objects.members) members.push_back(member.get());
  std::sort(members.begin(), members.end(), [](const Member* a, const Member* b) {
    const Evidence& left = *a->evidence;
    const Evidence& right = *b->evidence;
    using Product = unsigned __int128;
    const Product left_mean = Product{left.position_sum} * right.present;
    const Product right_mean = Product{right.position_sum} * left.present;
    if (left_mean != right_mean) return left_mean < right_mean;
    return left.present != right.present ? left.present > right.present : a->key < b->key;
  });
  return members;
}

std::vector<std::optional<std::string>> ColumnNames(const std::vector<const Member*>& members) {
  std::vector<std::optional<std::string>> names(members.size());
  std::vector<size_t> renamed;
  std::unordered_set<std::string> taken;
  for (size_t i = 0; i < members.size(); ++i) {
    const std::string& key = members[i]->key;
    if (!MayBeColumn(key) || !taken.insert(LowerCased(key)).second) renamed.push_back(i);
  }
  for (const size_t i : renamed) {
    const std::string first = Spelled(members[i]->key);
    std::string name = first;
    for (size_t number = 2; !taken.insert(LowerCased(name)).second; ++number) {
      name = first + "_" + std::to_string(number);
    }
    names[i] = std::move(name);
  }
  return names;
}

}  // namespace datahub::contract::inference
