#include "datahub/contract/mapping.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

namespace datahub::contract {
namespace {

using record::Field;
using record::Kind;

constexpr const char* kColumnKeyword = "x-datahub-column";

std::string LowerCased(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

class Mapper {
 public:
  Mapper(bool strict, std::vector<CompileError>* errors) : strict_(strict), errors_(errors) {}

  // The node at `place`, and its field (without a name).
  ColumnNode Build(Place place, Field* field) {
    ColumnNode node;
    node.place = std::move(place);
    node.kind = KindAt(node, field);
    for (const Part& part : node.place.all()) {
      if (field->description.empty()) field->description = part.schema->description;
    }
    ancestors_.push_back(&node.place);
    if (node.kind == Kind::kStruct) AddFields(node, field);
    if (node.kind == Kind::kList) AddChild(node, node.place.elements(), "element", field);
    if (node.kind == Kind::kMap) {
      field->children.push_back(
          Field{.name = "key", .kind = Kind::kString, .nullable = false, .description = {}, .children = {}});
      ++leaves_;
      AddChild(node, node.place.map_values(strict_), "value", field);
    }
    ancestors_.pop_back();
    if (!record::IsNested(node.kind)) ++leaves_;
    field->kind = node.kind;
    field->scale = node.scale;
    return node;
  }

  void Fail(const Place& place, std::string message, std::string hint) {
    const Schema& schema = *place.parts().front().schema;
    errors_->push_back({schema.text_offset, schema.location, std::move(message), std::move(hint)});
  }

 private:
  Kind KindAt(ColumnNode& node, Field* field) {
    const Place& place = node.place;
    Kind kind = Kind::kJson;
    switch (place.types() & ~kTypeNull) {
      case kTypeBoolean:
        kind = Kind::kBool;
        break;
      case kTypeInteger:
        kind = Kind::kInt64;
        break;
      case kTypeInteger | kTypeNumber:
        kind = Kind::kDouble;
        if (const std::optional<int> scale = place.decimal_scale()) {
          kind = Kind::kDecimal;
          node.scale = *scale;
        }
        break;
      case kTypeString: {
        const Format format = place.time_format();
        kind = format == Format::kDateTime ? Kind::kTimestamp : format == Format::kDate ? Kind::kDate : Kind::kString;
        break;
      }
      case kTypeObject:
        if (place.names_properties()) {
          kind = place.is_undiscriminated_choice() ? Kind::kJson : Kind::kStruct;
        } else if (!place.map_values(strict_).empty()) {
          kind = Kind::kMap;
        }
        break;
      case kTypeArray:
        if (!place.elements().empty()) kind = Kind::kList;
        break;
      default:
        break;
    }
    kind = Written(place, kind, field);
    return record::IsNested(kind) && !MayNest(place) ? Kind::kJson : kind;
  }

  bool MayNest(const Place& place) {
    for (const Place* ancestor : ancestors_) {
      if (place.IsSameAs(*ancestor)) return false;  // a recursion: JSON text from here on
    }
    if (ancestors_.size() <= kNestingMax) return true;
    Fail(place, fmt::format("objects and arrays lie more than {} deep in each other", kNestingMax),
         "leave the type of an inner one open: it becomes JSON text");
    return false;
  }

  // What x-datahub-column says: a name into `field`, a type over `kind`. Parts that say something say the same.
  Kind Written(const Place& place, Kind kind, Field* field) {
    const Schema* named = nullptr;
    const Schema* typed = nullptr;
    for (const Part& part : place.all()) {
      const Schema& schema = *part.schema;
      if (schema.annotation == nullptr || !schema.annotation->column) continue;
      const ColumnAnnotation& column = *schema.annotation->column;
      if (ancestors_.empty()) {
        FailColumn(schema, "stands at the root, which is no column", "write it at a property");
        continue;
      }
      if (!column.name.empty() && named == nullptr) {
        named = &schema;
        field->name = column.name;
      } else if (!column.name.empty() && column.name != field->name) {
        FailColumn(schema,
                   fmt::format("names the column '{}', and '{}' at {}", column.name, field->name, named->location),
                   "let them say the same, or one of them nothing");
      }
      if (!column.kind) continue;
      if (typed == nullptr) {
        typed = &schema;
      } else if (column.kind != typed->annotation->column->kind) {
        FailColumn(schema,
                   fmt::format("asks for {}, and for {} at {}", record::KindName(*column.kind),
                               record::KindName(*typed->annotation->column->kind), typed->location),
                   "let them say the same, or one of them nothing");
      }
    }
    if (typed == nullptr) return kind;
    const Kind wanted = *typed->annotation->column->kind;
    if (MayBe(kind, wanted)) return wanted;
    FailColumn(*typed,
               fmt::format("asks for {}, which cannot hold what the schema allows: {}", record::KindName(wanted),
                           record::KindName(kind)),
               wanted == Kind::kInt32 ? "int32 is for a place of type integer"
                                      : "string is for text, date and date-time; json holds anything");
    return kind;
  }

  // Narrower with its range checked, or the text as it was written.
  static bool MayBe(Kind kind, Kind wanted) {
    if (wanted == Kind::kInt32) return kind == Kind::kInt64;
    if (wanted == Kind::kString) return kind == Kind::kString || kind == Kind::kTimestamp || kind == Kind::kDate;
    return true;
  }

  void FailColumn(const Schema& schema, std::string_view what, std::string hint) {
    errors_->push_back({OffsetOf(schema, schema.annotation->column->begin), schema.location + "/" + kColumnKeyword,
                        fmt::format("{} {}", kColumnKeyword, what), std::move(hint)});
  }

  void AddChild(ColumnNode& node, std::vector<Part> parts, const char* name, Field* field) {
    Field child;
    node.children.push_back(Build(Place(std::move(parts)), &child));
    if (!child.name.empty()) {
      Fail(node.children.back().place,
           fmt::format("{} names the {} of a {}, which is called so always", kColumnKeyword, name,
                       record::KindName(node.kind)),
           "leave the name out");
    }
    child.name = name;
    field->children.push_back(std::move(child));
  }

  void AddFields(ColumnNode& node, Field* field) {
    std::unordered_map<std::string, std::string> lower_names;  // to the key that has it
    std::unordered_map<std::string_view, bool> added;
    for (const bool certain : {true, false}) {
      for (const Part& part : node.place.all()) {
        if (part.certain != certain) continue;
        for (const std::string* name : NamesInOrder(*part.schema)) {
          if (added[*name]) continue;
          std::vector<Part> parts = node.place.property(*name);
          if (parts.empty()) continue;
          added[*name] = true;
          if (leaves_ > kColumnsMax) return FailSize(node.place);
          Field child;
          ColumnNode built = Build(Place(std::move(parts)), &child);
          built.key = *name;
          if (child.name.empty()) child.name = *name;
          CheckName(built, child.name, &lower_names);
          node.children.push_back(std::move(built));
          field->children.push_back(std::move(child));
        }
      }
    }
    if (!node.place.is_open(strict_)) return;
    ColumnNode extra;
    extra.kind = Kind::kJson;
    extra.is_extra = true;
    ++leaves_;
    node.children.push_back(std::move(extra));
    field->children.push_back(Field{.name = kExtraColumn,
                                    .kind = Kind::kJson,
                                    .description = "members that have no column, as one JSON object",
                                    .children = {}});
  }

  // The names that have a schema, as `properties` writes them: `required` may have named some before.
  static std::vector<const std::string*> NamesInOrder(const Schema& schema) {
    std::vector<const Property*> properties;
    for (const Property& property : schema.properties) {
      if (property.schema != nullptr) properties.push_back(&property);
    }
    std::stable_sort(properties.begin(), properties.end(), [](const Property* a, const Property* b) {
      return a->schema->text_offset < b->schema->text_offset;
    });
    std::vector<const std::string*> names;
    for (const Property* property : properties) names.push_back(&property->name);
    return names;
  }

  void FailSize(const Place& place) {
    if (std::exchange(too_many_, true)) return;
    Fail(place, fmt::format("the contract has more than {} columns", kColumnsMax),
         "leave the type of some objects open: they become JSON text");
  }

  void CheckName(const ColumnNode& node, const std::string& name,
                 std::unordered_map<std::string, std::string>* lower_names) {
    const std::string hint = fmt::format("give it another name: \"{}\": {{\"name\": \"…\"}}", kColumnKeyword);
    const std::string lower = LowerCased(name);
    if (const std::string fault = NameFault(name); !fault.empty()) {
      Fail(node.place, fmt::format("column name '{}' cannot be held by Hive: {}", name, fault), hint);
    } else if (lower.starts_with("dh_")) {
      Fail(node.place, fmt::format("column name '{}': the prefix dh_ is reserved for Datahub's own columns", name),
           hint);
    }
    const auto [other, is_new] = lower_names->emplace(lower, node.key);
    if (is_new) return;
    Fail(node.place,
         fmt::format("properties '{}' and '{}' would be the same column: names are compared in lower case",
                     other->second, node.key),
         hint);
  }

  bool strict_;
  std::vector<CompileError>* errors_;
  std::vector<const Place*> ancestors_;
  size_t leaves_ = 0;
  bool too_many_ = false;
};

// Once the tree stays where it is. `above` is the definition level of what holds the node.
void AssignLevels(ColumnNode& node, int16_t above, int16_t repetition, uint32_t* leaf) {
  node.definition = static_cast<int16_t>(above + 1);
  node.repetition = repetition;
  node.repeated = repetition > 0;
  node.leaf_begin = *leaf;
  if (node.kind == Kind::kStruct) {
    for (uint32_t i = 0; i < node.children.size(); ++i) {
      ColumnNode& child = node.children[i];
      if (!child.is_extra) node.child_index.emplace(child.key, i);
      AssignLevels(child, node.definition, repetition, leaf);
    }
  } else if (node.kind == Kind::kList || node.kind == Kind::kMap) {
    if (node.kind == Kind::kMap) ++*leaf;  // the key
    node.repetition = static_cast<int16_t>(repetition + 1);
    AssignLevels(node.children[0], static_cast<int16_t>(node.definition + 1), node.repetition, leaf);
  } else {
    ++*leaf;
  }
  node.leaf_end = *leaf;
}

}  // namespace

uint32_t OffsetOf(const Schema& schema, uint32_t begin) {
  return schema.location.starts_with('#') ? begin : schema.text_offset;
}

std::string NameFault(std::string_view name) {
  if (name.empty()) return "it is empty";
  if (name.size() > kNameBytesMax) return fmt::format("it is longer than {} bytes", kNameBytesMax);
  for (const char c : name) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return "it holds a control character";
    if (std::string_view(" ,;:.=<>(){}[]`\"'\\/").find(c) != std::string_view::npos)
      return fmt::format("it holds '{}'", c);
  }
  return "";
}

std::unique_ptr<const Mapping> MapColumns(const Schema& root, bool strict, std::vector<CompileError>* errors) {
  const size_t errors_before = errors->size();
  auto mapping = std::make_unique<Mapping>();
  Mapper mapper(strict, errors);
  Field field;
  mapping->root = mapper.Build(Place({{&root, true}}), &field);
  uint32_t leaf = 0;
  if (mapping->root.kind == Kind::kStruct) {
    mapping->columns.fields = std::move(field.children);
    AssignLevels(mapping->root, -1, 0, &leaf);
  } else {
    field.name = kWholeColumn;
    mapping->columns.fields.push_back(std::move(field));
    AssignLevels(mapping->root, 0, 0, &leaf);
  }
  if (errors->size() > errors_before) return nullptr;
  mapping->leaves = record::LeavesOf(mapping->columns);
  DH_ASSERT(mapping->leaves.size() == leaf);
  return mapping;
}

}  // namespace datahub::contract
