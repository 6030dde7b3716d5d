// What x-datahub-* may say, what is made of it, and how what it may not say is refused.

#include "datahub/contract/annotations.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>

#include <gtest/gtest.h>

#include <fmt/format.h>

#include "datahub/contract/contract.h"
#include "datahub/contract/walker_fixture.h"

namespace datahub::contract {
namespace {

std::string last_text;  // the last contract compiled
std::vector<CompileError> annotation_errors;

std::shared_ptr<const Contract> Compiled(std::string schema, const CompileOptions& options = {}) {
  last_text = schema;
  annotation_errors.clear();
  return Contract::Compile(std::move(schema), {.name = "t", .schema = options}, &annotation_errors);
}

// "pointer message", of each error in a line.
std::string AnnotationErrors(std::string schema, const CompileOptions& options = {}) {
  const bool refused = Compiled(std::move(schema), options) == nullptr;
  EXPECT_EQ(refused, !annotation_errors.empty());
  std::string said;
  for (const CompileError& error : annotation_errors)
    said += (said.empty() ? "" : "\n") + error.pointer + " " + error.message;
  return said;
}

// What is said of a contract: "key id; event_time at; email: email none".
std::string Said(std::string schema, const CompileOptions& options = {}) {
  const auto contract = Compiled(std::move(schema), options);
  if (contract == nullptr) return AnnotationErrors(last_text, options);
  std::string said;
  const auto add = [&](const std::string& one) { said += (said.empty() ? "" : "; ") + one; };
  for (const NamedMember& member : contract->annotations().key) add("key " + ToString(member.column));
  if (const auto& time = contract->annotations().event_time) add("event_time " + ToString(time->column));
  for (const PersonalColumn& one : contract->annotations().personal)
    add(fmt::format("{}: {} {}", ToString(one.column), NameOf(one.pii_class), NameOf(one.mask)));
  return said;
}

constexpr const char* kOrder = R"({{"type": "object", "required": ["id", "at", "order", "day"], {} "properties": {{
  "id": {{"type": "string"}}, "at": {{"type": "string", "format": "date-time"}},
  "day": {{"type": "string", "format": "date"}}, "free": {{"type": "string"}},
  "order": {{"type": "object", "required": ["number", "lines", "note"], "properties": {{
    "number": {{"type": "integer", "x-datahub-column": {{"name": "no"}}}}, "note": {{"type": ["string", "null"]}},
    "lines": {{"type": "array", "items": {{"type": "object", "properties": {{"a/b": {{"type": "string",
      "x-datahub-column": {{"name": "ab"}}}}}}}}}}}}}}}}}})";

std::string Order(const std::string& annotation) { return fmt::format(kOrder, annotation + ","); }

// One property `a` of this schema.
std::string Property(const std::string& schema, const std::string& more = "") {
  return R"({"type": "object", "properties": {"a": )" + schema + "}" + more + "}";
}

void ExpectError(const std::string& schema, const std::string& said) {
  EXPECT_NE(AnnotationErrors(schema).find(said), std::string::npos) << schema << "\n" << AnnotationErrors(schema);
}

TEST(Annotations, NothingIsSaid) { EXPECT_EQ(Said(fmt::format(kOrder, "")), ""); }

TEST(Annotations, KeyAndEventTime) {
  EXPECT_EQ(Said(Order(R"("x-datahub-key": ["/id"], "x-datahub-event-time": "/at")")), "key id; event_time at");
  EXPECT_EQ(Said(Order(R"("x-datahub-key": ["/order/number", "/id"], "x-datahub-event-time": "/day")")),
            "key order.no; key id; event_time day");
  const auto contract = Compiled(Order(R"("x-datahub-key": ["/order/number"])"));
  ASSERT_NE(contract, nullptr);
  EXPECT_EQ(contract->annotations().key[0].pointer, "/order/number");
  // A part that always applies may require it, and describe it.
  EXPECT_EQ(Said(R"({"type": "object", "properties": {"a": {"$ref": "#/$defs/id"}}, "allOf": [{"required": ["a"]}],
      "$defs": {"id": {"type": "string"}}, "x-datahub-key": ["/a"]})"),
            "key a");
  EXPECT_EQ(Said(R"({"type": "object", "required": ["a/b", "c~d"], "properties": {
      "a/b": {"type": "string", "x-datahub-column": {"name": "ab"}}, "c~d": {"type": "string"}},
      "x-datahub-key": ["/a~1b", "/c~0d"]})"),
            "key ab; key c~d");
}

