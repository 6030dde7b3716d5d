// Random schemas and small changes of them: whatever is called included is attacked with random events, and whatever event is
// shown must show it.
#include "datahub/contract/evolution/attack.h"
#include "datahub/contract/evolution/inclusion.h"

namespace datahub::contract::evolution {
namespace {

constexpr size_t kPairs = 3'000;
constexpr size_t kEventsAPair = 120;

// A schema written by a list of choices, so that one choice changed is a small change.
class SchemaMaker {
 public:
  explicit SchemaMaker(const std::vector<uint32_t>& choices) : choices_(choices) {}

  std::string Make() {
    std::string schema = One(0, false);
    const std::string other = One(1, true);
    if (schema.starts_with('{')) {
      schema.insert(1, "\"$defs\":{\"d\":" + other + "}" + (schema == "{}" ? "" : ","));
    }
    if (Next(12) == 0 && schema.starts_with('{')) schema.insert(1, kDraft7);
    return schema;
  }

 private:
  static constexpr const char* kDraft7 = "\"$schema\":\"https://json-schema.org/draft/2019-09/schema\",";

  uint32_t Next(uint32_t end) { return at_ < choices_.size() ? choices_[at_++] % end : 0; }
  template <size_t kCount>
  std::string Pick(const char* const (&texts)[kCount]) {
    return texts[Next(kCount)];
  }
  std::string Number() { return Pick({"0", "1", "2", "3", "5", "-1", "0.5", "1.5", "10"}); }
  std::string Count() { return Pick({"0", "1", "2", "3", "4"}); }
  std::string NameText() { return Pick({"\"a\"", "\"b\"", "\"k\"", "\"xa\"", "\"x1\""}); }
  std::string Literal() {
    return Pick(
        {"1", "2", "1.0", "\"a\"", "\"b\"", "\"ab\"", "null", "true", "[1]", "{\"a\":1}", "{\"a\":1,\"b\":2}", "[]"});
  }
  std::string PatternText() { return Pick({"\"^x\"", "\"^a\"", "\"^xa\"", "\"a\"", "\".*\""}); }

  std::string One(size_t depth, bool inside) {
    if (depth > 3)
      return Pick({"true", "{\"type\":\"integer\"}", "{\"type\":\"string\"}", "{}", "{\"type\":\"number\"}"});
    if (inside && Next(14) == 0) return "{\"$ref\":\"#/$defs/d\"}";
    std::string out = "{";
    const auto add = [&](const char* key, const std::string& value) {
      out += (out.size() == 1 ? "\"" : ",\"") + std::string(key) + "\":" + value;
    };
    switch (Next(depth == 0 ? 7 : 12)) {
      case 0:
      case 1:
      case 2:
      case 3:
        add("type", Pick({"\"object\"", "\"object\"", "[\"object\",\"null\"]"}));
        Object(depth, add);
        break;
      case 4:
        add("type", "\"array\"");
        Array(depth, add);
        break;
      case 5:
        Combined(depth, inside, add);
        break;
      case 6:
        if (Next(2) == 0) Object(depth, add);
        if (Next(2) == 0) Combined(depth, inside, add);
        if (Next(3) == 0) Array(depth, add);
        break;
      case 7:
      case 8:
        add("type", Pick({"\"integer\"", "\"number\"", "[\"integer\",\"null\"]", "[\"number\",\"string\"]"}));
        if (Next(2) == 0) add("minimum", Number());
        if (Next(2) == 0) add("maximum", Number());
        if (Next(4) == 0) add("exclusiveMinimum", Number());
        if (Next(5) == 0) add("multipleOf", Pick({"1", "2", "0.5", "3"}));
        break;
      case 9:
        add("type", Pick({"\"string\"", "[\"string\",\"null\"]", "[\"string\",\"integer\"]"}));
        if (Next(2) == 0) add("minLength", Count());
        if (Next(2) == 0) add("maxLength", Count());
        if (Next(4) == 0) add("pattern", PatternText());
        if (Next(6) == 0) add("format", Pick({"\"date\"", "\"uuid\""}));
        break;
      case 10:
        if (Next(3) == 0) {
          add("const", Literal());
        } else {
          add("enum", "[" + Literal() + "," + Literal() + "," + Literal() + "]");
        }
        break;
      default:
        add("type", Pick({"\"boolean\"", "\"null\"", "\"string\"", "\"integer\"", "[\"boolean\",\"string\"]"}));
        break;
    }
    return out + "}";
  }

