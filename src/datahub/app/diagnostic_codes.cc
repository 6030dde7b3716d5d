#include "datahub/app/diagnostic_codes.h"

namespace datahub::app {
namespace {

constexpr DiagnosticCode kCodes[] = {
    {code::kUnreadable, "a file of the project is not there, cannot be read, is too large, or is not UTF-8"},
    {code::kSyntax, "the file is not YAML"},
    {code::kRepeatedKey, "a key stands twice in one mapping; YAML readers differ in which one they take"},
    {code::kYamlFeature,
     "a feature of YAML that a project file does not use: tags, merge keys, several documents, deep nesting"},
    {code::kUnknownField, "a field that does not exist here; it would be ignored, so it is refused"},
    {code::kMissingField, "a field that must be given is not"},
    {code::kWrongType, "a value has another form than the field takes: text, list, mapping"},
    {code::kWrongValue, "a value that the field does not take: not one of its words, not a size, out of range"},
    {code::kBadName,
     "names are a-z, 0-9 and _, begin with a letter, and have at most 64 characters; dh_ and _quarantine are reserved"},
    {code::kNoVariable, "${env:NAME} names a variable that is not set, and there is no default"},
    {code::kBadSubstitution, "${…} is only ${env:NAME} or ${env:NAME:-default}"},
    {code::kInclude,
     "an include matches no file, leaves the project's folder, or holds what belongs into datahub.yaml"},
    {code::kNameTwice, "a name is given twice: in two files, or to a table and a sink, which share one namespace"},
    {code::kUnknownReference, "a pipeline names a source, table, sink or contract that is not declared"},
    {code::kUnusedSource, "a source feeds no pipeline, so nothing would read it"},
    {code::kSourceTwice, "a source feeds two pipelines; positions belong to one"},
    {code::kSharedTable, "pipelines that write one table must share its contract and version"},
    {code::kPartitioning, "partition_by does not fit the columns of the contract, or is misspelt"},
    {code::kSourceOption, "an option of a source is missing or wrong"},
    {code::kRename, "renamed_from names a source that still exists, or one that two sources claim"},
    {code::kLedger, "the project does not fit what was read and landed already; the ledger knows that"},
    {code::kContractFile, "the contracts folder, or a file in it, is not there or not named as it must be"},
    {code::kContractText, "a contract is not a JSON Schema that can be compiled into a plan and columns"},
    {code::kContractSetting, "contract.yaml has a setting that does not exist or cannot be kept"},
    {code::kNotSupported, "the design has this, this version does not; it is refused rather than ignored"},
};

}  // namespace

std::span<const DiagnosticCode> DiagnosticCodes() { return kCodes; }

std::string_view MeaningOf(std::string_view code) {
  for (const DiagnosticCode& row : kCodes) {
    if (row.code == code) return row.meaning;
  }
  return {};
}

}  // namespace datahub::app
