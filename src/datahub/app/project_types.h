#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "datahub/app/diagnostic.h"
#include "datahub/contract/contract.h"
#include "datahub/intake/log.h"
#include "datahub/lake/parquet/file_writer.h"
#include "datahub/lake/partition.h"
#include "datahub/pipeline/pipeline.h"
#include "datahub/serve/routes.h"
#include "datahub/serve/server.h"
#include "datahub/source/source_spec.h"

namespace datahub::app {

// The project file as values: what was said, with defaults filled in and every reference known to be good.

struct LakeConfig {
  std::string location;  // an absolute folder, without a slash at its end
  std::string database;
  std::optional<uint32_t> file_mode;  // permissions of what is written there; none: what the umask leaves
};

enum class LedgerKind { kSqlite };

struct SourceConfig {
  std::string name;
  source::SourceSpec spec;
  std::string renamed_from;  // empty: never was
  std::string pipeline;      // the one it feeds
};

struct TableConfig {
  std::string name;
  std::string renamed_from;  // empty: never was
  std::vector<lake::PartitionField> partition_by;
  pipeline::FlushLimits flush;
  lake::parquet::Encodings encodings = lake::parquet::Encodings::kPlain;
};

// Documents that contracts may refer to: what stands below `prefix` ("https://schemas.example/") lies below `folder`.
struct RegistryFolder {
  std::string prefix;
  std::string folder;  // absolute
  std::string shown;   // as messages name it
};

// What a new version of a contract must keep (contract.yaml): backward, every event of the earlier one is one of the new;
// forward, the other way round. Transitive: of all earlier ones, not only of the one before.
struct Evolution {
  bool backward = true;
  bool forward = false;
  bool transitive = false;
};

// One version of a contract.
struct ContractConfig {
  std::string name;
  int version = 1;
  std::string path;                                    // to open it by
  std::string checksum;                                // of what in its text and settings judges and shapes rows
  std::shared_ptr<const contract::Contract> compiled;  // null: nobody uses it, and only those used were asked for
  std::string shown{};                                 // its path as messages name it
  Evolution evolution{};
};

struct PipelineConfig {
  std::string name;
  std::string renamed_from;  // empty: never was
  std::vector<std::string> from;
  std::shared_ptr<const contract::Contract> contract;  // Contract::Raw() for none; name and version are in it
  std::string contract_checksum;
  std::string table;
  pipeline::OnReject on_reject = pipeline::OnReject::kQuarantine;
};

struct ServeConfig {
  serve::ServerOptions server;
  serve::QueryLimits query;
  int64_t grace_us = 30'000'000;  // that stopping may take
};

struct Project {
  std::string name;
  std::string folder;  // absolute, without a slash at its end: where datahub.yaml is
  LakeConfig lake;
  LedgerKind ledger = LedgerKind::kSqlite;
  ServeConfig serve;
  intake::LogOptions intake;
  std::string contracts_folder;
  std::vector<RegistryFolder> registry;
  std::vector<ContractConfig> contracts;  // by name and version
  std::vector<SourceConfig> sources;      // in the order of the files
  std::vector<TableConfig> tables;
  std::vector<PipelineConfig> pipelines;

  // Null when there is none of that name.
  const SourceConfig* FindSource(std::string_view name_of) const;
  const TableConfig* FindTable(std::string_view name_of) const;
  const PipelineConfig* FindPipeline(std::string_view name_of) const;
};

}  // namespace datahub::app
