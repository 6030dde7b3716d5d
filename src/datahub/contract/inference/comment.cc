#include "datahub/contract/inference/comment.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

namespace datahub::contract::inference {
namespace {

// An estimate may be more than there were values at all.
uint64_t DistinctOf(const ValueCounts& values, uint64_t count) { return std::min(values.distinct(), count); }

std::string Distinct(const ValueCounts& values, uint64_t count) {
  return fmt::format("{} distinct{}", Grouped(DistinctOf(values, count)), values.is_exact() ? "" : " (estimated)");
}

uint64_t DistinctKeys(const Objects& objects) { return std::min(objects.distinct.Estimate(), objects.keys); }

std::string Range(uint64_t from, uint64_t to, std::string_view noun) {
  return from == to ? Counted(from, noun) : fmt::format("{} to {}", Grouped(from), Counted(to, noun));
}

class Comment {
 public:
  explicit Comment(bool is_mixed) : is_mixed_(is_mixed) {}

  void Add(std::string part) {
    if (!text_.empty()) text_ += "; ";
    text_ += part;
  }
  // Of how many values the next parts speak, where they are of several types.
  void Begin(std::string_view type, uint64_t count) {
    if (is_mixed_) Add(fmt::format("{} in {}", type, Grouped(count)));
  }
  std::string Take() && { return std::move(text_); }

