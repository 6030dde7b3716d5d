#include "datahub/record/table_schema.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <optional>
#include <utility>

#include "datahub/base/json.h"

namespace datahub::record {
namespace {

constexpr int kScaleMax = 38;

constexpr std::array<std::string_view, 13> kKindNames = {"boolean", "int32", "int64",     "double", "string",
                                                         "json",    "bytes", "timestamp", "date",   "decimal",
                                                         "struct",  "list",  "map"};

std::optional<Kind> KindNamed(std::string_view name) {
  const auto found = std::find(kKindNames.begin(), kKindNames.end(), name);
  if (found == kKindNames.end()) return std::nullopt;
  return static_cast<Kind>(found - kKindNames.begin());
}

// Walks the tree, keeping what the path from the root adds up to.
class LeafCollector {
 public:
  explicit LeafCollector(std::vector<Leaf>& leaves) : leaves_(leaves) {}

  void Add(const Field& field, std::string_view name) {
    const int16_t nullable = field.nullable ? 1 : 0;
    Enter(name, nullable, 0);
    switch (field.kind) {
      case Kind::kStruct:
        for (const Field& child : field.children) Add(child, child.name);
        break;
      case Kind::kList:
        DH_ASSERT(field.children.size() == 1);
        Enter("list", 1, 1);
        Add(field.children[0], "element");
        Leave(1, 1);
        break;
      case Kind::kMap:
        DH_ASSERT(field.children.size() == 2);
        Enter("key_value", 1, 1);
        Add(field.children[0], "key");
        Add(field.children[1], "value");
        Leave(1, 1);
        break;
      default:
        leaves_.push_back({path_, field.kind, field.scale, definition_, repetition_});
    }
    Leave(nullable, 0);
  }

 private:
  void Enter(std::string_view name, int16_t definition, int16_t repetition) {
    path_.emplace_back(name);
    definition_ = static_cast<int16_t>(definition_ + definition);
    repetition_ = static_cast<int16_t>(repetition_ + repetition);
  }

  void Leave(int16_t definition, int16_t repetition) {
    path_.pop_back();
    definition_ = static_cast<int16_t>(definition_ - definition);
    repetition_ = static_cast<int16_t>(repetition_ - repetition);
  }

