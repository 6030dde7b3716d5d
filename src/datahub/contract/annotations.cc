#include "datahub/contract/annotations.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "datahub/contract/schema_compiler.h"
#include "datahub/contract/schema_reader.h"
#include "datahub/contract/schema_uri.h"

namespace datahub::contract {
namespace {

using record::Field;
using record::Kind;
using Schemas = std::unordered_set<const Schema*>;

constexpr const char* kPiiKeyword = "x-datahub-pii";
constexpr size_t kListedMax = 10;  // names in a hint

// The subschemas directly within, or referred to by, `schema`.
std::vector<const Schema*> ChildrenOf(const Schema& schema) {
  std::vector<const Schema*> children = InPlaceParts(schema);
  for (const Property& property : schema.properties) children.push_back(property.schema);
  for (const PatternProperty& property : schema.pattern_properties) children.push_back(property.schema);
  children.insert(children.end(), schema.prefix_items.begin(), schema.prefix_items.end());
  children.insert(children.end(), {schema.additional_properties, schema.unevaluated_properties, schema.property_names,
                                   schema.items, schema.unevaluated_items, schema.contains});
  if (schema.resource != nullptr) {
    for (const auto& [name, anchor] : schema.resource->dynamic_anchors) children.push_back(anchor);
  }
  std::erase(children, nullptr);
  return children;
}

// `from` and all below.
Schemas Below(std::vector<const Schema*> from) {
  Schemas found(from.begin(), from.end());
  while (!from.empty()) {
    const Schema& schema = *from.back();
    from.pop_back();
    for (const Schema* child : ChildrenOf(schema)) {
      if (found.insert(child).second) from.push_back(child);
    }
  }
  return found;
}

bool IsPersonal(const Schema& schema) { return schema.annotation != nullptr && schema.annotation->pii.has_value(); }

// Whether personal data is described at a schema or below; each schema is looked at once.
class PersonalBelow {
 public:
  explicit PersonalBelow(const Schemas& schemas) {
    std::unordered_map<const Schema*, std::vector<const Schema*>> parents;
    std::vector<const Schema*> rising;
    for (const Schema* schema : schemas) {
      for (const Schema* child : ChildrenOf(*schema)) parents[child].push_back(schema);
      if (IsPersonal(*schema) && example_.emplace(schema, schema).second) rising.push_back(schema);
    }
    while (!rising.empty()) {
      const Schema* const schema = rising.back();
      rising.pop_back();
      for (const Schema* parent : parents[schema]) {
        if (example_.emplace(parent, example_[schema]).second) rising.push_back(parent);
      }
    }
  }

  // A schema that says so; null: there is none.
  const Schema* Find(const Schema& schema) const {
    const auto found = example_.find(&schema);
    return found == example_.end() ? nullptr : found->second;
  }

 private:
  std::unordered_map<const Schema*, const Schema*> example_;
};

// The value is there, as far as this place decides it, and not null.
bool IsNeverNull(const Place& place) {
  SchemaReader reader;
  return std::ranges::any_of(
      place.parts(), [&](const Part& part) { return part.certain && !(reader.Types(*part.schema) & kTypeNull); });
}

bool Requires(const Place& place, std::string_view key) {
  return std::ranges::any_of(place.all(), [&](const Part& part) {
    const auto index = part.schema->property_index.find(key);
    return part.certain && index != part.schema->property_index.end() &&
           part.schema->properties[index->second].required;
  });
}

class AnnotationsReader {
 public:
  AnnotationsReader(const Schema& root, const Mapping& mapping, std::vector<CompileError>* errors)
      : root_(root), mapping_(mapping), errors_(*errors), schemas_(Below({&root})), personal_below_(schemas_) {}

  Annotations Read() && {
    if (mapping_.root.kind == Kind::kStruct) {
      ReadPlace(mapping_.root, nullptr);
      for (size_t i = 0; i < mapping_.root.children.size(); ++i) {
        Visit(mapping_.root.children[i], mapping_.columns.fields[i]);
      }
    } else {
      Visit(mapping_.root, mapping_.columns.fields.front());
    }
    ReadMembers();
    CheckAllTaken();
    return std::move(annotations_);
  }

 private:
  void Fail(const Schema& schema, uint32_t begin, std::string_view keyword, std::string message, std::string hint) {
    errors_.push_back(
        {OffsetOf(schema, begin), fmt::format("{}/{}", schema.location, keyword), std::move(message), std::move(hint)});
  }

  // Depth: that of columns (kNestingMax).
  void Visit(const ColumnNode& node, const Field& field) {
    path_.push_back(field.name);
    ReadPlace(node, &field);
    if (node.kind == Kind::kStruct) {
      for (size_t i = 0; i < node.children.size(); ++i) {
        node.children[i].is_extra ? CheckExtra(node) : Visit(node.children[i], field.children[i]);
      }
    } else if (!node.children.empty()) {
      Visit(node.children.front(), field.children.back());  // a map's key is before its value
    }
    path_.pop_back();
  }

