#include "datahub/contract/explain/basic_output.h"

namespace datahub::contract {

void WriteBasicOutput(const Explanation& explanation, json::Writer& out) {
  const bool valid = explanation.valid;
  out.Key("valid").Bool(valid).Key(valid ? "annotations" : "errors").BeginArray();
  for (const KeywordUnit& unit : explanation.units) {
    if (valid ? unit.annotation.empty() : !unit.is_error) continue;
    out.BeginObject().Key("valid").Bool(valid);
    out.Key("keywordLocation").String(unit.keyword);
    out.Key("absoluteKeywordLocation").String(unit.absolute);
    out.Key("instanceLocation").String(unit.instance);
    out.Key(valid ? "annotation" : "error");
    valid ? out.Raw(unit.annotation) : out.String(unit.message);
    out.EndObject();
  }
  out.EndArray();
}

}  // namespace datahub::contract