 private:
  bool is_mixed_;
  std::string text_;
};

void Describe(Comment& comment, const Strings& strings, bool is_enum) {
  comment.Begin("string", strings.count);
  if (strings.length_min == strings.length_max) {
    comment.Add(fmt::format("length {}", Grouped(strings.length_min)));
  } else {
    comment.Add(fmt::format("lengths {} to {}", Grouped(strings.length_min), Grouped(strings.length_max)));
  }
  if (!is_enum) return comment.Add(Distinct(strings.values, strings.count));
  std::string counts;
  for (const ValueCounts::Counted& counted : strings.values.Sorted()) {
    counts += fmt::format("{}{} {}", counts.empty() ? "" : ", ", counted.value, Grouped(counted.count));
  }
  comment.Add(std::move(counts));
}

void Describe(Comment& comment, const Numbers& numbers) {
  comment.Begin("number", numbers.count);
  const auto range = [&](auto min, auto max) {
    if (min <= max) comment.Add(min == max ? fmt::format("{}", min) : fmt::format("{} to {}", min, max));
  };
  numbers.all_integer ? range(numbers.integer_min, numbers.integer_max) : range(numbers.min, numbers.max);
  comment.Add(Distinct(numbers.values, numbers.count));
  if (numbers.with_point > 0) {
    comment.Add(fmt::format("{} with a point or an exponent", Grouped(numbers.with_point)));
  }
  if (numbers.beyond_int64 > 0) comment.Add(fmt::format("{} beyond 64 bits", Grouped(numbers.beyond_int64)));
  if (!numbers.all_integer && !numbers.all_double) comment.Add("not all can be held by a 64-bit integer or a double");
}

void Describe(Comment& comment, const Arrays& arrays) {
  comment.Begin("array", arrays.count);
  comment.Add(Range(arrays.items_min, arrays.items_max, "item"));
  if (arrays.too_deep) comment.Add(fmt::format("not looked into: {} deep", kDepthMax));
  if (arrays.given_up) comment.Add(fmt::format("not looked into: more than {} places", Grouped(kPlacesMax)));
}

void Describe(Comment& comment, const Objects& objects) {
  comment.Begin("object", objects.count);
  if (objects.is_map) {
    comment.Add(fmt::format("a map: {} each, {} distinct (estimated)", Range(objects.keys_min, objects.keys_max, "key"),
                            Grouped(objects.distinct.Estimate())));
  }
  if (objects.long_keys > 0) {
    comment.Add(fmt::format("{} longer than {} bytes", Counted(objects.long_keys, "key"), kKeyBytesMax));
  }
  if (objects.too_deep) comment.Add(fmt::format("not looked into: {} deep", kDepthMax));
  if (objects.given_up) comment.Add(fmt::format("not looked into: more than {} places", Grouped(kPlacesMax)));
}

void AppendValues(json::Writer& out, const ValueCounts& values, uint64_t count) {
  out.Key("distinct").Number(DistinctOf(values, count)).Key("distinct_is_exact").Bool(values.is_exact());
  if (!values.is_exact()) return;
  out.Key("values").BeginArray();
  for (const ValueCounts::Counted& counted : values.Sorted()) {
    out.BeginObject().Key("value").String(counted.value).Key("count").Number(counted.count).EndObject();
  }
  out.EndArray();
}

void Append(json::Writer& out, const Strings& strings) {
  out.BeginObject().Key("count").Number(strings.count);
  out.Key("length_min").Number(strings.length_min).Key("length_max").Number(strings.length_max);
  out.Key("formats").BeginArray();
  for (size_t i = 0; i < std::size(kFormats); ++i) {
    if (strings.formats >> i & 1) out.String(NameOf(kFormats[i]));
  }
  out.EndArray();
  AppendValues(out, strings.values, strings.count);
  out.EndObject();
}

void Append(json::Writer& out, const Numbers& numbers) {
  out.BeginObject().Key("count").Number(numbers.count).Key("with_point").Number(numbers.with_point);
  out.Key("beyond_int64").Number(numbers.beyond_int64);
  out.Key("all_integer").Bool(numbers.all_integer).Key("all_double").Bool(numbers.all_double);
  if (numbers.all_integer) {
    out.Key("min").Number(numbers.integer_min).Key("max").Number(numbers.integer_max);
  } else {
    out.Key("min").Number(numbers.min).Key("max").Number(numbers.max);
  }
  AppendValues(out, numbers.values, numbers.count);
  out.EndObject();
}

void Append(json::Writer& out, const Arrays& arrays) {
  out.BeginObject().Key("count").Number(arrays.count).Key("items").Number(arrays.items);
  out.Key("items_min").Number(arrays.items_min).Key("items_max").Number(arrays.items_max);
  out.Key("too_deep").Bool(arrays.too_deep).Key("given_up").Bool(arrays.given_up);
  if (arrays.element != nullptr && !arrays.given_up) {
    out.Key("element");
    AppendEvidence(out, *arrays.element, arrays.items);
  }
  out.EndObject();
}

void Append(json::Writer& out, const Objects& objects) {
  out.BeginObject().Key("count").Number(objects.count).Key("keys").Number(objects.keys);
  out.Key("keys_min").Number(objects.keys_min).Key("keys_max").Number(objects.keys_max);
  out.Key("long_keys").Number(objects.long_keys).Key("is_map").Bool(objects.is_map);
  out.Key("too_deep").Bool(objects.too_deep).Key("given_up").Bool(objects.given_up);
  if (objects.is_map) out.Key("distinct_keys").Number(DistinctKeys(objects));
  out.Key("members").BeginObject();
  for (const Member* member : InOrder(objects)) {
    out.Key(member->key);
    AppendEvidence(out, *member->evidence, objects.count);
  }
  out.EndObject();
  if (objects.rest != nullptr) {
    out.Key("values");
    AppendEvidence(out, *objects.rest, objects.is_map ? objects.keys : objects.long_keys);
  }
  out.EndObject();
}

}  // namespace

std::string Grouped(uint64_t count) {
  std::string text = std::to_string(count);
  for (size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
  return text;
}

std::string Counted(uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", Grouped(count), noun, count == 1 ? "" : "s");
}

std::string ShareOf(uint64_t present, uint64_t of) {
  std::string text = fmt::format("{} of {}", Grouped(present), Counted(of, "object"));
  if (present == of) return text;
  // Cut, not rounded: 100 % is all of them.
  const auto tenths = static_cast<uint64_t>(static_cast<double>(present) / static_cast<double>(of) * 1000);
  return text + (tenths == 0 ? " (< 0.1 %)" : fmt::format(" ({}.{} %)", tenths / 10, tenths % 10));
}

std::string CommentOf(const Evidence& evidence, const Shape& shape) {
  const bool is_mixed = shape.types.size() > 1;
  Comment comment(is_mixed);
  if (evidence.nulls > 0) comment.Add(fmt::format("null in {}", Grouped(evidence.nulls)));
  if (const uint64_t booleans = evidence.trues + evidence.falses; booleans > 0) {
    comment.Begin("boolean", booleans);
    comment.Add(fmt::format("true in {}", Grouped(evidence.trues)));
  }
  if (evidence.numbers != nullptr) Describe(comment, *evidence.numbers);
  if (evidence.strings != nullptr) Describe(comment, *evidence.strings, shape.is_enum);
  if (evidence.arrays != nullptr) Describe(comment, *evidence.arrays);
  if (evidence.objects != nullptr) Describe(comment, *evidence.objects);
  return std::move(comment).Take();
}

void AppendEvidence(json::Writer& out, const Evidence& evidence, uint64_t of) {
  out.BeginObject().Key("present").Number(evidence.present).Key("of").Number(of).Key("null").Number(evidence.nulls);
  if (evidence.trues + evidence.falses > 0) {
    out.Key("boolean").BeginObject().Key("true").Number(evidence.trues).Key("false").Number(evidence.falses);
    out.EndObject();
  }
  const auto append = [&out](const char* key, const auto& part) {
    if (part == nullptr) return;
    out.Key(key);
    Append(out, *part);
  };
  append("number", evidence.numbers);
  append("string", evidence.strings);
  append("array", evidence.arrays);
  append("object", evidence.objects);
  out.EndObject();
}

}  // namespace datahub::contract::inference
