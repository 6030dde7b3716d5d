#include "datahub/contract/plan.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "datahub/contract/literal.h"
#include "datahub/contract/schema_reader.h"
#include "datahub/contract/verdict/check_planner.h"

namespace datahub::contract {
namespace {

using record::Kind;

KeyTable KeysOf(const std::vector<ColumnNode>& children) {
  std::vector<std::string> keys;
  for (const ColumnNode& child : children) {
    if (!child.is_extra) keys.push_back(child.key);
  }
  return KeyTable(std::move(keys));
}

// Nothing that looks at a value twice or that other schemas decide. A dynamic reference asks for the whole way that led to it,
// so that no part of the event can be looked at alone.
bool HasOnlyStreamedKeywords(const Schema& s) {
  return !s.boolean && !s.is_draft4 && s.resource == nullptr && s.ref == nullptr && s.all_of.empty() &&
         s.any_of.empty() && s.one_of.empty() && s.not_schema == nullptr && s.if_schema == nullptr &&
         s.pattern_properties.empty() && s.property_names == nullptr && s.dependent_required.empty() &&
         s.dependent_schemas.empty() && s.prefix_items.empty() && s.unevaluated_items == nullptr &&
         s.contains == nullptr && !s.unique_items;
}

bool IsFalse(const Schema* schema) { return schema != nullptr && schema->boolean == false; }

std::string_view Literal(const Schema& schema, const char* keyword) {
  const json::Value* value = schema.source->Find(keyword);
  return value != nullptr && value->is_number() ? value->text : std::string_view();
}

class Planner {
 public:
  Planner(Contract::Plan& plan, bool strict) : plan_(plan), strict_(strict), checks_(plan.checks, Asserting::kAll) {}

  PlanNode Make(const ColumnNode& column) {
    const Schema* schema = SingleSchema(column);
    PlanNode node;
    node.definition = column.definition;
    node.leaf = column.leaf_begin;
    node.leaf_end = column.leaf_end;
    if (schema != nullptr) node.nullable = AllowsNull(*schema);
    if (schema == nullptr || !Stream(column, *schema, &node)) CheckFirst(column, &node);
    return node;
  }

 private:
  // The one schema that decides this place, where there is one and it is plain.
  static const Schema* SingleSchema(const ColumnNode& column) {
    const std::vector<Part>& parts = column.place.parts();
    if (parts.size() != 1 || !parts[0].certain) return nullptr;
    const Schema& schema = Resolve(*parts[0].schema);
    if (!HasOnlyStreamedKeywords(schema) || schema.source == nullptr) return nullptr;
    return &schema;
  }

  static bool AllowsNull(const Schema& schema) {
    if (!(schema.types & kTypeNull)) return false;
    return !schema.has_enum || std::any_of(schema.enum_values.begin(), schema.enum_values.end(),
                                           [](const json::Value& value) { return value.is_null(); });
  }

  void CheckFirst(const ColumnNode& column, PlanNode* node) {
    std::vector<const Schema*> schemas;
    for (const Part& part : column.place.parts()) {
      // Parts that may not apply are only below a place that is itself checked: this one is then never asked for.
      if (part.certain) schemas.push_back(part.schema);
    }
    CheckedPlan checked;
    checked.check = checks_.Position(schemas, strict_);
    checked.depth = depth_;
    checked.inner = Append(column);
    node->op = Op::kChecked;
    node->detail = static_cast<uint32_t>(plan_.checked.size());
    plan_.checked.push_back(checked);
  }

