#include "datahub/contract/inference/proposal.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "datahub/contract/inference/comment.h"
#include "datahub/contract/inference/shape.h"

namespace datahub::contract::inference {
namespace {

constexpr const char* kDialect = "https://json-schema.org/draft/2020-12/schema";

// Every place as a schema, to kDepthMax.
class SchemaWriter {
 public:
  // `count` says how often the place was there.
  void Write(const Evidence& evidence, const std::string& count, const std::optional<std::string>& column = {}) {
    out_.BeginObject();
    if (&evidence == root_) out_.Key("$schema").String(kDialect);
    const Shape shape = ShapeOf(evidence);
    WriteType(evidence, shape);
    if (shape.format != Format::kNone) out_.Key("format").String(NameOf(shape.format));
    if (shape.is_enum) WriteEnum(evidence);
    if (shape.is_minimum_zero) out_.Key("minimum").Number(int64_t{0});
    if (column && !in_text_) out_.Key("x-datahub-column").BeginObject().Key("name").String(*column).EndObject();
    const std::string comment = CommentOf(evidence, shape);
    out_.Key("$comment").String(comment.empty() ? count : count + "; " + comment);
    if (shape.form == Form::kArray && evidence.arrays->element != nullptr && !evidence.arrays->given_up) {
      out_.Key("items");
      Write(*evidence.arrays->element, Counted(evidence.arrays->items, "item"));
    }
    if (shape.form == Form::kObject) WriteMembers(*evidence.objects);
    if ((shape.form == Form::kObject || shape.form == Form::kMap) && evidence.objects->rest != nullptr) {
      out_.Key("additionalProperties");
      // Beside named members they land in dh_extra, JSON text: no columns to name.
      const bool was_in_text = in_text_;
      in_text_ |= shape.form == Form::kObject && !InOrder(*evidence.objects).empty();
      Write(*evidence.objects->rest, Counted(evidence.objects->rest->present, "value"));
      in_text_ = was_in_text;
    }
    out_.EndObject();
  }

  SchemaWriter(const Evidence& root, const std::string& count) : root_(&root) { Write(root, count); }
  std::string Take() && { return std::move(out_).Take(); }

 private:
  void WriteType(const Evidence& evidence, const Shape& shape) {
    if (shape.form == Form::kOpen) return;
    out_.Key("type");
    if (shape.types.size() == 1 && evidence.nulls == 0) {
      out_.String(shape.types.front());
      return;
    }
    out_.BeginArray();
    for (const std::string_view type : shape.types) out_.String(type);
    if (evidence.nulls > 0) out_.String("null");
    out_.EndArray();
  }

  void WriteEnum(const Evidence& evidence) {
    out_.Key("enum").BeginArray();
    for (const ValueCounts::Counted& counted : evidence.strings->values.Sorted()) out_.String(counted.value);
    if (evidence.nulls > 0) out_.Null();
    out_.EndArray();
  }

  void WriteMembers(const Objects& objects) {
    const std::vector<const Member*> members = InOrder(objects);
    if (members.empty()) return;
    const std::vector<std::optional<std::string>> columns = ColumnNames(members);
    out_.Key("properties").BeginObject();
    bool any_required = false;
    for (size_t i = 0; i < members.size(); ++i) {
      const Evidence& evidence = *members[i]->evidence;
      out_.Key(members[i]->key);
      Write(evidence, ShareOf(evidence.present, objects.count), columns[i]);
      any_required |= evidence.present == objects.count;
    }
    out_.EndObject();
    if (!any_required) return;
    out_.Key("required").BeginArray();
    for (const Member* member : members) {
      if (member->evidence->present == objects.count) out_.String(member->key);
    }
    out_.EndArray();
  }

  const Evidence* root_;
  bool in_text_ = false;
  json::Writer out_;
};

bool HoldsObjects(const json::Value& value) {
  return std::any_of(value.members.begin(), value.members.end(), [](const json::Member& member) {
    return member.value.is_object() && member.key != "x-datahub-column";
  });
}

// Objects that hold others over several lines, everything else on one.
void AppendIndented(std::string& out, const json::Value& value, size_t indent) {
  const bool breaks = value.is_object() && HoldsObjects(value);
  if (!value.is_object() && !value.is_array()) return json::AppendValue(out, value);
  const auto next = [&](bool is_first, size_t by) {
    if (!is_first) out += breaks ? "," : ", ";
    if (breaks) out.append("\n").append(indent + by, ' ');
  };
  out += value.is_object() ? '{' : '[';
  bool is_first = true;
  for (const json::Member& member : value.members) {
    next(std::exchange(is_first, false), 2);
    json::AppendString(out, member.key);
    out += ": ";
    AppendIndented(out, member.value, indent + 2);
  }
  for (const json::Value& element : value.elements) {
    next(std::exchange(is_first, false), 2);
    AppendIndented(out, element, indent + 2);
  }
  if (breaks) out.append("\n").append(indent, ' ');
  out += value.is_object() ? '}' : ']';
}

std::string Indented(const std::string& compact) {
  json::Document document;
  const auto value = document.Parse(compact);
  DH_ASSERT(value.has_value());
  std::string out;
  AppendIndented(out, **value, 0);
  out += '\n';
  return out;
}

std::string EvidenceText(const Inference& inference) {
  json::Writer out;
  out.BeginObject().Key("events").Number(inference.events()).Key("invalid_lines").Number(inference.invalid());
  out.Key("bytes").Number(inference.bytes()).Key("reached_places_max").Bool(inference.reached_places_max());
  out.Key("root");
  AppendEvidence(out, inference.root(), inference.events());
  out.EndObject();
  return std::move(out).Take();
}

}  // namespace

Proposal Propose(Inference&& inference) {
  inference.FindMaps();
  SchemaWriter schema(inference.root(), Counted(inference.events(), "event"));
  return {Indented(std::move(schema).Take()), EvidenceText(inference)};
}

}  // namespace datahub::contract::inference
