#include "datahub/app/project_schema.h"

#include <fmt/format.h>

#include "datahub/app/project_fields.h"
#include "datahub/base/json.h"

namespace datahub::app {
namespace {

using json::Writer;

// Any text may be, or hold, a variable.
constexpr std::string_view kVariable = R"(\$\{)";
constexpr std::string_view kName = R"(^[a-z][a-z0-9_]{0,63}$|\$\{)";
constexpr std::string_view kAddress = R"(^[A-Za-z][A-Za-z0-9+.-]*:[^#?\s]*/$)";
constexpr std::string_view kReserved = "^dh_|_quarantine$";
constexpr std::string_view kCount = R"(^[0-9]+$|\$\{)";
constexpr std::string_view kBytes = R"(^[0-9]+( ?([KMGT]i?)?B)?$|\$\{)";
constexpr std::string_view kDuration = R"(^[0-9]+ ?(us|ms|s|m|h|d)$|\$\{)";

bool AnyRequired(std::span<const FieldRow> rows) {
  for (const FieldRow& row : rows) {
    if (row.required) return true;
  }
  return false;
}

class SchemaWriter {
 public:
  std::string Write() && {
    out_.BeginObject().Key("$schema").String("https://json-schema.org/draft/2020-12/schema");
    out_.Key("title").String("datahub.yaml").Key("type").String("object");
    Fields(kProjectFields);
    out_.EndObject();
    return std::move(out_).Take();
  }

 private:
  // The keywords of a mapping of these fields; `kind`: of this kind of source.
  void Fields(std::span<const FieldRow> rows, const source::KindRow* kind = nullptr) {
    std::vector<FieldRow> all(rows.begin(), rows.end());
    if (kind != nullptr) {
      for (const FieldRow& row : OptionFields(*kind)) all.push_back(row);
    }
    out_.Key("properties").BeginObject();
    for (const FieldRow& row : all) {
      if (row.type == FieldType::kRefused) continue;
      out_.Key(row.name);
      if (kind != nullptr && row.name == "kind") {
        out_.BeginObject().Key("const").String(kind->kind).EndObject();
      } else {
        Field(row);
      }
    }
    out_.EndObject().Key("required").BeginArray();
    for (const FieldRow& row : all) {
      if (row.required) out_.String(row.name);
    }
    out_.EndArray().Key("additionalProperties").Bool(false);
  }

  // An empty optional field is an absent one.
  void Field(const FieldRow& row) {
    out_.BeginObject().Key("description").String(row.description);
    if (!row.required) {
      out_.Key("anyOf").BeginArray().BeginObject().Key("type").String("null").EndObject().BeginObject();
      Value(row);
      out_.EndObject().EndArray();
    } else {
      Value(row);
    }
    out_.EndObject();
  }

  // The keywords of a field's value.
  void Value(const FieldRow& row) {
    switch (row.type) {
      case FieldType::kText:
        return Text();
      case FieldType::kTexts:
      case FieldType::kChoices:
        out_.Key("anyOf").BeginArray().BeginObject();
        One(row);
        out_.EndObject().BeginObject().Key("type").String("array").Key("items").BeginObject();
        One(row);
        out_.EndObject().Key("minItems").Number(row.min).EndObject().EndArray();
        return;
      case FieldType::kName:
        return Name();
      case FieldType::kCount:
        return Amount(row, kCount);
      case FieldType::kBytes:
        return Amount(row, kBytes);
      case FieldType::kDuration:
        return Pattern(kDuration);
      case FieldType::kChoice:
        return Choice(row);
      case FieldType::kSection:
        return Section(row.fields);
      case FieldType::kShort:
        out_.Key("anyOf").BeginArray().BeginObject();
        Text();
        out_.EndObject().BeginObject();
        Section(row.fields);
        out_.EndObject().EndArray();
        return;
      case FieldType::kFolders:
        out_.Key("type")
            .String("object")
            .Key("propertyNames")
            .BeginObject()
            .Key("pattern")
            .String(kAddress)
            .EndObject();
        out_.Key("additionalProperties").BeginObject();
        Text();
        out_.EndObject();
        return;
      case FieldType::kNamed:
        out_.Key("type").String("object").Key("propertyNames").BeginObject();
        Name();
        out_.EndObject().Key("additionalProperties").BeginObject();
        row.fields.data() == kSourceFields ? Source() : Section(row.fields);
        out_.EndObject();
        return;
      case FieldType::kList:
        out_.Key("type").String("array").Key("items").BeginObject();
        Section(row.fields);
        out_.EndObject();
        return;
      case FieldType::kEmpty:
        Types({"array", "object"});
        out_.Key("maxItems").Number(int64_t{0}).Key("maxProperties").Number(int64_t{0});
        return;
      case FieldType::kRefused:
        return;
    }
  }