  // Into columns, whatever the schemas say.
  PlanNode Append(const ColumnNode& column) {
    PlanNode node;
    node.definition = column.definition;
    node.leaf = column.leaf_begin;
    node.leaf_end = column.leaf_end;
    node.nullable = true;
    const auto take = [&](Op op, auto& of, auto plan) {
      node.op = op;
      node.detail = static_cast<uint32_t>(of.size());
      of.push_back(std::move(plan));
    };
    switch (column.kind) {
      case Kind::kString:
      case Kind::kBytes:
        node.op = Op::kString;
        break;
      case Kind::kTimestamp:
        node.op = Op::kTimestamp;
        break;
      case Kind::kDate:
        node.op = Op::kDate;
        break;
      case Kind::kInt64:
        take(Op::kInt64, plan_.integers, IntegerPlan());
        break;
      case Kind::kInt32: {
        IntegerPlan range;
        range.min = std::numeric_limits<int32_t>::min();
        range.max = std::numeric_limits<int32_t>::max();
        node.checked = true;
        take(Op::kInt32, plan_.integers, std::move(range));
        break;
      }
      case Kind::kDouble:
        take(Op::kDouble, plan_.doubles, DoublePlan());
        break;
      case Kind::kDecimal: {
        DecimalPlan range;
        range.scale = column.scale;
        range.max = 1;
        for (int i = 0; i < 38; ++i) range.max *= 10;
        range.min = -(range.max -= 1);
        take(Op::kDecimal, plan_.decimals, range);
        break;
      }
      case Kind::kBool:
        take(Op::kBool, plan_.bools, uint8_t{3});
        break;
      case Kind::kStruct: {
        StructPlan object;
        object.column = &column;
        object.open = column.extra() != nullptr;
        object.keys = KeysOf(column.children);
        object.depth = depth_;
        if (object.keys.size() > kStreamedPropertiesMax) {
          take(Op::kAppended, plan_.appended, AppendedPlan{&column, depth_});
          break;
        }
        object.required.assign(object.keys.size() / 64 + 1, 0);
        object.all = object.required;
        for (uint32_t i = 0; i < object.keys.size(); ++i) object.all[i / 64] |= uint64_t{1} << (i % 64);
        for (const ColumnNode& child : column.children) {
          if (!child.is_extra) object.fields.push_back(Append(child));
        }
        take(Op::kStruct, plan_.structs, std::move(object));
        break;
      }
      case Kind::kList: {
        ListPlan list;
        list.element = Append(column.children[0]);
        list.repetition = column.repetition;
        take(Op::kList, plan_.lists, list);
        break;
      }
      case Kind::kMap: {
        MapPlan map;
        map.value = Append(column.children[0]);
        map.repetition = column.repetition;
        take(Op::kMap, plan_.maps, map);
        break;
      }
      case Kind::kJson:
        node.op = Op::kJson;
        break;
    }
    return node;
  }

  PlanNode MakeInner(const ColumnNode& column) {
    ++depth_;
    const PlanNode node = Make(column);
    --depth_;
    return node;
  }

  bool Stream(const ColumnNode& column, const Schema& schema, PlanNode* node) {
    switch (column.kind) {
      case Kind::kString:
        node->op = Op::kString;
        return StreamString(schema, node);
      case Kind::kTimestamp:
        node->op = Op::kTimestamp;
        return schema.format == Format::kDateTime && StreamString(schema, node);
      case Kind::kDate:
        node->op = Op::kDate;
        return schema.format == Format::kDate && StreamString(schema, node);
      case Kind::kInt64:
      case Kind::kInt32:
        return StreamInteger(column, schema, node);
      case Kind::kDouble:
        return StreamDouble(schema, node);
      case Kind::kDecimal:
        return StreamDecimal(column, schema, node);
      case Kind::kBool:
        return StreamBool(schema, node);
      case Kind::kStruct:
        return StreamStruct(column, schema, node);
      case Kind::kList:
        return StreamList(column, schema, node);
      case Kind::kMap:
        return StreamMap(column, schema, node);
      default:
        return false;
    }
  }

  bool StreamString(const Schema& schema, PlanNode* node) {
    StringChecks checks;
    checks.length_min = schema.length_min;
    checks.length_max = schema.length_max;
    if (schema.pattern != nullptr) checks.patterns.push_back(schema.pattern.get());
    // The readers of these two columns check the format by themselves.
    if (node->op == Op::kString && schema.format != Format::kNone) checks.formats.push_back(schema.format);
    checks.has_values = schema.has_enum;
    std::vector<std::string> values;
    for (const json::Value& value : schema.enum_values) {
      if (value.is_string()) values.emplace_back(value.text);
    }
    checks.values = KeyTable(std::move(values));
    node->checked = checks.length_min > 0 || checks.length_max != kNoLimit || !checks.patterns.empty() ||
                    !checks.formats.empty() || checks.has_values;
    node->detail = static_cast<uint32_t>(plan_.strings.size());
    plan_.strings.push_back(std::move(checks));
    return true;
  }