TEST(Annotations, MembersThatCannotServe) {
  const std::pair<const char*, const char*> cases[] = {
      {R"(["/none"])", "there is no property '/none'"},
      {R"(["/order/none"])", "there is no property '/order/none'"},
      {R"(["/free"])", "'/free' may be absent"},
      {R"(["/order"])", "is struct, which cannot identify a record"},
      {R"(["/order/lines"])", "is list, which cannot identify"},
      {R"(["/order/lines/a~1b"])", "lies in '/order/lines', which is no object with columns: list"},
      {R"(["/order/note"])", "'/order/note' may be null"},
      {R"(["/id", "/at", "/id"])", "names '/id' twice"},
      {R"([])", "is empty"},
      {R"("/id")", "is not an array"},
      {R"([1])", "names a member by text"},
      {R"(["id"])", "'id' is not a JSON pointer"},
      {R"([""])", "'' is not a JSON pointer"},
      {R"(["/~2"])", "after ~ comes 0 or 1"},
  };
  for (const auto& [key, said] : cases) {
    ExpectError(Order(fmt::format(R"("x-datahub-key": {})", key)), "#/x-datahub-key x-datahub-key");
    ExpectError(last_text, said);
    ASSERT_EQ(annotation_errors.size(), 1u) << key;
    EXPECT_GE(annotation_errors[0].offset, last_text.find(key));  // the place of the member, not of the contract
    EXPECT_LT(annotation_errors[0].offset, last_text.find(key) + std::string_view(key).size());
  }
  const std::pair<const char*, const char*> times[] = {
      {R"("/id")", "the column of '/id' is string, not a time"},
      {R"("/order")", "is struct, not a time"},
      {R"("/free")", "may be absent"},
      {R"("/none")", "there is no property"},
      {R"(["/at"])", "names a member by text"},
  };
  for (const auto& [time, said] : times) ExpectError(Order(fmt::format(R"("x-datahub-event-time": {})", time)), said);
  const std::string many = [] {
    std::string names;
    for (size_t i = 0; i <= kKeyMembersMax; ++i) names += fmt::format("{}\"/a{}\"", i > 0 ? "," : "", i);
    return names;
  }();
  ExpectError(Order(fmt::format(R"("x-datahub-key": [{}])", many)), "more than 32 members");
}

// Required and not null in every event: what only a branch says is not enough.
TEST(Annotations, MembersThatAreNotAlwaysThere) {
  const auto with = [](const std::string& rest) { return R"({"x-datahub-key": ["/a"], )" + rest + "}"; };
  const std::string a = R"("properties": {"a": {"type": "string"}})";
  EXPECT_EQ(Said(with(R"("type": "object", "required": ["a"], )" + a)), "key a");
  ExpectError(with(R"("type": ["object", "null"], "required": ["a"], )" + a), "the event may be null");
  ExpectError(with(R"("type": "object", "anyOf": [{"required": ["a"]}, {"required": ["b"]}], )" + a), "may be absent");
  ExpectError(with(R"("type": "object", "if": {"required": ["b"]}, "then": {"required": ["a"]}, )" + a),
              "may be absent");
  ExpectError(with(R"("type": "object", "required": ["a"], "properties": {"a": true},
      "anyOf": [{"properties": {"a": {"type": "string"}}}, {}])"),
              "'/a' may be null");
  ExpectError(with(R"("type": "object", "required": ["a"], "properties": {"a": {"enum": ["x", null]}})"),
              "may be null");
  ExpectError(with(R"("type": "array", "items": {})"), "lies in the event, which is no object with columns: json");
  ExpectError(with(R"("type": "object", "required": ["a"], "properties": {"a": {"type": ["string", "integer"]}})"),
              "is json, which cannot identify");
}

