#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "datahub/source/registry.h"

namespace datahub::app {

enum class FieldType : uint8_t {
  kText,
  kTexts,     // one text or a list of at least `min`
  kName,      //
  kCount,     // from `min` to `max`, as are
  kBytes,     //
  kDuration,  // microseconds
  kChoice,    // one of `choices`
  kChoices,   // one of them or a list
  kSection,   // a mapping of `fields`
  kShort,     // a mapping of `fields`, or text in place of the first of them alone
  kFolders,   // a mapping from beginnings of addresses to folders
  kNamed,     // a mapping from names to mappings of `fields`
  kList,      // a list of mappings of `fields`
  kEmpty,     // of the design: this version takes nothing in it
  kRefused,   // of the design: this version does not take the field
};

// One field of a mapping in the project file. The loader takes only fields that have a row here and takes every row (Fields
// asserts both), and what editors are told is printed from here: neither can know a field that the other does not.
struct FieldRow {
  std::string_view name;
  FieldType type = FieldType::kText;
  std::string_view description;
  bool required = false;
  uint64_t min = 0;
  uint64_t max = 0;
  std::span<const std::string_view> choices{};
  std::span<const FieldRow> fields{};
};

inline constexpr uint64_t kSecond = 1'000'000;
inline constexpr uint64_t kDay = 86'400 * kSecond;

inline constexpr std::string_view kLedgerKinds[] = {"sqlite"};
inline constexpr std::string_view kRoles[] = {"ingest", "read", "admin"};
inline constexpr std::string_view kOnReject[] = {"quarantine", "discard", "stop"};
inline constexpr std::string_view kEncodings[] = {"plain", "delta"};
inline constexpr std::string_view kBooleans[] = {"true", "false"};
inline constexpr std::string_view kExcessDigits[] = {"truncate", "reject"};
inline constexpr std::string_view kEvolutions[] = {
    "none", "backward", "forward", "full", "backward_transitive", "forward_transitive", "full_transitive"};

inline constexpr FieldRow kLakeFields[] = {
    {"location", FieldType::kText, "a folder of its own, relative to this file", true},
    {"database", FieldType::kName, "the folder below it that holds the tables (default: the project's name)"},
    {"mode", FieldType::kText,
     "permissions of its files, like 0640; folders get x beside r (default: what the umask leaves)"},
};
inline constexpr FieldRow kLedgerFields[] = {
    {"kind", FieldType::kChoice, "where it is kept: sqlite = .datahub/ledger.db", true, 0, 0, kLedgerKinds},
};
inline constexpr FieldRow kTokenFields[] = {
    {"name", FieldType::kName, "what logs call it", true},
    {"token", FieldType::kText, "the secret, at least 16 bytes: ${env:CI_TOKEN}", true},
    {"roles", FieldType::kChoices, "what its bearer may do", true, 1, 0, kRoles},
};
inline constexpr FieldRow kQueryFields[] = {
    {"time", FieldType::kDuration, "that one may take (default: 30s)", false, 1'000, kDay},
    {"memory", FieldType::kBytes, "that one may take (default: 1GiB)", false, 16u << 20, uint64_t(1) << 50},
    {"spill", FieldType::kBytes, "on disk, that one may take (default: 4GiB)", false, 1u << 20, uint64_t(1) << 50},
    {"answer", FieldType::kBytes, "of one answer at most (default: 64MiB)", false, 1024, 1u << 30},
};
inline constexpr FieldRow kServeFields[] = {
    {"listen", FieldType::kText, "HOST:PORT (default: 127.0.0.1:8080)"},
    {"body", FieldType::kBytes, "of one request at most, also when it is decompressed (default: 16MiB)", false, 1024,
     48u << 20},
    {"connections", FieldType::kCount, "open at once at most (default: 10000)", false, 1, 1'000'000},
    {"grace", FieldType::kDuration, "that stopping may take (default: 30s)", false, 0, 3600 * kSecond},
    {.name = "query",
     .type = FieldType::kSection,
     .description = "limits of one query over HTTP",
     .fields = kQueryFields},
    {.name = "tokens",
     .type = FieldType::kList,
     .description = "who may ask, by Authorization: Bearer; none: everybody who reaches a loopback address",
     .fields = kTokenFields},
};
inline constexpr FieldRow kIntakeFields[] = {
    {"bytes", FieldType::kBytes, "posted and not yet landed at most; then 429 (default: 4GiB)", false, 1u << 20,
     uint64_t(1) << 50},
    {"age", FieldType::kDuration, "of the oldest of them at most (default: 72h)", false, kSecond, 3650 * kDay},
};
// Of every kind; the kind's own follow.
inline constexpr FieldRow kSourceFields[] = {
    {"kind", FieldType::kText, "what it reads", true},
    {"renamed_from", FieldType::kText, "the name that its positions have in the ledger"},
};
inline constexpr FieldRow kFlushFields[] = {
    {"bytes", FieldType::kBytes, "encoded, over all partitions (default: 128MiB)", false, 1, uint64_t(1) << 40},
    {"rows", FieldType::kCount, "(default: 1000000)", false, 1, 1'000'000'000},
    {"age", FieldType::kDuration, "since the batch's first record (default: 60s)", false, 1'000, 30 * kDay},
};
inline constexpr FieldRow kParquetFields[] = {
    {"encodings", FieldType::kChoice, "delta: smaller files that older Spark and fastparquet misread (default: plain)",
     false, 0, 0, kEncodings},
};
inline constexpr FieldRow kTableFields[] = {
    {"renamed_from", FieldType::kText, "the name that its rows have in the ledger; its folder stays as it was"},
    {"partition_by", FieldType::kTexts, "column, day(column), hour(column) or month(column), each with `as name`"},
    {.name = "flush",
     .type = FieldType::kSection,
     .description = "a batch is committed when one of these is reached",
     .fields = kFlushFields},
    {.name = "parquet", .type = FieldType::kSection, .description = "its data files", .fields = kParquetFields},
    {"external", FieldType::kRefused, "external tables are"},
    {"partition_keys", FieldType::kRefused, "partition_keys (of external tables) are"},
    {"notified_by", FieldType::kRefused, "notified_by (of external tables) is"},
};
inline constexpr FieldRow kPipelineFields[] = {
    {"from", FieldType::kTexts, "sources; each feeds one pipeline", true, 1},
    {"renamed_from", FieldType::kText, "the name that its positions and its quarantine have in the ledger"},
    {"to", FieldType::kTexts, "the table", true, 1},
    {"contract", FieldType::kText, "its highest version; user@2 pins one; none: one column `event`, JSON text"},
    {"on_reject", FieldType::kChoice, "(default: quarantine)", false, 0, 0, kOnReject},
};
inline constexpr FieldRow kContractsFields[] = {
    {"folder", FieldType::kText, "where they lie (default: ./contracts)"},
    {"registry", FieldType::kFolders,
     "the folders of documents that contracts refer to, by the beginning of their addresses, which ends with /"},
};
// The last four may also stand in an included file.
inline constexpr size_t kIncludableFields = 4;
inline constexpr FieldRow kProjectFields[] = {
    {"project", FieldType::kName, "its name", true},
    {.name = "lake",
     .type = FieldType::kSection,
     .description = "where tables lie",
     .required = true,
     .fields = kLakeFields},
    {.name = "ledger",
     .type = FieldType::kSection,
     .description = "which files and positions count",
     .fields = kLedgerFields},
    {"catalogs", FieldType::kEmpty, "not in this version"},
    {.name = "serve", .type = FieldType::kSection, .description = "HTTP", .fields = kServeFields},
    {.name = "intake",
     .type = FieldType::kSection,
     .description = "the log that makes posts durable",
     .fields = kIntakeFields},
    {"include", FieldType::kTexts, "more files with sources, tables and pipelines, by pattern, below this one", false,
     1},
    {.name = "contracts",
     .type = FieldType::kShort,
     .description = "their folder (default: ./contracts), or that with a registry",
     .fields = kContractsFields},
    {.name = "sources", .type = FieldType::kNamed, .description = "what comes in", .fields = kSourceFields},
    {.name = "tables", .type = FieldType::kNamed, .description = "where it lands", .fields = kTableFields},
    {"sinks", FieldType::kEmpty, "not in this version"},
    {.name = "pipelines", .type = FieldType::kNamed, .description = "which goes where", .fields = kPipelineFields},
};
// contract.yaml
inline constexpr FieldRow kContractFields[] = {
    {"strict", FieldType::kChoice, "members that the contract does not name are rejected", false, 0, 0, kBooleans},
    {"excess_digits", FieldType::kChoice, "of a time, beyond microseconds", false, 0, 0, kExcessDigits},
    {"evolution", FieldType::kChoice, "what a new version may change", false, 0, 0, kEvolutions},
};

// The options of a kind of source as rows.
std::vector<FieldRow> OptionFields(const source::KindRow& kind);

}  // namespace datahub::app