  bool StreamInteger(const ColumnNode& column, const Schema& schema, PlanNode* node) {
    IntegerPlan checks;
    if (column.kind == Kind::kInt32) {
      checks.min = std::numeric_limits<int32_t>::min();
      checks.max = std::numeric_limits<int32_t>::max();
    }
    const auto bound = [&](bool present, const char* keyword, int64_t inward, int64_t* limit) {
      if (!present) return true;
      const std::optional<int64_t> value = IntegerOf(Literal(schema, keyword));
      int64_t moved = 0;
      if (!value || __builtin_add_overflow(*value, inward, &moved)) return false;
      const bool is_min = limit == &checks.min;
      *limit = is_min ? std::max(*limit, moved) : std::min(*limit, moved);
      return true;
    };
    if (!bound(schema.minimum.has_value(), "minimum", 0, &checks.min) ||
        !bound(schema.exclusive_minimum.has_value(), "exclusiveMinimum", 1, &checks.min) ||
        !bound(schema.maximum.has_value(), "maximum", 0, &checks.max) ||
        !bound(schema.exclusive_maximum.has_value(), "exclusiveMaximum", -1, &checks.max)) {
      return false;
    }
    if (schema.multiple_of) {
      const std::optional<int64_t> unit = IntegerOf(Literal(schema, "multipleOf"));
      if (!unit || *unit < 1) return false;
      checks.multiple_of = *unit;
    }
    checks.has_values = schema.has_enum;
    for (const json::Value& value : schema.enum_values) {
      if (!value.is_number()) continue;
      const std::optional<int64_t> number = IntegerOf(value.text);
      if (!number) return false;
      checks.values.push_back(*number);
    }
    std::sort(checks.values.begin(), checks.values.end());
    node->op = column.kind == Kind::kInt32 ? Op::kInt32 : Op::kInt64;
    node->checked = column.kind == Kind::kInt32 || schema.minimum || schema.exclusive_minimum || schema.maximum ||
                    schema.exclusive_maximum || schema.multiple_of || schema.has_enum;
    node->detail = static_cast<uint32_t>(plan_.integers.size());
    plan_.integers.push_back(std::move(checks));
    return true;
  }

  bool StreamDouble(const Schema& schema, PlanNode* node) {
    if (schema.multiple_of || schema.has_enum) return false;
    DoublePlan checks;
    const auto bound = [&](bool present, const char* keyword, bool exclusive, bool is_min) {
      if (!present) return true;
      double& limit = is_min ? checks.min : checks.max;
      if (limit > -std::numeric_limits<double>::infinity() && limit < std::numeric_limits<double>::infinity()) {
        return false;  // both forms of one bound
      }
      if (DoubleOf(Literal(schema, keyword), &limit) != DoubleFault::kNone) return false;
      (is_min ? checks.min_exclusive : checks.max_exclusive) = exclusive;
      const std::optional<int64_t> whole = IntegerOf(Literal(schema, keyword));
      (is_min ? checks.min_exact : checks.max_exact) = whole && *whole < (1LL << 53) && *whole > -(1LL << 53);
      return true;
    };
    if (!bound(schema.minimum.has_value(), "minimum", false, true) ||
        !bound(schema.exclusive_minimum.has_value(), "exclusiveMinimum", true, true) ||
        !bound(schema.maximum.has_value(), "maximum", false, false) ||
        !bound(schema.exclusive_maximum.has_value(), "exclusiveMaximum", true, false)) {
      return false;
    }
    node->op = Op::kDouble;
    node->checked = schema.minimum || schema.exclusive_minimum || schema.maximum || schema.exclusive_maximum;
    node->detail = static_cast<uint32_t>(plan_.doubles.size());
    plan_.doubles.push_back(checks);
    return true;
  }

  bool StreamDecimal(const ColumnNode& column, const Schema& schema, PlanNode* node) {
    record::Int128 unit = 0;
    DecimalPlan checks;
    checks.scale = column.scale;
    if (schema.has_enum || schema.exclusive_minimum || schema.exclusive_maximum || !schema.minimum || !schema.maximum ||
        !schema.multiple_of || DecimalOf(Literal(schema, "multipleOf"), column.scale, &unit) != DecimalFault::kNone ||
        unit != 1 || DecimalOf(Literal(schema, "minimum"), column.scale, &checks.min) != DecimalFault::kNone ||
        DecimalOf(Literal(schema, "maximum"), column.scale, &checks.max) != DecimalFault::kNone) {
      return false;
    }
    node->op = Op::kDecimal;
    node->detail = static_cast<uint32_t>(plan_.decimals.size());
    plan_.decimals.push_back(checks);
    return true;
  }

