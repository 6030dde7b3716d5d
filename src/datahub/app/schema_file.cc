#include "datahub/app/schema_file.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>

#include "datahub/app/contract_folder.h"
#include "datahub/app/diagnostic.h"
#include "datahub/app/diagnostic_codes.h"
#include "datahub/app/exit_code.h"
#include "datahub/app/schema_documents.h"
#include "datahub/app/text_file.h"
#include "datahub/app/workspace.h"
#include "datahub/base/json.h"

namespace datahub::app {
namespace {

Result<SchemaDocuments> DocumentsOf(const SchemaFile& file) {
  SchemaDocuments documents;
  const size_t slash = file.path.rfind('/');
  documents.Map("", slash == std::string::npos ? "." : file.path.substr(0, slash + 1));
  for (const std::string& remote : file.remotes) {
    const size_t equal = remote.rfind('=');
    if (equal == std::string::npos || equal == 0 || equal + 1 == remote.size()) {
      return Error{Code::kInvalidInput, fmt::format("--remotes {}: URL=DIR is wanted", remote)};
    }
    documents.Map(remote.substr(0, equal), remote.substr(equal + 1));
  }
  return documents;
}

}  // namespace

std::shared_ptr<const contract::SchemaSet> CompileSchemaFile(const SchemaFile& file, bool as_json, int* exit_code) {
  const Result<SchemaDocuments> documents = DocumentsOf(file);
  if (!documents) {
    Fail(documents.error());
    *exit_code = kUsage;
    return nullptr;
  }
  const Result<std::string> text = ReadTextFile(file.path, kContractBytesMax);
  if (!text) {
    Fail(text.error());
    *exit_code = kInvalidProject;
    return nullptr;
  }
  contract::CompileOptions options;
  options.format_asserts = file.format_asserts;
  options.refuses_foreign = false;
  options.documents = [&](const std::string& address) { return documents->Find(address); };
  std::vector<contract::CompileError> errors;
  auto schemas = contract::SchemaSet::Compile(*text, options, &errors);
  if (schemas) return schemas;
  Diagnostics diagnostics;
  const uint32_t number = diagnostics.AddFile(file.path, *text);
  for (const contract::CompileError& error : errors) {
    const json::Place place = json::PlaceOf(*text, error.offset);
    diagnostics.Add(code::kContractText,
                    {number, static_cast<uint32_t>(place.line), static_cast<uint32_t>(place.column)},
                    fmt::format("{}: {}", error.pointer, error.message), error.hint);
  }
  const bool color = ::isatty(STDERR_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
  fmt::print(as_json ? stdout : stderr, "{}", as_json ? diagnostics.RenderJson() : diagnostics.Render(color));
  *exit_code = kInvalidProject;
  return nullptr;
}

}  // namespace datahub::app
