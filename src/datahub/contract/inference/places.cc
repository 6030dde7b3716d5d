// Places of an inference: made, counted, merged, given up.

#include <algorithm>
#include <utility>

#include "datahub/base/hash.h"
#include "datahub/contract/inference/evidence.h"

namespace datahub::contract::inference {
namespace {

size_t Count(const Evidence* evidence);

size_t CountIn(const Objects& objects) {
  size_t count = Count(objects.rest.get());
  for (const auto& member : objects.members) count += Count(member->evidence.get());
  return count;
}

// Itself and all below it.
size_t Count(const Evidence* evidence) {
  if (evidence == nullptr) return 0;
  size_t count = 1;
  if (evidence->arrays != nullptr) count += Count(evidence->arrays->element.get());
  if (evidence->objects != nullptr) count += CountIn(*evidence->objects);
  return count;
}

// Null when there is none.
Evidence* LargestChild(const Evidence& evidence) {
  Evidence* largest = nullptr;
  const auto look = [&](const std::unique_ptr<Evidence>& child) {
    if (Count(child.get()) > Count(largest)) largest = child.get();
  };
  if (evidence.arrays != nullptr) look(evidence.arrays->element);
  if (evidence.objects == nullptr) return largest;
  look(evidence.objects->rest);
  for (const auto& member : evidence.objects->members) look(member->evidence);
  return largest;
}

}  // namespace

std::unique_ptr<Evidence> Places::Make(int depth) {
  // So many places are the root's own, that it is the last to be given up.
  constexpr size_t kReserve = kKeysMax + 1;
  if (count_ >= 2 * kPlacesMax - (depth > 0 ? kReserve : 0)) return nullptr;
  ++count_;
  return std::make_unique<Evidence>();
}

Evidence* Places::MemberOf(Objects& objects, std::string_view key, int depth) {
  if (objects.given_up) return nullptr;
  const bool is_long = key.size() > kKeyBytesMax;
  if (!is_long && !objects.is_map) {
    size_t index = 0;
    if (Member* const known = objects.Find(key, 0, &index)) return known->evidence.get();
    if (objects.members.size() == kKeysMax) MakeMap(objects);
  }
  if (is_long || objects.is_map) {
    objects.long_keys += is_long;
    objects.distinct.Add(HashBytes(key).low);
    if (objects.rest == nullptr) objects.rest = Make(depth);
    if (objects.rest == nullptr) GiveUp(objects);
    return objects.rest.get();
  }
  std::unique_ptr<Evidence> evidence = Make(depth);
  if (evidence == nullptr) {
    GiveUp(objects);
    return nullptr;
  }
  Evidence* const made = evidence.get();
  objects.Insert(std::make_unique<Member>(Member{std::string(key), 0, std::move(evidence)}));
  return made;
}

Evidence* Places::ElementOf(Arrays& arrays, int depth) {
  if (arrays.given_up) return nullptr;
  if (arrays.element == nullptr) arrays.element = Make(depth);
  if (arrays.element == nullptr) GiveUp(arrays);
  return arrays.element.get();
}

void Places::GiveUp(Objects& objects) {
  was_full_ = true;
  objects.given_up = true;
  count_ -= CountIn(objects);
  objects.RemoveMembers();
  objects.rest = nullptr;
}

void Places::GiveUp(Arrays& arrays) {
  was_full_ = true;
  arrays.given_up = true;
  count_ -= Count(arrays.element.get());
  arrays.element = nullptr;
}

void Places::MakeMap(Objects& objects) {
  if (std::exchange(objects.is_map, true)) return;
  std::vector<std::unique_ptr<Member>> members = std::move(objects.members);
  objects.RemoveMembers();
  for (auto& member : members) {
    objects.distinct.Add(HashBytes(member->key).low);
    MergeChild(objects.rest, std::move(member->evidence));
  }
}

void Places::MergeChild(std::unique_ptr<Evidence>& into, std::unique_ptr<Evidence> from) {
  if (into == nullptr) {
    into = std::move(from);
  } else if (from != nullptr) {
    --count_;
    Merge(*into, std::move(*from));
  }
}

void Places::Merge(Evidence& root, Evidence&& from, const Places& other) {
  count_ += other.count_ - 1;  // the roots are one
  was_full_ |= other.was_full_;
  Merge(root, std::move(from));
  Trim(root);
}

void Places::Trim(Evidence& root) {
  while (count_ > kPlacesMax) {
    // Down to where they are spread over many.
    Evidence* at = &root;
    for (;;) {
      Evidence* const child = LargestChild(*at);
      const size_t count = Count(child);
      if (count <= 1 || (at != &root && count * 2 < Count(at))) break;
      at = child;
    }
    if (at->arrays != nullptr) GiveUp(*at->arrays);
    if (at->objects != nullptr) GiveUp(*at->objects);
  }
}

void Places::Merge(Evidence& into, Evidence&& from) {
  into.present += from.present;
  into.position_sum += from.position_sum;
  into.nulls += from.nulls;
  into.trues += from.trues;
  into.falses += from.falses;
  const auto merge = [this](auto& part, auto&& other) {
    if (part == nullptr) {
      part = std::move(other);
    } else if (other != nullptr) {
      Merge(*part, std::move(*other));
    }
  };
  merge(into.strings, std::move(from.strings));
  merge(into.numbers, std::move(from.numbers));
  merge(into.arrays, std::move(from.arrays));
  merge(into.objects, std::move(from.objects));
}

void Places::Merge(Strings& into, Strings&& from) {
  into.count += from.count;
  into.length_min = std::min(into.length_min, from.length_min);
  into.length_max = std::max(into.length_max, from.length_max);
  into.formats &= from.formats;
  into.values.Merge(std::move(from.values));
}

void Places::Merge(Numbers& into, Numbers&& from) {
  into.count += from.count;
  into.with_point += from.with_point;
  into.beyond_int64 += from.beyond_int64;
  into.has_sign |= from.has_sign;
  into.all_integer &= from.all_integer;
  into.all_double &= from.all_double;
  into.integer_min = std::min(into.integer_min, from.integer_min);
  into.integer_max = std::max(into.integer_max, from.integer_max);
  into.min = std::min(into.min, from.min);
  into.max = std::max(into.max, from.max);
  into.values.Merge(std::move(from.values));
}

void Places::Merge(Arrays& into, Arrays&& from) {
  into.count += from.count;
  into.items += from.items;
  into.items_min = std::min(into.items_min, from.items_min);
  into.items_max = std::max(into.items_max, from.items_max);
  into.too_deep |= from.too_deep;
  if (into.given_up || from.given_up) {
    GiveUp(into);
    GiveUp(from);
    return;
  }
  MergeChild(into.element, std::move(from.element));
}

void Places::Merge(Objects& into, Objects&& from) {
  into.count += from.count;
  into.keys += from.keys;
  into.keys_min = std::min(into.keys_min, from.keys_min);
  into.keys_max = std::max(into.keys_max, from.keys_max);
  into.long_keys += from.long_keys;
  into.too_deep |= from.too_deep;
  if (into.given_up || from.given_up) {
    GiveUp(into);
    GiveUp(from);
    return;
  }
  if (into.is_map || from.is_map) {
    MakeMap(into);
    MakeMap(from);
  }
  into.distinct.Merge(from.distinct);
  MergeChild(into.rest, std::move(from.rest));
  for (auto& member : from.members) {
    size_t index = 0;
    if (Member* const known = into.Find(member->key, 0, &index)) {
      MergeChild(known->evidence, std::move(member->evidence));
    } else {
      into.Insert(std::move(member));
    }
  }
  if (into.members.size() > kKeysMax) MakeMap(into);
}

}  // namespace datahub::contract::inference
