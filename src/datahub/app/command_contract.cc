// Verbs about what records must be, and what they become elsewhere.

#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>

#include <fmt/format.h>

#include "datahub/app/commands.h"
#include "datahub/app/contract_folder.h"
#include "datahub/app/diagnostic.h"
#include "datahub/app/diagnostic_codes.h"
#include "datahub/app/exit_code.h"
#include "datahub/app/pipeline_specs.h"
#include "datahub/app/schema_documents.h"
#include "datahub/app/text_file.h"
#include "datahub/app/workspace.h"
#include "datahub/base/json.h"
#include "datahub/base/log.h"
#include "datahub/catalog/ddl.h"
#include "datahub/contract/schema.h"
#include "datahub/contract/validate.h"
#include "datahub/pipeline/table_columns.h"

namespace datahub::app {
namespace {

constexpr std::string_view kStandardInput = "-";

struct Verdict {
  bool valid = false;
  std::vector<contract::Reason> reasons;
};

Verdict Judge(const contract::SchemaSet& schemas, std::string_view line, json::Document& document) {
  Verdict verdict;
  const Result<const json::Value*> value = document.Parse(line);
  if (!value) {
    verdict.reasons.push_back({"", "dh:json", value.error().message});
    return verdict;
  }
  verdict.valid = contract::Validate(schemas.root(), **value, {}, &verdict.reasons);
  return verdict;
}

void Print(const Verdict& verdict, uint64_t line, bool as_json) {
  if (!as_json) {
    if (verdict.valid) return;
    fmt::print("line {} is not valid\n", line);
    for (const contract::Reason& reason : verdict.reasons) {
      fmt::print("  {}: {} ({})\n", reason.instance.empty() ? "/" : reason.instance, reason.message, reason.keyword);
    }
    return;
  }
  json::Writer out;
  out.BeginObject().Key("line").Number(line).Key("valid").Bool(verdict.valid).Key("reasons").BeginArray();
  for (const contract::Reason& reason : verdict.reasons) {
    out.BeginObject().Key("instance").String(reason.instance).Key("keyword").String(reason.keyword);
    out.Key("message").String(reason.message).EndObject();
  }
  out.EndArray().EndObject();
  fmt::print("{}\n", out.text());
}

// Those beside the schema, and of --remotes.
Result<SchemaDocuments> DocumentsOf(const ContractValidateArguments& arguments) {
  SchemaDocuments documents;
  const size_t slash = arguments.schema.rfind('/');
  documents.Map("", slash == std::string::npos ? "." : arguments.schema.substr(0, slash));
  for (const std::string& remote : arguments.remotes) {
    const size_t equal = remote.rfind('=');
    if (equal == std::string::npos || equal == 0 || equal + 1 == remote.size()) {
      return Error{Code::kInvalidInput, fmt::format("--remotes {}: URL=DIR is wanted", remote)};
    }
    documents.Map(remote.substr(0, equal), remote.substr(equal + 1));
  }
  return documents;
}

// Null: it cannot be compiled, and that was said.
std::shared_ptr<const contract::SchemaSet> CompileSchema(const ContractValidateArguments& arguments,
                                                         const SchemaDocuments& documents, bool as_json) {
  const Result<std::string> text = ReadTextFile(arguments.schema, kContractBytesMax);
  if (!text) {
    Fail(text.error());
    return nullptr;
  }
  contract::CompileOptions options;
  options.format_asserts = arguments.format == "assert";
  options.refuses_foreign = false;
  options.documents = [&](const std::string& address) { return documents.Find(address); };
  std::vector<contract::CompileError> errors;
  auto schemas = contract::SchemaSet::Compile(*text, options, &errors);
  if (schemas) return schemas;
  Diagnostics diagnostics;
  const uint32_t file = diagnostics.AddFile(arguments.schema, *text);
  for (const contract::CompileError& error : errors) {
    const json::Place place = json::PlaceOf(*text, error.offset);
    diagnostics.Add(code::kContractText, {file, static_cast<uint32_t>(place.line), static_cast<uint32_t>(place.column)},
                    fmt::format("{}: {}", error.pointer, error.message), error.hint);
  }
  fmt::print(as_json ? stdout : stderr, "{}",
             as_json ? diagnostics.RenderJson() : diagnostics.Render(::isatty(STDERR_FILENO) == 1));
  return nullptr;
}

// Of a table as the project wants it.
Result<std::string> DdlOf(const Project& project, const PipelineConfig& pipeline,
                          const ContractDdlArguments& arguments) {
  const ledger::TableColumns columns = pipeline::WantedColumns(MakePipelineSpec(project, pipeline).table);
  catalog::DdlOptions options;
  options.dialect = *catalog::SqlDialectNamed(arguments.dialect);
  options.database = project.lake.database;
  options.location = "file://" + project.lake.location + "/" + columns.folder;
  options.projection = arguments.projection;
  return catalog::CreateTableText(columns, options);
}

}  // namespace

int ContractDdlCommand(const Globals& globals, const ContractDdlArguments& arguments) {
  int exit_code = kOk;
  const std::optional<Project> project = LoadProject(globals.folder, ContractUse::kOfPipelines, &exit_code);
  if (!project) return exit_code;
  if (arguments.projection && arguments.dialect != "athena") {
    log::Error("--projection is Athena's");
    return kUsage;
  }
  bool found = false;
  for (const PipelineConfig& pipeline : project->pipelines) {
    if (pipeline.contract->is_raw() || pipeline.contract->name() != arguments.contract) continue;
    const Result<std::string> text = DdlOf(*project, pipeline, arguments);
    if (!text) return Fail(text.error());
    fmt::print("{}{}", found ? "\n" : "", *text);
    found = true;
  }
  if (found) return kOk;
  return Fail({Code::kNotFound,
               fmt::format("no pipeline has the contract '{}'; `datahub validate` lists them", arguments.contract)});
}

int ContractValidateCommand(const Globals& globals, const ContractValidateArguments& arguments) {
  const Result<SchemaDocuments> documents = DocumentsOf(arguments);
  if (!documents) {
    Fail(documents.error());
    return kUsage;
  }
  const auto schemas = CompileSchema(arguments, *documents, globals.json);
  if (!schemas) return kInvalidProject;
  std::ifstream file;
  if (arguments.events != kStandardInput) {
    file.open(arguments.events, std::ios::binary);
    if (!file) {
      return Fail({Code::kNotFound, fmt::format("cannot read {}: {}", arguments.events, std::strerror(errno))});
    }
  }
  std::istream& in = arguments.events == kStandardInput ? std::cin : file;
  json::Document document;
  std::string line;
  uint64_t number = 0;
  uint64_t judged = 0;
  uint64_t invalid = 0;
  while (std::getline(in, line)) {
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const Verdict verdict = Judge(*schemas, line, document);
    ++judged;
    invalid += verdict.valid ? 0 : 1;
    Print(verdict, number, globals.json);
  }
  if (in.bad()) return Fail({Code::kUnavailable, fmt::format("{} cannot be read to its end", arguments.events)});
  if (!globals.json && !globals.quiet) fmt::print(stderr, "{} events, {} not valid\n", judged, invalid);
  return invalid == 0 ? kOk : kDataQuality;
}

}  // namespace datahub::app