  void Section(std::span<const FieldRow> rows) {
    AnyRequired(rows) ? Types({"object"}) : Types({"object", "null"});
    Fields(rows);
  }

  // One of the kinds, each with its own options.
  void Source() {
    out_.Key("oneOf").BeginArray();
    for (const source::KindRow& kind : source::Kinds()) {
      out_.BeginObject().Key("type").String("object");
      Fields(kSourceFields, &kind);
      out_.EndObject();
    }
    out_.BeginObject().Key("type").String("object").Key("properties").BeginObject().Key("kind").BeginObject();
    Pattern(kVariable);
    out_.EndObject().EndObject().Key("required").BeginArray().String("kind").EndArray().EndObject().EndArray();
  }

  void One(const FieldRow& row) { row.type == FieldType::kTexts ? Text() : Choice(row); }
  // YAML reads 2024 as a number and true as a flag; the loader takes what was written.
  void Text() {
    Types({"string", "number", "boolean"});
    out_.Key("minLength").Number(int64_t{1});
  }
  void Name() {
    Pattern(kName);
    out_.Key("not").BeginObject().Key("pattern").String(kReserved).EndObject();
  }
  void Pattern(std::string_view pattern) { out_.Key("type").String("string").Key("pattern").String(pattern); }
  void Amount(const FieldRow& row, std::string_view pattern) {
    out_.Key("anyOf").BeginArray().BeginObject().Key("type").String("integer").Key("minimum").Number(row.min);
    if (row.max > 0) out_.Key("maximum").Number(row.max);
    out_.EndObject().BeginObject();
    Pattern(pattern);
    out_.EndObject().EndArray();
  }
  void Choice(const FieldRow& row) {
    out_.Key("anyOf").BeginArray().BeginObject().Key("enum").BeginArray();
    for (const std::string_view word : row.choices) out_.String(word);
    out_.EndArray().EndObject().BeginObject();
    Pattern(kVariable);
    out_.EndObject().EndArray();
  }
  void Types(std::initializer_list<std::string_view> types) {
    out_.Key("type").BeginArray();
    for (const std::string_view type : types) out_.String(type);
    out_.EndArray();
  }

  Writer out_;
};

FieldType TypeOf(source::OptionType type) {
  switch (type) {
    case source::OptionType::kText:
      return FieldType::kText;
    case source::OptionType::kTexts:
      return FieldType::kTexts;
    case source::OptionType::kDuration:
      return FieldType::kDuration;
    case source::OptionType::kBytes:
      return FieldType::kBytes;
    case source::OptionType::kFlag:
      return FieldType::kChoice;
  }
  return FieldType::kText;
}

}  // namespace

std::vector<FieldRow> OptionFields(const source::KindRow& kind) {
  std::vector<FieldRow> rows;
  for (const source::OptionRow& option : kind.options) {
    rows.push_back({.name = option.name,
                    .type = TypeOf(option.type),
                    .description = option.description,
                    .required = option.required,
                    .min = option.type == source::OptionType::kTexts ? 1u : 0u,
                    .choices = option.type == source::OptionType::kFlag ? std::span(kBooleans)
                                                                        : std::span<const std::string_view>()});
  }
  return rows;
}

std::string ProjectSchema() { return SchemaWriter().Write(); }

}  // namespace datahub::app