  bool StreamBool(const Schema& schema, PlanNode* node) {
    uint8_t valid = schema.has_enum ? 0 : 3;
    for (const json::Value& value : schema.enum_values) {
      if (value.is_bool()) valid |= value.type == json::Type::kTrue ? 2 : 1;
    }
    node->op = Op::kBool;
    node->detail = static_cast<uint32_t>(plan_.bools.size());
    plan_.bools.push_back(valid);
    return true;
  }

  bool StreamStruct(const ColumnNode& column, const Schema& schema, PlanNode* node) {
    if (schema.has_enum || schema.properties.size() > kStreamedPropertiesMax) return false;
    const Schema* others[] = {schema.additional_properties, schema.unevaluated_properties};
    bool written = false;
    for (const Schema* other : others) {
      written |= other != nullptr;
      if (other != nullptr && !IsFalse(other) && !IsTrivial(*other)) return false;  // extra members have a schema
    }
    const bool closed = written ? IsFalse(others[0]) || (others[0] == nullptr && IsFalse(others[1])) : strict_;
    StructPlan object;
    object.column = &column;
    object.open = column.extra() != nullptr;
    if (object.open == closed) return false;
    object.keys = KeysOf(column.children);
    object.depth = depth_;
    object.required.assign(object.keys.size() / 64 + 1, 0);
    object.all = object.required;
    for (uint32_t i = 0; i < object.keys.size(); ++i) object.all[i / 64] |= uint64_t{1} << (i % 64);
    object.members_min = schema.properties_min;
    object.members_max = schema.properties_max;
    for (const Property& property : schema.properties) {
      // Keys are compared as they are written: one with a backslash is always written another way.
      if (property.name.find('\\') != std::string::npos) return false;
      const uint32_t index = object.keys.Find(property.name.data(), property.name.size());
      if (index == KeyTable::kNone) return false;  // never valid, or required without a schema
      if (property.required) object.required[index / 64] |= uint64_t{1} << (index % 64);
    }
    for (const ColumnNode& child : column.children) {
      if (!child.is_extra) object.fields.push_back(MakeInner(child));
    }
    node->op = Op::kStruct;
    node->detail = static_cast<uint32_t>(plan_.structs.size());
    plan_.structs.push_back(std::move(object));
    return true;
  }

  bool StreamList(const ColumnNode& column, const Schema& schema, PlanNode* node) {
    if (schema.has_enum || schema.items == nullptr) return false;
    ListPlan list;
    list.element = MakeInner(column.children[0]);
    list.repetition = column.repetition;
    list.items_min = schema.items_min;
    list.items_max = schema.items_max;
    node->op = Op::kList;
    node->detail = static_cast<uint32_t>(plan_.lists.size());
    plan_.lists.push_back(std::move(list));
    return true;
  }

  bool StreamMap(const ColumnNode& column, const Schema& schema, PlanNode* node) {
    if (schema.has_enum || schema.additional_properties == nullptr || schema.unevaluated_properties != nullptr ||
        !schema.properties.empty()) {
      return false;
    }
    MapPlan map;
    map.value = MakeInner(column.children[0]);
    map.repetition = column.repetition;
    map.members_min = schema.properties_min;
    map.members_max = schema.properties_max;
    node->op = Op::kMap;
    node->detail = static_cast<uint32_t>(plan_.maps.size());
    plan_.maps.push_back(std::move(map));
    return true;
  }

  Contract::Plan& plan_;
  const bool strict_;
  CheckPlanner checks_;
  uint32_t depth_ = 0;
};

}  // namespace

std::shared_ptr<const Contract::Plan> MakePlan(std::unique_ptr<const Mapping> mapping, bool strict) {
  auto plan = std::make_shared<Contract::Plan>();
  plan->mapping = std::move(mapping);
  if (plan->mapping == nullptr) {  // one column of any JSON
    plan->checks.root = CheckPlanner(plan->checks, Asserting::kAll).Position({}, false);
    plan->root.definition = 1;
    plan->root.leaf_end = 1;
    plan->streams = true;
    return plan;
  }
  Planner planner(*plan, strict);
  plan->root = planner.Make(plan->mapping->root);
  const bool is_checked = plan->root.op == Op::kChecked;
  plan->streams = (is_checked ? plan->checked[plan->root.detail].inner : plan->root).op == Op::kStruct;
  return plan;
}

}  // namespace datahub::contract
