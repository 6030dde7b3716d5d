#include "datahub/contract/annotation.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

#include <fmt/format.h>

namespace datahub::contract {
namespace {

constexpr std::string_view kPrefix = "x-datahub";
constexpr std::string_view kColumn = "x-datahub-column";
constexpr std::string_view kEventTime = "x-datahub-event-time";
constexpr std::string_view kKey = "x-datahub-key";
constexpr std::string_view kPii = "x-datahub-pii";
constexpr std::array<std::string_view, 4> kKnown = {kColumn, kEventTime, kKey, kPii};

// In the order of their enums.
constexpr std::array<std::string_view, 10> kClasses = {"name",  "email",   "phone",  "address",  "document",
                                                       "birth", "payment", "health", "location", "other"};
constexpr std::array<std::string_view, 4> kMasks = {"none", "hash", "redact", "last4"};
constexpr std::array<std::pair<std::string_view, record::Kind>, 3> kColumnTypes = {
    {{"int32", record::Kind::kInt32}, {"string", record::Kind::kString}, {"json", record::Kind::kJson}}};

class Reader {
 public:
  Reader(std::string_view keyword, Annotation* annotation) : keyword_(keyword), to_(*annotation) {}

  std::vector<AnnotationFault> Read(const json::Value& value) && {
    if (keyword_ == kColumn) {
      ReadColumn(value);
    } else if (keyword_ == kPii) {
      ReadPii(value);
    } else if (keyword_ == kKey) {
      ReadKey(value);
    } else if (keyword_ == kEventTime) {
      to_.event_time = ReadPointer(value);
    } else {
      Fail(value, "is not known", fmt::format("known: {}", fmt::join(kKnown, ", ")));
    }
    return std::move(faults_);
  }

 private:
  void Fail(const json::Value& value, std::string_view what, std::string hint = "") {
    faults_.push_back({value.begin, fmt::format("{} {}", keyword_, what), std::move(hint)});
  }

  bool IsObjectOf(const json::Value& value, std::initializer_list<std::string_view> names, const std::string& hint) {
    if (!value.is_object() || value.members.empty()) {
      Fail(value, value.is_object() ? "is empty" : "is not an object", hint);
      return false;
    }
    for (const json::Member& member : value.members) {
      if (std::ranges::find(names, member.key) == names.end()) {
        Fail(member.value, fmt::format("has '{}', which is not known", member.key), hint);
      } else if (!member.value.is_string()) {
        Fail(member.value, fmt::format("has a '{}' that is not text", member.key), hint);
      }
    }
    return faults_.empty();
  }

  void ReadColumn(const json::Value& value) {
    std::vector<std::string_view> types;
    for (const auto& [name, kind] : kColumnTypes) types.push_back(name);
    const std::string hint = fmt::format("it may have \"name\", and \"type\": one of {}", fmt::join(types, ", "));
    if (!IsObjectOf(value, {"name", "type"}, hint)) return;
    ColumnAnnotation& column = to_.column.emplace();
    column.begin = value.begin;
    if (const json::Value* const name = value.Find("name")) {
      column.name = name->text;
      if (column.name.empty()) Fail(*name, "has an empty name", hint);
    }
    const json::Value* const type = value.Find("type");
    if (type == nullptr) return;
    const auto known = std::ranges::find(types, type->text);
    if (known == types.end())
      return Fail(*type, fmt::format("has the type '{}', which is not known", type->text), hint);
    column.kind = kColumnTypes[static_cast<size_t>(known - types.begin())].second;
  }

  void ReadPii(const json::Value& value) {
    const std::string hint = fmt::format("\"class\" is one of {}; \"mask\", if given, of {}", fmt::join(kClasses, ", "),
                                         fmt::join(kMasks, ", "));
    if (!IsObjectOf(value, {"class", "mask"}, hint)) return;
    const json::Value* const named = value.Find("class");
    if (named == nullptr) return Fail(value, "has no 'class'", hint);
    PiiAnnotation& pii = to_.pii.emplace();
    pii.begin = value.begin;
    const auto pii_class = std::ranges::find(kClasses, named->text);
    if (pii_class == kClasses.end()) {
      Fail(*named, fmt::format("has the class '{}', which is not known", named->text), hint);
    } else {
      pii.pii_class = static_cast<PiiClass>(pii_class - kClasses.begin());
    }
    const json::Value* const masked = value.Find("mask");
    if (masked == nullptr) return;
    const auto mask = std::ranges::find(kMasks, masked->text);
    if (mask == kMasks.end())
      return Fail(*masked, fmt::format("has the mask '{}', which is not known", masked->text), hint);
    pii.mask = static_cast<Mask>(mask - kMasks.begin());
  }

  void ReadKey(const json::Value& value) {
    const std::string hint = "write the members that identify a record as JSON pointers: [\"/id\"]";
    if (!value.is_array() || value.elements.empty()) {
      return Fail(value, value.is_array() ? "is empty" : "is not an array", hint);
    }
    if (value.elements.size() > kKeyMembersMax) {
      return Fail(value, fmt::format("names more than {} members", kKeyMembersMax), hint);
    }
    for (const json::Value& element : value.elements) {
      std::optional<MemberPointer> pointer = ReadPointer(element);
      if (!pointer) continue;
      if (std::ranges::find(to_.key, pointer->keys, &MemberPointer::keys) != to_.key.end()) {
        Fail(element, fmt::format("names '{}' twice", pointer->text));
      } else {
        to_.key.push_back(*std::move(pointer));
      }
    }
  }

  // RFC 6901.
  std::optional<MemberPointer> ReadPointer(const json::Value& value) {
    if (!value.is_string()) {
      Fail(value, "names a member by text", "write its JSON pointer: \"/created_at\"");
      return std::nullopt;
    }
    MemberPointer pointer{value.begin, std::string(value.text), {}};
    if (!value.text.starts_with('/')) {
      Fail(value, fmt::format("'{}' is not a JSON pointer to a member", value.text),
           fmt::format("write \"/{}\"", value.text));
      return std::nullopt;
    }
    for (size_t i = 0; i < value.text.size(); ++i) {
      const char c = value.text[i];
      if (c == '/') {
        pointer.keys.emplace_back();
      } else if (c != '~') {
        pointer.keys.back() += c;
      } else if (const char escaped = i + 1 < value.text.size() ? value.text[++i] : '\0';
                 escaped == '0' || escaped == '1') {
        pointer.keys.back() += escaped == '0' ? '~' : '/';
      } else {
        Fail(value, fmt::format("'{}' is not a JSON pointer: after ~ comes 0 or 1", value.text),
             "~ itself is ~0, / is ~1");
        return std::nullopt;
      }
    }
    return pointer;
  }

  std::string_view keyword_;
  Annotation& to_;
  std::vector<AnnotationFault> faults_;
};

}  // namespace

std::string_view NameOf(PiiClass pii_class) { return kClasses[static_cast<size_t>(pii_class)]; }
std::string_view NameOf(Mask mask) { return kMasks[static_cast<size_t>(mask)]; }

bool IsAnnotation(std::string_view keyword) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(keyword.substr(0, kPrefix.size()), kPrefix, {}, lower);
}

bool IsOfTheRoot(std::string_view keyword) { return keyword == kKey || keyword == kEventTime; }

std::vector<AnnotationFault> ReadAnnotation(const json::Member& member, Annotation* annotation) {
  return Reader(member.key, annotation).Read(member.value);
}

}  // namespace datahub::contract
