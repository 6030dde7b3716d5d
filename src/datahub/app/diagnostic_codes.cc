#include "datahub/app/diagnostic_codes.h"

namespace datahub::app {
namespace {

constexpr std::string_view kFile = "datahub.yaml";

constexpr DiagnosticCode kCodes[] = {
    {code::kUnreadable,
     "a file of the project is not there, cannot be read, is too large, or is not UTF-8",
     "A project is a folder with a file datahub.yaml: UTF-8 text of at most 1 MiB.",
     {"datahub.yml", "project: sales\n"},
     {kFile, "project: sales\n"},
     "The folder you are in (or gave with -C), the file's name and rights, and the encoding your editor saves in."},
    {code::kSyntax,
     "the file is not YAML",
     "A bracket or quote that is not closed, a tab that indents, or a colon where none may be. The place is where "
     "reading "
     "could not go on; the mistake is there or just before.",
     {kFile, "tables:\n  users: {partition_by: [day(created_at)}\n"},
     {kFile, "tables:\n  users: {partition_by: [day(created_at)]}\n"},
     "Brackets, quotes and indentation at the place and on the line above."},
    {code::kRepeatedKey,
     "a key stands twice in one mapping; YAML readers differ in which one they take",
     "The second would silently win in one program and lose in another, so neither is taken.",
     {kFile, "tables:\n  users: {}\n  users: {partition_by: [day(created_at)]}\n"},
     {kFile, "tables:\n  users: {partition_by: [day(created_at)]}\n"},
     "The other place of the key, which the message names."},
    {code::kYamlFeature,
     "a feature of YAML that a project file does not use: tags, merge keys, several documents, deep nesting",
     "What is written is what holds: a reader needs to know plain YAML, anchors and aliases, and nothing else.",
     {kFile, "tables:\n  users: &usual {partition_by: [day(created_at)]}\n  late_users: {<<: *usual}\n"},
     {kFile, "tables:\n  users: &usual {partition_by: [day(created_at)]}\n  late_users: *usual\n"},
     "Write the fields out, or take the whole value with an alias."},
    {code::kUnknownField,
     "a field that does not exist here; it would be ignored, so it is refused",
     "Most often it is misspelt, or indented so that it belongs to another mapping.",
     {kFile, "tables:\n  users: {partitioned_by: [day(created_at)]}\n"},
     {kFile, "tables:\n  users: {partition_by: [day(created_at)]}\n"},
     "The hint, and `datahub validate --print-schema`, which lists every field."},
    {code::kMissingField,
     "a field that must be given is not",
     "There is no default that would be right for everybody.",
     {kFile, "sources:\n  users_inbox: {path: ./inbox/*.ndjson}\n"},
     {kFile, "sources:\n  users_inbox: {kind: files, path: ./inbox/*.ndjson}\n"},
     "The example in the hint. A field that is there but empty counts as missing."},
    {code::kWrongType,
     "a value has another form than the field takes: text, list, mapping",
     "A list begins with [ or with -, a mapping is {name: value} or indented lines with a colon, all else is text.",
     {kFile, "tables:\n  users: {flush: 60s}\n"},
     {kFile, "tables:\n  users: {flush: {age: 60s}}\n"},
     "The form that the message asks for."},
    {code::kWrongValue,
     "a value that the field does not take: not one of its words, not a size, out of range",
     "Sizes are whole numbers with B, KB, MB, GB, TB or KiB, MiB, GiB, TiB; durations with us, ms, s, m, h, d.",
     {kFile, "tables:\n  users: {flush: {bytes: 128 megabytes}}\n"},
     {kFile, "tables:\n  users: {flush: {bytes: 128MiB}}\n"},
     "The words or the range in the message; of a variable, what it stands for."},
    {code::kBadName,
     "names are a-z, 0-9 and _, begin with a letter, and have at most 64 characters; dh_ and _quarantine are reserved",
     "Names become folders, SQL names and names in catalogs that know no upper case: what all of them can spell is "
     "allowed.",
     {kFile,
      "sources:\n  Users-Inbox: {kind: files, path: ./inbox/*.ndjson}\n"
      "pipelines:\n  users: {from: [Users-Inbox], contract: user, to: [users]}\n"},
     {kFile,
      "sources:\n  users_inbox: {kind: files, path: ./inbox/*.ndjson}\n"
      "pipelines:\n  users: {from: [users_inbox], contract: user, to: [users]}\n"},
     "The name in the hint. A source that was read already needs renamed_from when its name changes."},
    {code::kNoVariable,
     "${env:NAME} names a variable that is not set, and there is no default",
     "An empty value in its place would be another project.",
     {kFile, "lake:\n  location: ${env:DATAHUB_EXAMPLE_LAKE}\n"},
     {kFile, "lake:\n  location: ${env:DATAHUB_EXAMPLE_LAKE:-./lake}\n"},
     "The environment of the shell or the service that starts datahub; `env` prints it."},
    {code::kBadSubstitution,
     "${…} is only ${env:NAME} or ${env:NAME:-default}",
     "A text with ${ that nobody resolves would be taken literally.",
     {kFile, "lake:\n  location: ${DATAHUB_EXAMPLE_LAKE}\n"},
     {kFile, "lake:\n  location: ${env:DATAHUB_EXAMPLE_LAKE:-./lake}\n"},
     "The spelling; a name is letters, digits and _."},
    {code::kInclude,
     "an include matches no file, leaves the project's folder, or holds what belongs into datahub.yaml",
     "A project is one folder that can be copied whole.",
     {kFile, "include: ../teams/*.yaml\n"},
     {kFile, "include: teams/*.yaml\n"},
     "The pattern, which is relative to datahub.yaml, and the files that are there."},
    {code::kNameTwice,
     "a name is given twice: in two files, or to a table and a sink, which share one namespace",
     "Every reference must mean one thing.",
     {"teams/shop.yaml", "tables:\n  users: {partition_by: [day(created_at)]}\n"},
     {"teams/shop.yaml", "tables:\n  shop_users: {partition_by: [day(created_at)]}\n"},
     "The first place, which the message names."},

    {code::kUnknownReference,
     "a pipeline names a source, table, sink or contract that is not declared",
     "Nothing is made by being named: a misspelt table would be a second one.",
     {kFile, "pipelines:\n  users: {from: [users_inbox], contract: user, to: [user]}\n"},
     {kFile, "pipelines:\n  users: {from: [users_inbox], contract: user, to: [users]}\n"},
     "The sections sources and tables, and the files in the contracts' folder."},
    {code::kUnusedSource,
     "a source feeds no pipeline, so nothing would read it",
     "It is forgotten, or a pipeline that was to read it is.",
     {kFile,
      "sources:\n  users_inbox: {kind: files, path: ./inbox/*.ndjson}\n"
      "  late_users: {kind: files, path: ./late/*.ndjson}\n"},
     {kFile,
      "sources:\n  users_inbox: {kind: files, path: ./inbox/*.ndjson}\n"
      "  late_users: {kind: files, path: ./late/*.ndjson}\n"
      "pipelines:\n  users: {from: [users_inbox, late_users], contract: user, to: [users]}\n"},
     "The from of the pipelines."},
    {code::kSourceTwice,
     "a source feeds two pipelines; positions belong to one",
     "How far a source was read is kept once, with the pipeline that landed its records.",
     {kFile,
      "pipelines:\n  users: {from: [users_inbox], contract: user, to: [users]}\n"
      "  again: {from: [users_inbox], contract: user, to: [users]}\n"},
     {kFile,
      "sources:\n  users_inbox: {kind: files, path: ./inbox/*.ndjson}\n"
      "  same_inbox: {kind: files, path: ./inbox/*.ndjson}\n"
      "pipelines:\n  users: {from: [users_inbox], contract: user, to: [users]}\n"
      "  again: {from: [same_inbox], contract: user, to: [users]}\n"},
     "Whether one pipeline is enough; if not, a second source over the same place, with positions of its own."},
    {code::kSharedTable,
     "pipelines that write one table must share its contract and version",
     "A table has one set of columns, and the contract gives them.",
     {kFile,
      "sources:\n  users_inbox: {kind: files, path: ./inbox/*.ndjson}\n"
      "  late_users: {kind: files, path: ./late/*.ndjson}\n"
      "pipelines:\n  users: {from: [users_inbox], contract: user, to: [users]}\n"
      "  late: {from: [late_users], contract: none, to: [users]}\n"},
     {kFile,
      "sources:\n  users_inbox: {kind: files, path: ./inbox/*.ndjson}\n"
      "  late_users: {kind: files, path: ./late/*.ndjson}\n"
      "pipelines:\n  users: {from: [users_inbox], contract: user, to: [users]}\n"
      "  late: {from: [late_users], contract: user, to: [users]}\n"},
     "contract: of both pipelines; a pin (user@1) in one of them counts too."},
    {code::kPartitioning,
     "partition_by does not fit the columns of the contract, or is misspelt",
     "day(), hour() and month() want a timestamp or a date of the contract, or received_at; a bare column wants a "
     "scalar.",
     {kFile, "tables:\n  users: {partition_by: [day(age)]}\n"},
     {kFile, "tables:\n  users: {partition_by: [day(created_at)]}\n"},
     "`datahub contract check`, which prints columns and types: a timestamp is a string with format date-time."},
    {code::kSourceOption,
     "an option of a source is missing or wrong",
     "The kind of the source says itself what its options may be.",
     {kFile, "sources:\n  users_inbox: {kind: files, path: ./inbox/*.ndjson, format: csv}\n"},
     {kFile, "sources:\n  users_inbox: {kind: files, path: ./inbox/*.ndjson, format: ndjson}\n"},
     "The message, which names the option and what it takes."},
    {code::kRename,
     "renamed_from names a source, table or pipeline that still exists, or that two claim",
     "What was read and what landed follow the new name, once and to one.",
     {kFile, "sources:\n  users_inbox: {kind: files, path: ./inbox/*.ndjson, renamed_from: users_inbox}\n"},
     {kFile, "sources:\n  users_inbox: {kind: files, path: ./inbox/*.ndjson, renamed_from: users_folder}\n"},
     "`datahub status`, which lists the sources that have positions."},
    {code::kLedger,
     "the project does not fit what was read and landed already; the ledger knows that",
     "A source under a new name would be read from its beginning, a column with another type would not fit its files. "
     "The "
     "example was read as users_inbox before.",
     {kFile,
      "sources:\n  users_folder: {kind: files, path: ./inbox/*.ndjson}\n"
      "pipelines:\n  users: {from: [users_folder], contract: user, to: [users]}\n"},
     {kFile,
      "sources:\n  users_folder: {kind: files, path: ./inbox/*.ndjson, renamed_from: users_inbox}\n"
      "pipelines:\n  users: {from: [users_folder], contract: user, to: [users]}\n"},
     "`datahub status` and `datahub show TABLE`; what is not wanted any more goes with `datahub reset`."},

    {code::kContractFile,
     "the contracts folder, or a file in it, is not there or not named as it must be",
     "A contract is <contract>.json, or a folder <contract> with 1.json, 2.json and, if wanted, contract.yaml.",
     {"contracts/order/one.json", "{\"type\": \"object\", \"properties\": {\"id\": {\"type\": \"string\"}}}\n"},
     {"contracts/order/1.json", "{\"type\": \"object\", \"properties\": {\"id\": {\"type\": \"string\"}}}\n"},
     "The names in the folder that `contracts` gives (./contracts when it is not given)."},
    {code::kContractText,
     "a contract is not a JSON Schema that can be compiled into a plan and columns",
     "JSON Schema draft-07 or 2020-12. A keyword that is not known or not supported is refused, never passed over.",
     {"contracts/user.json",
      "{\"type\": \"object\", \"properties\": {\n  \"created_at\": {\"type\": \"strin\", \"format\": "
      "\"date-time\"}}}\n"},
     {"contracts/user.json",
      "{\"type\": \"object\", \"properties\": {\n  \"created_at\": {\"type\": \"string\", \"format\": "
      "\"date-time\"}}}\n"},
     "The place in the contract; `datahub contract check` once more after it is mended."},
    {code::kEvolution,
     "a version of a contract breaks what its evolution promises, or what its tables can follow",
     "Readers of rows that landed rely on the promise. Here version 2 wants an age, which version 1 does not.",
     {"contracts/user/2.json",
      "{\"type\": \"object\", \"required\": [\"eid\", \"age\"], \"properties\": {\n  \"eid\": {\"type\": \"string\"}, "
      "\"age\": {\"type\": \"integer\"},\n  \"created_at\": {\"type\": \"string\", \"format\": \"date-time\"}}}\n"},
     {"contracts/user/2.json",
      "{\"type\": \"object\", \"required\": [\"eid\"], \"properties\": {\n  \"eid\": {\"type\": \"string\"}, "
      "\"age\": {\"type\": \"integer\"},\n  \"created_at\": {\"type\": \"string\", \"format\": \"date-time\"}}}\n"},
     "`datahub contract check user`, which shows an event for each break; or `evolution` in contract.yaml."},

    {code::kNotSupported,
     "the design has this, this version does not; it is refused rather than ignored",
     "What would not happen is not accepted.",
     {kFile, "lake: {location: s3://bucket/lake}\n"},
     {kFile, "lake: {location: ./lake}\n"},
     "The hint, which names what this version has instead."},
};

}  // namespace

std::span<const DiagnosticCode> DiagnosticCodes() { return kCodes; }

const DiagnosticCode* FindCode(std::string_view code) {
  for (const DiagnosticCode& row : kCodes) {
    if (row.code == code) return &row;
  }
  return nullptr;
}

}  // namespace datahub::app