  // `field`: null where the place is no column, at the root.
  void ReadPlace(const ColumnNode& node, const Field* field) {
    const Schema* first = nullptr;
    for (const Part& part : node.place.all()) {
      const Schema& schema = *part.schema;
      taken_.insert(&schema);
      if (!IsPersonal(schema)) continue;
      const PiiAnnotation& pii = *schema.annotation->pii;
      if (field == nullptr) {
        Fail(schema, pii.begin, kPiiKeyword, fmt::format("{} stands at the root, which is no column", kPiiKeyword),
             "write it at the properties that hold personal data");
      } else if (first == nullptr) {
        first = &schema;
        AddPersonal(schema, pii, node.kind);
      } else if (const PiiAnnotation& said = *first->annotation->pii;
                 said.pii_class != pii.pii_class || said.mask != pii.mask) {
        Fail(schema, pii.begin, kPiiKeyword,
             fmt::format("{} says {} with mask {}, and {} with mask {} at {}", kPiiKeyword, NameOf(pii.pii_class),
                         NameOf(pii.mask), NameOf(said.pii_class), NameOf(said.mask), first->location),
             "let them say the same, or one of them nothing");
      }
    }
    if (field == nullptr && node.extra() != nullptr) CheckExtra(node);
    if (node.kind == Kind::kJson) CheckText(node, first);
  }

  void AddPersonal(const Schema& schema, const PiiAnnotation& pii, Kind kind) {
    const bool is_of_text = pii.mask == Mask::kHash || pii.mask == Mask::kLast4;
    if (is_of_text && kind != Kind::kString) {
      Fail(schema, pii.begin, kPiiKeyword,
           fmt::format("the mask {} is for columns of text; column {} is {}", NameOf(pii.mask), ToString(path_),
                       record::KindName(kind)),
           "redact suits every column");
    }
    annotations_.personal.push_back({path_, pii.pii_class, pii.mask});
  }

  // A column of JSON text; `own`: the part that says it is personal data, or null.
  void CheckText(const ColumnNode& node, const Schema* own) {
    for (const Part& part : node.place.all()) {
      texts_.push_back(part.schema);
      const Schema* const inner = own == nullptr ? personal_below_.Find(*part.schema) : nullptr;
      if (inner == nullptr) continue;
      const Schema& schema = *node.place.parts().front().schema;
      errors_.push_back({schema.text_offset, schema.location,
                         fmt::format("column {} is JSON text, in which personal data would hide: {} has {}",
                                     ToString(path_), inner->location, kPiiKeyword),
                         fmt::format("write {} here too: it then is of the whole column", kPiiKeyword)});
      return;
    }
  }

  // What lands in dh_extra is described by no column.
  void CheckExtra(const ColumnNode& node) {
    for (const Part& part : node.place.all()) {
      const Schema& schema = *part.schema;
      std::vector<const Schema*> rest = {schema.additional_properties, schema.unevaluated_properties};
      for (const PatternProperty& property : schema.pattern_properties) rest.push_back(property.schema);
      for (const Schema* one : rest) {
        if (one == nullptr) continue;
        texts_.push_back(one);
        const Schema* const inner = personal_below_.Find(*one);
        if (inner == nullptr) continue;
        Fail(*inner, inner->annotation->pii->begin, kPiiKeyword,
             fmt::format("{}: what it describes lands in {}, JSON text, in which personal data would hide", kPiiKeyword,
                         kExtraColumn),
             "name the members in `properties`");
      }
    }
  }

  void ReadMembers() {
    if (root_.annotation == nullptr) return;
    for (const MemberPointer& pointer : root_.annotation->key) {
      const ColumnNode* node = nullptr;
      std::optional<NamedMember> member = Find(pointer, "x-datahub-key", &node);
      if (!member) continue;
      if (record::IsNested(node->kind) || node->kind == Kind::kJson) {
        Fail(root_, pointer.begin, "x-datahub-key",
             fmt::format("x-datahub-key: the column of '{}' is {}, which cannot identify a record", pointer.text,
                         record::KindName(node->kind)),
             "a member of a key is text, a number, a boolean, a date or a date-time");
      }
      annotations_.key.push_back(*std::move(member));
    }
    if (!root_.annotation->event_time) return;
    const MemberPointer& pointer = *root_.annotation->event_time;
    const ColumnNode* node = nullptr;
    annotations_.event_time = Find(pointer, "x-datahub-event-time", &node);
    if (!annotations_.event_time || node->kind == Kind::kTimestamp || node->kind == Kind::kDate) return;
    Fail(root_, pointer.begin, "x-datahub-event-time",
         fmt::format("x-datahub-event-time: the column of '{}' is {}, not a time", pointer.text,
                     record::KindName(node->kind)),
         "it needs type string with format date-time, or date");
  }

