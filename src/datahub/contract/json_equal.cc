#include "datahub/contract/json_equal.h"

#include <algorithm>
#include <functional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "datahub/contract/decimal.h"

namespace datahub::contract {
namespace {

// Objects wider than this are compared by sorted keys.
constexpr size_t kLinearMembersMax = 8;

bool AreEqualObjects(const json::Value& a, const json::Value& b) {
  if (a.members.size() != b.members.size()) return false;
  if (a.members.size() <= kLinearMembersMax) {
    for (const json::Member& member : a.members) {
      const json::Value* other = b.Find(member.key);
      if (other == nullptr || !IsEqual(member.value, *other)) return false;
    }
    return true;
  }
  const auto sorted = [](const json::Value& value) {
    std::vector<const json::Member*> members;
    for (const json::Member& member : value.members) members.push_back(&member);
    std::sort(members.begin(), members.end(), [](auto* x, auto* y) { return x->key < y->key; });
    return members;
  };
  const auto left = sorted(a);
  const auto right = sorted(b);
  for (size_t i = 0; i < left.size(); ++i) {
    if (left[i]->key != right[i]->key || !IsEqual(left[i]->value, right[i]->value)) return false;
  }
  return true;
}

// Equal values have equal hashes; a number's is of its double, which equal numbers share.
size_t HashOf(const json::Value& value) {
  const auto mix = [](size_t seed, size_t more) { return seed * 0x9E3779B97F4A7C15u + more + (seed >> 31); };
  size_t hash = static_cast<size_t>(value.type) + 1;
  switch (value.type) {
    case json::Type::kNumber:
      return mix(hash, std::hash<double>()(std::strtod(std::string(value.text).c_str(), nullptr)));
    case json::Type::kString:
      return mix(hash, std::hash<std::string_view>()(value.text));
    case json::Type::kArray:
      for (const json::Value& element : value.elements) hash = mix(hash, HashOf(element));
      return hash;
    case json::Type::kObject: {
      size_t sum = 0;
      for (const json::Member& member : value.members) {
        sum += mix(std::hash<std::string_view>()(member.key), HashOf(member.value));
      }
      return mix(hash, sum);
    }
    default:
      return hash;
  }
}

}  // namespace

bool IsEqual(const json::Value& a, const json::Value& b) {
  if (a.type != b.type) return false;
  switch (a.type) {
    case json::Type::kNumber:
      return a.text == b.text || Decimal::Parse(a.text) == Decimal::Parse(b.text);
    case json::Type::kString:
      return a.text == b.text;
    case json::Type::kArray:
      return std::equal(a.elements.begin(), a.elements.end(), b.elements.begin(), b.elements.end(), IsEqual);
    case json::Type::kObject:
      return AreEqualObjects(a, b);
    default:
      return true;
  }
}

bool AreUnique(std::span<const json::Value> elements) {
  std::vector<std::pair<size_t, const json::Value*>> hashed;
  hashed.reserve(elements.size());
  for (const json::Value& element : elements) hashed.emplace_back(HashOf(element), &element);
  std::sort(hashed.begin(), hashed.end());
  for (size_t i = 0; i < hashed.size(); ++i) {
    for (size_t j = i + 1; j < hashed.size() && hashed[j].first == hashed[i].first; ++j) {
      if (IsEqual(*hashed[i].second, *hashed[j].second)) return false;
    }
  }
  return true;
}

}  // namespace datahub::contract