TEST(Annotations, KeyAndEventTimeStandAtTheRootAlone) {
  ExpectError(Property(R"({"type": "object", "x-datahub-key": ["/a"]})"),
              "#/properties/a/x-datahub-key x-datahub-key stands at the root of a contract alone");
  ExpectError(R"({"allOf": [{"x-datahub-event-time": "/a"}]})", "stands at the root of a contract alone");
  ExpectError(R"({"$ref": "#/$defs/e", "$defs": {"e": {"x-datahub-key": ["/a"]}}})", "at the root of a contract alone");
  ExpectError(Property(R"({"$id": "https://example.org/a", "x-datahub-key": ["/a"]})"), "root of a contract alone");
  ExpectError(Property("true", R"(, "$defs": {"#": {"x-datahub-key": ["/a"]}})"), "root of a contract alone");
  // Of another contract they are that one's own.
  CompileOptions options;
  options.documents = [](const std::string&) -> std::optional<std::string> {
    return R"({"type": "object", "required": ["b"], "properties": {"b": {"type": "string",
        "x-datahub-pii": {"class": "phone"}}}, "x-datahub-key": ["/b"]})";
  };
  EXPECT_EQ(Said(Property(R"({"$ref": "https://example.org/user.json"})"), options), "a.b: phone none");
}

TEST(Annotations, PersonalData) {
  EXPECT_EQ(Said(Property(R"({"type": "string", "x-datahub-pii": {"class": "email"}})")), "a: email none");
  EXPECT_EQ(Said(Property(R"({"type": "string", "x-datahub-pii": {"class": "phone", "mask": "last4"}})")),
            "a: phone last4");
  EXPECT_EQ(Said(Property(R"({"type": "integer", "x-datahub-pii": {"class": "birth", "mask": "redact"}})")),
            "a: birth redact");
  // Of a whole object and of what is in it, of elements, of a map's values.
  EXPECT_EQ(Said(Property(R"({"type": "object", "x-datahub-pii": {"class": "address"}, "properties": {
      "zip": {"type": "string", "x-datahub-pii": {"class": "location"}},
      "notes": {"type": "array", "items": {"type": "string", "x-datahub-pii": {"class": "health"}}},
      "cards": {"type": "object", "additionalProperties": {"type": "string", "x-datahub-pii": {"class": "payment"}}}}})")),
            "a: address none; a.zip: location none; a.notes.element: health none; a.cards.value: payment none");
  // Where it is reached by $ref, in every dialect beside it too; from allOf and from branches.
  for (const char* dialect :
       {"http://json-schema.org/draft-07/schema#", "https://json-schema.org/draft/2020-12/schema"}) {
    EXPECT_EQ(Said(fmt::format(R"({{"$schema": "{}", "type": "object", "properties": {{
        "a": {{"$ref": "#/definitions/mail"}}, "b": {{"$ref": "#/definitions/text", "x-datahub-pii": {{"class": "name"}},
        "x-datahub-column": {{"name": "c"}}}}}}, "definitions": {{"text": {{"type": "string"}},
        "mail": {{"type": "string", "x-datahub-pii": {{"class": "email"}}}}}}}})",
                               dialect)),
              "a: email none; c: name none")
        << dialect;
  }
  EXPECT_EQ(Said(Property(R"({"type": "string", "allOf": [{"x-datahub-pii": {"class": "email"}}]})")), "a: email none");
  EXPECT_EQ(Said(Property(R"({"anyOf": [{"type": "string", "x-datahub-pii": {"class": "email"}}, {"type": "null"}]})")),
            "a: email none");
}