  std::optional<NamedMember> Find(const MemberPointer& pointer, std::string_view keyword, const ColumnNode** found) {
    const auto fail = [&](std::string what, std::string hint) {
      Fail(root_, pointer.begin, keyword, fmt::format("{}: {}", keyword, what), std::move(hint));
      return std::nullopt;
    };
    NamedMember member{pointer.text, {}};
    const ColumnNode* node = &mapping_.root;
    const std::vector<Field>* fields = &mapping_.columns.fields;
    std::string at;
    for (const std::string& key : pointer.keys) {
      const std::string outer = at.empty() ? "the event" : fmt::format("'{}'", at);
      at += "/" + EncodePointerToken(key);
      if (node->kind != Kind::kStruct) {
        return fail(fmt::format("'{}' lies in {}, which is no object with columns: {}", pointer.text, outer,
                                record::KindName(node->kind)),
                    "name a member of the event, or of objects in it");
      }
      const auto child = node->child_index.find(key);
      if (child == node->child_index.end()) return fail(fmt::format("there is no property '{}'", at), Names(*node));
      if (!IsNeverNull(node->place)) return fail(fmt::format("{} may be null", outer), "give it a type without null");
      if (!Requires(node->place, key)) {
        return fail(fmt::format("'{}' may be absent", at), fmt::format("add it to `required` of {}", outer));
      }
      node = &node->children[child->second];
      member.column.push_back((*fields)[child->second].name);
      fields = &(*fields)[child->second].children;
    }
    if (!IsNeverNull(node->place)) return fail(fmt::format("'{}' may be null", at), "give it a type without null");
    *found = node;
    return member;
  }

  static std::string Names(const ColumnNode& node) {
    std::vector<std::string_view> names;
    for (const ColumnNode& child : node.children) {
      if (!child.is_extra && names.size() < kListedMax) names.push_back(child.key);
    }
    const bool is_all = node.child_index.size() == names.size();
    return fmt::format("there are: {}{}", fmt::join(names, ", "), is_all ? "" : " …");
  }

  // An annotation that says something of no column is a mistake: under `not`, of a map's keys, in JSON text.
  void CheckAllTaken() {
    const Schemas within_text = Below(std::move(texts_));
    std::vector<const Schema*> left;
    for (const Schema* schema : schemas_) {
      if (schema->annotation != nullptr && !taken_.contains(schema)) left.push_back(schema);
    }
    std::ranges::sort(left, {}, &Schema::location);
    for (const Schema* schema : left) {
      const Annotation& annotation = *schema->annotation;
      const bool in_text = within_text.contains(schema);
      const std::string_view why =
          in_text ? "lies in a column of JSON text" : "describes nothing that becomes a column";
      if (annotation.column) {
        Fail(*schema, annotation.column->begin, "x-datahub-column",
             fmt::format("x-datahub-column has no effect: it {}", why), "remove it");
      }
      if (annotation.pii && !in_text) {  // else the column has said so itself, or was refused
        Fail(*schema, annotation.pii->begin, kPiiKeyword, fmt::format("{} has no effect: it {}", kPiiKeyword, why),
             "write it at the property that holds the data");
      }
    }
  }

  const Schema& root_;
  const Mapping& mapping_;
  std::vector<CompileError>& errors_;
  const Schemas schemas_;
  const PersonalBelow personal_below_;
  Schemas taken_;
  std::vector<const Schema*> texts_;
  ColumnPath path_;
  Annotations annotations_;
};

}  // namespace

std::string ToString(const ColumnPath& path) { return fmt::format("{}", fmt::join(path, ".")); }

Annotations ReadAnnotations(const SchemaSet& schemas, const Mapping& mapping, std::vector<CompileError>* errors) {
  if (!schemas.has_annotations()) return {};
  return AnnotationsReader(schemas.root(), mapping, errors).Read();
}

void DescribePersonal(const Annotations& annotations, record::TableSchema* columns) {
  auto personal = annotations.personal.begin();  // in the order of the columns
  for (Field& field : columns->fields) {
    std::vector<std::string> said;
    for (; personal != annotations.personal.end() && personal->column.front() == field.name; ++personal) {
      const std::string name(NameOf(personal->pii_class));
      said.push_back(personal->column.size() == 1 ? name : fmt::format("{} in {}", name, ToString(personal->column)));
    }
    if (said.empty()) continue;
    const std::string text = fmt::format("personal data: {}", fmt::join(said, ", "));
    field.description = field.description.empty() ? text : fmt::format("{} ({})", field.description, text);
  }
}

}  // namespace datahub::contract