  template <typename Add>
  void Object(size_t depth, const Add& add) {
    static constexpr const char* kMemberNames[] = {"a", "b", "k", "xa"};
    if (Next(8) != 0) {
      std::string members;
      for (const char* name : kMemberNames) {
        if (Next(2) == 0) continue;
        members += (members.empty() ? "\"" : ",\"") + std::string(name) + "\":" + One(depth + 1, true);
      }
      add("properties", "{" + members + "}");
    }
    if (Next(2) == 0) add("required", Next(2) == 0 ? "[" + NameText() + "]" : "[]");
    if (Next(4) == 0) add("patternProperties", "{" + PatternText() + ":" + One(depth + 1, true) + "}");
    if (Next(3) == 0) add("additionalProperties", Next(2) == 0 ? "false" : One(depth + 1, true));
    if (Next(10) == 0) add("unevaluatedProperties", Next(2) == 0 ? "false" : One(depth + 1, true));
    if (Next(8) == 0) add("minProperties", Count());
    if (Next(8) == 0) add("maxProperties", Count());
    if (Next(10) == 0) {
      add("propertyNames",
          Next(2) == 0 ? "{\"pattern\":" + PatternText() + "}" : "{\"enum\":[" + NameText() + "," + NameText() + "]}");
    }
    if (Next(10) == 0) add("dependentRequired", "{" + NameText() + ":[" + NameText() + "]}");
    if (Next(10) == 0) add("dependentSchemas", "{" + NameText() + ":" + One(depth + 1, false) + "}");
  }

  template <typename Add>
  void Array(size_t depth, const Add& add) {
    if (Next(2) == 0) add("items", Next(6) == 0 ? std::string("false") : One(depth + 1, true));
    if (Next(3) == 0) add("minItems", Count());
    if (Next(3) == 0) add("maxItems", Count());
    if (Next(5) == 0) add("uniqueItems", "true");
    if (Next(4) == 0) add("contains", One(depth + 1, true));
    if (Next(8) == 0) add("minContains", Count());
    if (Next(8) == 0) add("maxContains", Count());
    if (Next(8) == 0) add("unevaluatedItems", Next(2) == 0 ? "false" : One(depth + 1, true));
  }

  template <typename Add>
  void Combined(size_t depth, bool inside, const Add& add) {
    const auto list = [&] {
      std::string text = "[" + One(depth + 1, inside);
      for (uint32_t more = Next(3); more > 0; --more) text += "," + One(depth + 1, inside);
      return text + "]";
    };
    switch (Next(6)) {
      case 0:
        return add("allOf", list());
      case 1:
      case 2:
        return add("anyOf", list());
      case 3:
        return add("oneOf", list());
      case 4:
        return add("not", One(depth + 1, inside));
      default:
        add("if", One(depth + 1, inside));
        if (Next(2) == 0) add("then", One(depth + 1, inside));
        if (Next(2) == 0) add("else", One(depth + 1, inside));
    }
  }

  const std::vector<uint32_t>& choices_;
  size_t at_ = 0;
};

std::shared_ptr<const SchemaSet> TryCompile(const std::string& text) {
  std::vector<CompileError> errors;
  return SchemaSet::Compile(text, {}, &errors);
}

TEST(RandomPairs, NoEventContradicts) {
  std::mt19937_64 random(FuzzSeed());
  size_t compiled = 0, included = 0, proven = 0, events = 0, held = 0, witnessed = 0;
  for (size_t i = 0; i < kPairs && !testing::Test::HasFailure(); ++i) {
    std::vector<uint32_t> choices(400);
    for (uint32_t& choice : choices) choice = static_cast<uint32_t>(random());
    const std::string older = SchemaMaker(choices).Make();
    for (size_t edits = 1 + random() % 3; edits > 0; --edits) {
      choices[random() % (random() % 3 == 0 ? 200 : 40)] = static_cast<uint32_t>(random());
    }
    const std::string newer = SchemaMaker(choices).Make();
    const auto narrow = TryCompile(older);
    const auto wide = TryCompile(newer);
    if (older == newer || narrow == nullptr || wide == nullptr) continue;
    ++compiled;
    const bool narrow_strict = random() % 2 == 0;
    const bool wide_strict = random() % 8 == 0 ? !narrow_strict : narrow_strict;
    SCOPED_TRACE("narrow " + older + (narrow_strict ? " strict" : "") + "\nwide " + newer +
                 (wide_strict ? " strict" : ""));
    const std::vector<Break> breaks = Inclusion(narrow->root(), narrow_strict, wide->root(), wide_strict);
    const Attack attack = RunAttack(narrow->root(), narrow_strict, wide->root(), wide_strict, kEventsAPair, random);
    if (breaks.empty()) {
      ++included;
      events += attack.events;
      held += attack.held;
      EXPECT_EQ(attack.contradiction, "");
      continue;
    }
    witnessed += !attack.contradiction.empty();
    bool shown = false;
    for (const Break& one : breaks) {
      if (!one.proven()) continue;
      shown = true;
      EXPECT_TRUE(IsValid(narrow->root(), narrow_strict, one.witness)) << one.witness;
      EXPECT_FALSE(IsValid(wide->root(), wide_strict, one.witness)) << one.witness;
    }
    proven += shown;
  }
  std::printf(
      "%zu pairs: %zu included, attacked with %zu events of which %zu satisfied the narrow side; %zu not, %zu of "
      "these with an event that shows it, the attack found one for %zu\n",
      compiled, included, events, held, compiled - included, proven, witnessed);
  EXPECT_GT(included, compiled / 10);
  EXPECT_GT(proven, (compiled - included) / 2);
}

}  // namespace
}  // namespace datahub::contract::evolution