TEST(Annotations, PersonalDataIsInTheDescription) {
  const auto contract = Compiled(R"({"type": "object", "properties": {
      "a": {"type": "string", "description": "Where to write to", "x-datahub-pii": {"class": "email"}},
      "b": {"type": "object", "properties": {"c": {"type": "string", "x-datahub-pii": {"class": "name"}},
                                              "d": {"type": "string", "x-datahub-pii": {"class": "phone"}}}},
      "e": {"type": "string", "description": "free"}}})");
  ASSERT_NE(contract, nullptr);
  EXPECT_EQ(contract->columns().fields[0].description, "Where to write to (personal data: email)");
  EXPECT_EQ(contract->columns().fields[1].description, "personal data: name in b.c, phone in b.d");
  EXPECT_EQ(contract->columns().fields[2].description, "free");
}

TEST(Annotations, PersonalDataThatIsWrong) {
  const auto pii = [](const std::string& value, const std::string& type = R"("string")") {
    return Property(R"({"type": )" + type + R"(, "x-datahub-pii": )" + value + "}");
  };
  ExpectError(pii("true"), "#/properties/a/x-datahub-pii x-datahub-pii is not an object");
  ExpectError(pii("{}"), "is empty");
  ExpectError(pii(R"({"mask": "none"})"), "has no 'class'");
  ExpectError(pii(R"({"class": "mail"})"), "the class 'mail', which is not known");
  ExpectError(pii(R"({"class": 1})"), "a 'class' that is not text");
  ExpectError(pii(R"({"class": "email", "mask": "md5"})"), "the mask 'md5', which is not known");
  ExpectError(pii(R"({"class": "email", "level": "high"})"), "has 'level', which is not known");
  ExpectError(pii(R"({"class": "birth", "mask": "hash"})", R"("integer")"), "column a is int64");
  ExpectError(pii(R"({"class": "birth", "mask": "last4"})", R"(["string", "integer"])"), "column a is json");
  ExpectError(R"({"type": "object", "properties": {"a": true}, "x-datahub-pii": {"class": "name"}})", "at the root");
  // Also where no column looks: in definitions that nothing refers to.
  ExpectError(Property("true", R"(, "$defs": {"x": {"x-datahub-pii": {"class": "mail"}}})"),
              "#/$defs/x/x-datahub-pii x-datahub-pii has the class 'mail'");
  // Parts that contradict each other; which say the same do not.
  const std::string mail = R"({"type": "string", "x-datahub-pii": {"class": "email"}})";
  ExpectError(
      Property(R"({"$ref": "#/$defs/m", "x-datahub-pii": {"class": "name"}})", R"(, "$defs": {"m": )" + mail + "}"),
      "#/$defs/m/x-datahub-pii x-datahub-pii says email with mask none, and name with mask none at #/properties/a");
  EXPECT_EQ(Said(Property(R"({"$ref": "#/$defs/m", "x-datahub-pii": {"class": "email"}})",
                          R"(, "$defs": {"m": )" + mail + "}")),
            "a: email none");
}

// What is personal must not hide where no column shows it.
TEST(Annotations, PersonalDataInText) {
  const std::string mail = R"({"type": "string", "x-datahub-pii": {"class": "email"}})";
  ExpectError(
      Property(R"({"type": "array", "prefixItems": [)" + mail + "]}"),
      "#/properties/a column a is JSON text, in which personal data would hide: #/properties/a/prefixItems/0 has");
  EXPECT_EQ(Said(Property(R"({"type": "array", "x-datahub-pii": {"class": "other"}, "prefixItems": [)" + mail + "]}")),
            "a: other none");
  ExpectError(
      Property(R"({"type": "object", "x-datahub-column": {"type": "json"}, "properties": {"m": )" + mail + "}}"),
      "column a is JSON text");
  const auto recursive = [&](const std::string& next) {
    return R"({"type": "object", "properties": {"m": )" + mail + R"(, "next": {"$ref": "#")" + next + "}}}";
  };
  ExpectError(recursive(""), "#/properties/next column next is JSON text");
  EXPECT_EQ(Said(recursive(R"(, "x-datahub-pii": {"class": "other"})")), "m: email none; next: other none");
  for (const char* keyword : {"additionalProperties", "unevaluatedProperties"}) {
    ExpectError(Property("true", fmt::format(R"(, "{}": {})", keyword, mail)), "lands in dh_extra");
    ExpectError(
        Property(R"({"type": "object", "properties": {"b": true}, ")" + std::string(keyword) + "\": " + mail + "}"),
        "lands in dh_extra");
  }
  ExpectError(Property("true", R"(, "patternProperties": {"^m": )" + mail + "}"), "lands in dh_extra");
}

