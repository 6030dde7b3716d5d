#include "datahub/contract/evolution/values.h"

#include <algorithm>

#include "datahub/base/result.h"

namespace datahub::contract::evolution {
namespace {

constexpr int64_t kIntegerMax = 1'000'000'000'000'000;

uint8_t TypeOf(const json::Value& value) {
  if (value.is_null()) return kTypeNull;
  if (value.is_bool()) return kTypeBoolean;
  if (value.is_number()) return kTypeNumber;
  if (value.is_string()) return kTypeString;
  return value.is_array() ? kTypeArray : kTypeObject;
}

Decimal DecimalOf(int64_t number) { return Decimal::Parse(std::to_string(number)); }

bool Holds(const Schema& schema, const json::Value& value, bool strict) {
  return Validate(schema, value, {.strict = strict, .reasons_max = 0, .instance_prefix = ""}, nullptr);
}

// Both bounds are there and near each other.
std::optional<std::pair<int64_t, int64_t>> RangeOf(const Facts& facts) {
  if (facts.number == NumberClass::kAny || !facts.lower || !facts.upper) return std::nullopt;
  const auto least = LeastInteger(*facts.lower, facts.lower_excluded);
  const auto most = GreatestInteger(*facts.upper, facts.upper_excluded);
  if (!least || !most || *most - *least >= kIntegersMax) return std::nullopt;
  return std::pair(*least, *most);
}

}  // namespace

std::optional<int64_t> LeastInteger(const Decimal& bound, bool excluded) {
  const auto above = [&](int64_t number) { return DecimalOf(number).Compare(bound) >= (excluded ? 1 : 0); };
  if (!above(kIntegerMax) || above(-kIntegerMax)) return std::nullopt;
  int64_t below = -kIntegerMax;
  int64_t least = kIntegerMax;
  while (least - below > 1) {
    const int64_t middle = below + (least - below) / 2;
    (above(middle) ? least : below) = middle;
  }
  return least;
}

std::optional<int64_t> GreatestInteger(const Decimal& bound, bool excluded) {
  // The greatest that is not more than the bound comes before the least that is more.
  const auto next = LeastInteger(bound, !excluded);
  return next ? std::optional(*next - 1) : std::nullopt;
}

Listed ListedOf(std::string text) {
  Listed listed;
  listed.kept = std::make_shared<const std::string>(text);
  listed.text = std::move(text);
  listed.document = std::make_shared<json::Document>();
  const auto parsed = listed.document->Parse(*listed.kept);
  DH_ASSERT(parsed);
  listed.parsed = *parsed;
  return listed;
}

bool IsFinite(const Form& form, const Facts& facts) {
  return form.type == kTypeNull || form.type == kTypeBoolean || facts.finite != nullptr ||
         (form.type == kTypeNumber && RangeOf(facts));
}

std::vector<Listed> ValuesOf(const Position& position, const Form& form, const Facts& facts, bool with_points) {
  std::vector<std::string> texts;
  if (facts.finite != nullptr) {
    for (const json::Value& value : facts.finite->enum_values) {
      if (TypeOf(value) == form.type) json::AppendValue(texts.emplace_back(), value);
    }
  } else if (form.type == kTypeNull) {
    texts = {"null"};
  } else if (form.type == kTypeBoolean) {
    texts = {"true", "false"};
  } else if (const auto range = RangeOf(facts)) {
    for (int64_t number = range->first; number <= range->second; ++number) texts.push_back(std::to_string(number));
  }
  if (with_points && form.type == kTypeNumber) {
    const size_t count = texts.size();
    for (size_t i = 0; i < count; ++i) {
      const size_t exponent = texts[i].find_first_of("eE");
      if (texts[i].find('.') == std::string::npos) {
        std::string pointed = texts[i];
        pointed.insert(std::min(exponent, pointed.size()), ".0");
        texts.push_back(std::move(pointed));
      }
      // And without: an enum may say 1.0 and mean 1.
      const auto plain = LeastInteger(Decimal::Parse(texts[i]), false);
      if (plain && DecimalOf(*plain) == Decimal::Parse(texts[i])) texts.push_back(std::to_string(*plain));
    }
  }
  std::vector<Listed> values;
  for (std::string& text : texts) {
    Listed listed = ListedOf(std::move(text));
    if (Satisfies(position, form.negatives, listed.value())) values.push_back(std::move(listed));
  }
  return values;
}

std::vector<const json::Value*> ListedValues(const Position& position) {
  for (const auto* list : {&position.must, &position.extra}) {
    for (const Schema* root : *list) {
      // Only what surely holds.
      std::vector<const Schema*> sure = {root};
      for (size_t i = 0; i < sure.size(); ++i) {
        const Schema& schema = *sure[i];
        if (schema.has_enum) {
          std::vector<const json::Value*> values;
          for (const json::Value& value : schema.enum_values) values.push_back(&value);
          return values;
        }
        if (schema.ref != nullptr) sure.push_back(schema.ref);
        sure.insert(sure.end(), schema.all_of.begin(), schema.all_of.end());
        if (sure.size() > 1'000) break;
      }
    }
  }
  return {};
}

bool Satisfies(const Position& position, const std::vector<const Schema*>& negatives, const json::Value& value) {
  const auto holds = [&](const Schema* schema) { return Holds(*schema, value, false); };
  if (!std::ranges::all_of(position.must, holds) || !std::ranges::all_of(position.extra, holds)) return false;
  if (std::ranges::any_of(negatives, holds)) return false;
  const bool strictly = position.strict && position.must.size() == 1 && position.may.empty();
  return !strictly || Holds(*position.must[0], value, true);
}

bool SatisfiesStrictly(const Position& position, const json::Value& value, std::vector<Reason>* reasons) {
  // Each alone: an object that each of them leaves open or knows whole, all of them together do too.
  for (const Schema* schema : position.must) {
    if (!Validate(*schema, value, {.strict = position.strict, .instance_prefix = ""}, reasons)) return false;
  }
  for (const Schema* schema : position.extra) {
    if (!Validate(*schema, value, {.strict = false, .instance_prefix = ""}, reasons)) return false;
  }
  if (!position.strict) return true;
  return std::ranges::all_of(
      position.may, [&](const Schema* schema) { return Holds(*schema, value, true) || !Holds(*schema, value, false); });
}

}  // namespace datahub::contract::evolution