  std::vector<Leaf>& leaves_;
  std::vector<std::string> path_;
  int16_t definition_ = 0;
  int16_t repetition_ = 0;
};

void AppendFields(json::Writer& out, const std::vector<Field>& fields) {
  out.BeginArray();
  for (const Field& field : fields) {
    out.BeginObject().Key("name").String(field.name).Key("type").String(KindName(field.kind));
    if (field.kind == Kind::kDecimal) out.Key("scale").Number(int64_t{field.scale});
    if (!field.nullable) out.Key("nullable").Bool(false);
    if (field.id != 0) out.Key("id").Number(int64_t{field.id});
    if (!field.description.empty()) out.Key("description").String(field.description);
    if (IsNested(field.kind)) {
      out.Key("children");
      AppendFields(out, field.children);
    }
    out.EndObject();
  }
  out.EndArray();
}

Error Wrong(std::string_view where, std::string_view what) {
  std::string message = "columns of a table, ";
  message.append(where).append(": ").append(what);
  message.append("; the ledger's text was not written by this program, or by a newer one");
  return Error{Code::kInvalidInput, std::move(message)};
}

Result<int> IntegerFrom(const json::Value& value, std::string_view where, int max) {
  int number = 0;
  const char* end = value.text.data() + value.text.size();
  if (value.is_number()) {
    const auto [stopped, error] = std::from_chars(value.text.data(), end, number);
    if (error == std::errc() && stopped == end && number >= 0 && number <= max) return number;
  }
  return Wrong(where, "an integer that is out of range");
}

Result<std::vector<Field>> FieldsFrom(const json::Value* array, std::string_view where);

Result<Field> FieldFrom(const json::Value& object, std::string_view where) {
  const json::Value* name = object.Find("name");
  const json::Value* type = object.Find("type");
  if (name == nullptr || !name->is_string()) return Wrong(where, "a column without a name");
  Field field;
  field.name = name->text;
  const std::string here = where == "/" ? field.name : std::string(where) + "." + field.name;
  const std::optional<Kind> kind = type != nullptr && type->is_string() ? KindNamed(type->text) : std::nullopt;
  if (!kind) return Wrong(here, "the type is not one that is known");
  field.kind = *kind;
  for (const json::Member& member : object.members) {
    if (member.key == "name" || member.key == "type" || member.key == "children") continue;
    if (member.key == "scale") {
      field.scale = DH_TRY(IntegerFrom(member.value, here, kScaleMax));
    } else if (member.key == "id") {
      field.id = DH_TRY(IntegerFrom(member.value, here, INT32_MAX));
    } else if (member.key == "nullable" && member.value.is_bool()) {
      field.nullable = member.value.type == json::Type::kTrue;
    } else if (member.key == "description" && member.value.is_string()) {
      field.description = member.value.text;
    } else {
      return Wrong(here, "'" + std::string(member.key) + "' is not known");
    }
  }
  if (IsNested(field.kind)) field.children = DH_TRY(FieldsFrom(object.Find("children"), here));
  const size_t children = field.children.size();
  const bool fits = field.kind == Kind::kList  ? children == 1
                    : field.kind == Kind::kMap ? children == 2
                                               : (children > 0) == (field.kind == Kind::kStruct);
  if (!fits) return Wrong(here, "the wrong number of children for its type");
  return field;
}

Result<std::vector<Field>> FieldsFrom(const json::Value* array, std::string_view where) {
  if (array == nullptr || !array->is_array()) return Wrong(where, "no array of columns");
  std::vector<Field> fields;
  for (const json::Value& element : array->elements) {
    if (!element.is_object()) return Wrong(where, "a column that is not an object");
    fields.push_back(DH_TRY(FieldFrom(element, where)));
  }
  return fields;
}

}  // namespace

std::string_view KindName(Kind kind) { return kKindNames[static_cast<size_t>(kind)]; }

std::vector<Field> LineageFields() {
  const auto field = [](const char* name, Kind kind, const char* description) {
    Field made;
    made.name = name;
    made.kind = kind;
    made.nullable = false;
    made.description = description;
    return made;
  };
  return {field("dh_received_at", Kind::kTimestamp, "when the record was read"),
          field("dh_source", Kind::kString, "the source it came from"),
          field("dh_shard", Kind::kString, "what its offset is ordered within"),
          field("dh_offset", Kind::kString, "its place in the shard, 20 digits"),
          field("dh_contract_version", Kind::kInt32, "the contract version that judged it")};
}

std::vector<Leaf> LeavesOf(const TableSchema& schema) {
  std::vector<Leaf> leaves;
  LeafCollector collector(leaves);
  for (const Field& field : schema.fields) collector.Add(field, field.name);
  return leaves;
}

std::string ToString(const Field& field) {
  std::string text(KindName(field.kind));
  if (field.kind == Kind::kDecimal) return text + "(38," + std::to_string(field.scale) + ")";
  if (!IsNested(field.kind)) return text;
  text += '<';
  for (size_t i = 0; i < field.children.size(); ++i) {
    if (i > 0) text += ", ";
    if (field.kind == Kind::kStruct) text += field.children[i].name + ": ";
    text += ToString(field.children[i]);
  }
  return text + ">";
}

std::string ToJson(const TableSchema& schema) {
  json::Writer out;
  out.BeginObject().Key("fields");
  AppendFields(out, schema.fields);
  out.EndObject();
  return std::move(out).Take();
}

Result<TableSchema> FromJson(std::string_view json) {
  json::Document document;
  const json::Value* root = DH_TRY(document.Parse(json));
  if (!root->is_object() || root->members.size() != 1) return Wrong("/", "not an object with the one member 'fields'");
  return TableSchema{DH_TRY(FieldsFrom(root->Find("fields"), "/"))};
}

}  // namespace datahub::record