TEST(Annotations, ThatNoColumnStandsFor) {
  const std::string pii = R"({"x-datahub-pii": {"class": "email"}})";
  const std::string column = R"({"x-datahub-column": {"name": "b"}})";
  for (const std::string& annotation : {pii, column}) {
    ExpectError(Property(R"({"type": "string", "not": )" + annotation + "}"), "has no effect: it describes nothing");
    ExpectError(Property(R"({"type": "object", "propertyNames": )" + annotation +
                         R"(, "additionalProperties": {"type": "integer"}})"),
                "has no effect");
    ExpectError(Property(R"({"type": "array", "items": {"type": "string"}, "contains": )" + annotation + "}"),
                "has no effect");
    EXPECT_EQ(AnnotationErrors(Property("true", R"(, "$defs": {"unused": )" + annotation + "}")), "");
  }
  ExpectError(Property(R"({"type": ["object", "string"], "properties": {"m": )" + column + "}}"),
              "has no effect: it lies in a column of JSON text");
}

TEST(Annotations, Columns) {
  const auto columns = [](const std::string& schema) {
    const auto contract = Compiled(Property(schema));
    if (contract == nullptr) return AnnotationErrors(last_text);
    std::string said;
    for (const record::Field& field : contract->columns().fields) said += field.name + ": " + record::ToString(field);
    return said;
  };
  const auto typed = [&](const std::string& schema, const std::string& type) {
    return columns("{" + schema + R"(, "x-datahub-column": {"type": ")" + type + "\"}}");
  };
  EXPECT_EQ(typed(R"("type": "integer")", "int32"), "a: int32");
  EXPECT_EQ(typed(R"("type": ["integer", "null"])", "int32"), "a: int32");
  EXPECT_EQ(typed(R"("type": "string", "format": "date-time")", "string"), "a: string");
  EXPECT_EQ(typed(R"("type": "string", "format": "date")", "string"), "a: string");
  EXPECT_EQ(typed(R"("type": "object", "properties": {"x": {"type": "integer"}})", "json"), "a: json");
  EXPECT_EQ(typed(R"("type": "array", "items": {"type": "integer"})", "json"), "a: json");
  EXPECT_EQ(typed(R"("type": "number")", "json"), "a: json");
  for (const char* type : {R"("type": "number")", R"("type": "string")", R"("type": "boolean")", R"("minimum": 1)"}) {
    EXPECT_NE(typed(type, "int32").find("asks for int32, which cannot hold"), std::string::npos) << type;
  }
  for (const char* type : {R"("type": "integer")", R"("type": "boolean")", R"("type": "object")"}) {
    EXPECT_NE(typed(type, "string").find("asks for string, which cannot hold"), std::string::npos) << type;
  }
  EXPECT_NE(typed(R"("type": "integer")", "int16").find("the type 'int16', which is not known"), std::string::npos);
  const auto says = [&](const std::string& schema, const std::string& said) {
    EXPECT_NE(columns(schema).find(said), std::string::npos) << schema << "\n" << columns(schema);
  };
  says(R"({"x-datahub-column": {"name": ""}})", "has an empty name");
  says(R"({"x-datahub-column": {}})", "is empty");
  says(R"({"x-datahub-column": {"name": 1}})", "a 'name' that is not text");
  says(R"({"x-datahub-column": {"name": "dh_a"}})", "the prefix dh_ is reserved");
  says(R"({"x-datahub-column": {"name": "a b"}})", "cannot be held by Hive");
  says(R"({"type": "array", "items": {"type": "string", "x-datahub-column": {"name": "b"}}})", "the element of a list");
  says(R"({"additionalProperties": {"type": "string", "x-datahub-column": {"name": "b"}}, "type": "object"})",
       "the value of a map");
  says(R"({"allOf": [{"x-datahub-column": {"name": "b"}}, {"x-datahub-column": {"name": "c"}}]})",
       "names the column 'c', and 'b' at #/properties/a/allOf/0");
  says(
      R"({"type": "integer", "x-datahub-column": {"type": "json"}, "allOf": [{"x-datahub-column": {"type": "int32"}}]})",
      "asks for int32, and for json at #/properties/a");
  EXPECT_EQ(columns(R"({"type": "integer", "allOf": [{"x-datahub-column": {"name": "b"}},
      {"x-datahub-column": {"name": "b", "type": "int32"}}]})"),
            "b: int32");
  ExpectError(R"({"type": "object", "properties": {"a": true}, "x-datahub-column": {"name": "b"}})", "at the root");
  ExpectError(R"({"$schema": "http://json-schema.org/draft-07/schema#", "$ref": "#/definitions/a",
      "definitions": {"a": true}, "x-datahub-colum": 1})",
              "is not known");
}

TEST(Annotations, UnknownOnes) {
  for (const char* keyword : {"x-datahub-colour", "x-datahub-Pii", "X-Datahub-pii", "x-datahub_pii", "x-datahub"}) {
    ExpectError(Property(fmt::format(R"({{"{}": {{"class": "email"}}}})", keyword)), "is not known");
    EXPECT_NE(annotation_errors[0].hint.find("x-datahub-column, x-datahub-event-time, x-datahub-key, x-datahub-pii"),
              std::string::npos);
  }
  EXPECT_EQ(AnnotationErrors(Property(R"({"x-data": 1, "x-other": 2})")), "");
}

const record::Field* FieldAt(const record::TableSchema& columns, const ColumnPath& path) {
  const std::vector<record::Field>* fields = &columns.fields;
  const record::Field* found = nullptr;
  for (const std::string& name : path) {
    const auto field = std::ranges::find(*fields, name, &record::Field::name);
    if (field == fields->end()) return nullptr;
    found = &*field;
    fields = &field->children;
  }
  return found;
}

// Annotations put anywhere: refused with places, or what they say is of columns that are there.
TEST(Annotations, PutAnywhere) {
  constexpr int kContracts = 4000;
  const std::string bases[] = {
      fmt::format(kOrder, ""),
      R"({"type": "object", "required": ["m"], "properties": {"m": {"type": "string"}, "next": {"$ref": "#"},
          "l": {"type": "array", "items": {"anyOf": [{"type": "integer"}, {"type": "null"}]}, "contains": {}}},
          "patternProperties": {"^x": {}}, "if": {}, "then": {"properties": {"t": {"not": {}}}}})",
      R"({"$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "required": ["a"],
          "properties": {"a": {"$ref": "#/definitions/d"}, "b": {"oneOf": [{"type": "string"}, {"type": "object"}]},
          "c": {"type": "object", "additionalProperties": {"type": "string"}, "propertyNames": {}}},
          "definitions": {"d": {"type": "string", "format": "date-time"}}})",
      R"({"type": "array", "items": {"type": "string"}})"};
  const char* const annotations[] = {
      R"("x-datahub-pii":{"class":"email"})",    R"("x-datahub-pii":{"class":"name","mask":"hash"})",
      R"("x-datahub-column":{"type":"json"})",   R"("x-datahub-column":{"type":"int32"})",
      R"("x-datahub-column":{"name":"other"})",  R"("x-datahub-key":["/a"])",
      R"("x-datahub-key":["/m","/id"])",         R"("x-datahub-event-time":"/a")",
      R"("x-datahub-event-time":"/order/none")", R"("x-datahub-key":{})"};
  const char* const given = std::getenv("DH_FUZZ_SEED");
  const uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
  std::printf("DH_FUZZ_SEED=%llu\n", static_cast<unsigned long long>(seed));
  std::mt19937_64 random(seed);
  int taken = 0;
  for (int i = 0; i < kContracts && !HasFailure(); ++i) {
    std::string schema = bases[random() % std::size(bases)];
    for (uint64_t more = 1 + random() % 3; more > 0; --more) {
      std::vector<size_t> opened;
      for (size_t at = 0; at < schema.size(); ++at) {
        if (schema[at] == '{') opened.push_back(at + 1);
      }
      const size_t at = opened[random() % opened.size()];
      const bool is_empty = schema[schema.find_first_not_of(" \n", at)] == '}';
      schema.insert(at, std::string(annotations[random() % std::size(annotations)]) + (is_empty ? "" : ","));
    }
    SCOPED_TRACE(schema);
    const auto contract = Compiled(schema);
    ASSERT_EQ(contract == nullptr, !annotation_errors.empty());
    for (const CompileError& error : annotation_errors) {
      EXPECT_LT(error.offset, schema.size());
      EXPECT_TRUE(error.pointer.starts_with('#')) << error.pointer;
      EXPECT_NE(error.message, "");
    }
    if (contract == nullptr) continue;
    ++taken;
    const Annotations& said = contract->annotations();
    for (const NamedMember& member : said.key) EXPECT_NE(FieldAt(contract->columns(), member.column), nullptr);
    if (said.event_time) {
      const record::Field* const field = FieldAt(contract->columns(), said.event_time->column);
      ASSERT_NE(field, nullptr);
      EXPECT_TRUE(field->kind == record::Kind::kTimestamp || field->kind == record::Kind::kDate);
    }
    for (const PersonalColumn& one : said.personal) EXPECT_NE(FieldAt(contract->columns(), one.column), nullptr);
  }
  std::printf("%d of %d contracts taken\n", taken, kContracts);
  EXPECT_GT(taken, kContracts / 20);
}

// A column of text holds what came, judged by the same schema; both ways.
TEST(Annotations, ColumnsOfTextHoldWhatCame) {
  const auto contract = MustCompile(R"({"type": "object", "properties": {
      "at": {"type": "string", "format": "date-time", "x-datahub-column": {"type": "string"}},
      "o": {"type": "object", "properties": {"x": {"type": "integer"}}, "x-datahub-column": {"type": "json"}},
      "n": {"type": "number", "maximum": 9, "x-datahub-column": {"type": "json"}}}})");
  for (const Walker::Way way : {Walker::Way::kFast, Walker::Way::kExhaustive}) {
    Walker walker(contract, way);
    const WalkResult result =
        walker.Walk(ChunkOf(R"({"at": "2026-01-05T12:00:00.1234567+02:00", "o": {"x": 1}, "n": 1.50}
{"at": "yesterday"}
{"o": {"x": "1"}}
{"o": {"x": 1, "y": 2}}
{"n": 10}
)"));
    ASSERT_EQ(result.accepted->rows, 1u);
    EXPECT_EQ(Dump(result.accepted->leaves[0], 1), "1:'2026-01-05T12:00:00.1234567+02:00'");
    EXPECT_EQ(Dump(result.accepted->leaves[1], 1), R"(1:'{"x": 1}')");
    EXPECT_EQ(Dump(result.accepted->leaves[2], 1), "1:'1.50'");
    std::string keywords;
    for (const Rejected& rejected : result.rejected) keywords += rejected.reasons.at(0).instance + " ";
    EXPECT_EQ(keywords, "/at /o/x /o/y /n ");
  }
}

}  // namespace
}  // namespace datahub::contract
