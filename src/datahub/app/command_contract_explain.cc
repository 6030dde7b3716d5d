// The verb that shows what each keyword of a contract says of an event.

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>

#include <fmt/format.h>

#include "datahub/app/commands.h"
#include "datahub/app/contract_folder.h"
#include "datahub/app/exit_code.h"
#include "datahub/app/explanation_text.h"
#include "datahub/app/schema_file.h"
#include "datahub/app/text_file.h"
#include "datahub/app/workspace.h"
#include "datahub/base/json.h"
#include "datahub/base/log.h"
#include "datahub/contract/explain/basic_output.h"
#include "datahub/contract/explain/explain.h"

namespace datahub::app {
namespace {

namespace fs = std::filesystem;

constexpr size_t kExplainedBytesMax = 16u << 20;  // somebody reads it
constexpr size_t kStrictReasonsMax = 1'000;

// By what the event is judged.
struct Judged {
  std::shared_ptr<const contract::SchemaSet> schemas;
  std::shared_ptr<const contract::Contract> contract;  // null: a schema alone, without strict and table
  std::string name;
  std::string base;  // of its addresses
};

// What a pipeline asks beyond the schema.
struct Additions {
  std::vector<contract::Reason> strict;
  std::vector<contract::Reason> landing;
  bool landing_asked = false;
};

// Names of contracts have neither.
bool IsFile(std::string_view contract) { return contract.find_first_of("/.") != contract.npos; }

std::string FileUri(const fs::path& path) {
  std::error_code failure;
  const fs::path absolute = fs::absolute(path, failure);
  constexpr std::string_view kPlain = "-._~!$&'()*+,;=:@/";
  std::string uri = "file://";
  for (const char c : (failure ? path : absolute.lexically_normal()).string()) {
    const bool is_plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || kPlain.find(c) != kPlain.npos;
    uri += is_plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return uri;
}

std::optional<Judged> OfFile(const Globals& globals, const std::string& path, int* exit_code) {
  auto schemas = CompileSchemaFile({.path = path, .remotes = {}}, globals.json, exit_code);
  if (!schemas) return std::nullopt;
  return Judged{std::move(schemas), nullptr, path, FileUri(path)};
}

std::optional<Judged> OfProject(const Globals& globals, const std::string& name, int* exit_code) {
  const std::optional<Project> project =
      LoadProject(globals.folder, {.contracts = ContractUse::kAll}, exit_code, globals.json);
  if (!project) return std::nullopt;
  // By name and version: the last that fits is the newest.
  const ContractConfig* found = nullptr;
  for (const ContractConfig& config : project->contracts) {
    if (name == config.name || name == fmt::format("{}@{}", config.name, config.version)) found = &config;
  }
  if (found != nullptr) {
    return Judged{found->compiled->shared_schemas(), found->compiled, fmt::format("{}@{}", found->name, found->version),
                  FileUri(project->contracts_folder) + "/"};
  }
  *exit_code =
      Fail({Code::kNotFound,
            fmt::format("there is no contract '{}' in {}; `datahub contract check` lists them; a schema's file "
                        "is named with its ending or folder, as ./{}.json",
                        name, project->contracts_folder, name)});
  return std::nullopt;
}

Result<std::string> ReadEvent(const std::string& path) {
  if (path != "-") return ReadTextFile(path, kExplainedBytesMax);
  std::string text(kExplainedBytesMax + 1, '\0');
  std::cin.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(std::cin.gcount()));
  if (std::cin.bad()) return Error{Code::kUnavailable, "standard input cannot be read to its end"};
  if (text.size() <= kExplainedBytesMax) return text;
  return Error{Code::kLimit, fmt::format("standard input has more than {} bytes", kExplainedBytesMax)};
}

Additions AdditionsOf(const Judged& judged, const std::string& event, const json::Value& value, bool valid) {
  Additions additions;
  const auto is_strict = [](const contract::Reason& reason) { return reason.keyword == "dh:strict"; };
  if (judged.contract->options().strict) {
    std::vector<contract::Reason> reasons;
    const contract::ValidateOptions options{.strict = true, .reasons_max = kStrictReasonsMax, .instance_prefix = ""};
    contract::Validate(judged.schemas->root(), value, options, &reasons);
    std::ranges::copy_if(reasons, std::back_inserter(additions.strict), is_strict);
  }
  additions.landing_asked = valid && additions.strict.empty();
  if (!additions.landing_asked) return additions;
  auto chunk = std::make_shared<record::Chunk>();
  chunk->buffer = std::make_shared<record::Buffer>(event.size());
  std::memcpy(chunk->buffer->data(), event.data(), event.size());
  chunk->bytes = {chunk->buffer->data(), event.size()};
  chunk->records.push_back({0, static_cast<uint32_t>(event.size())});
  using contract::Walker;
  const contract::WalkResult walked = Walker(judged.contract, Walker::Way::kExhaustive).Walk(chunk);
  if (!walked.rejected.empty()) additions.landing = walked.rejected.front().reasons;
  return additions;
}

void WriteReasons(const char* key, const std::vector<contract::Reason>& reasons, json::Writer& out) {
  out.Key(key).BeginArray();
  for (const contract::Reason& reason : reasons) {
    out.BeginObject().Key("keyword").String(reason.keyword).Key("instanceLocation").String(reason.instance);
    out.Key("error").String(reason.message).EndObject();
  }
  out.EndArray();
}

void PrintExplanationAsJson(const contract::Explanation& explanation, const Additions* additions, bool accepted) {
  json::Writer out;
  out.BeginObject();
  contract::WriteBasicOutput(explanation, out);
  if (additions != nullptr) {
    out.Key("accepted").Bool(accepted);
    WriteReasons("strict", additions->strict, out);
    WriteReasons("landing", additions->landing, out);
  }
  out.EndObject();
  fmt::print("{}\n", out.text());
}

void PrintReasons(const char* title, const std::vector<contract::Reason>& reasons, const char* none) {
  fmt::print("{}:{}{}\n", title, reasons.empty() ? " " : "", reasons.empty() ? none : "");
  for (const contract::Reason& reason : reasons) {
    fmt::print("  ! {}: {} ({})\n", reason.instance.empty() ? "/" : reason.instance, reason.message, reason.keyword);
  }
}

void PrintExplanation(const Judged& judged, const contract::Explanation& explanation, const Additions* additions,
                      bool accepted) {
  const auto fails = std::ranges::count_if(explanation.units, &contract::KeywordUnit::is_error);
  fmt::print("{}{}: {}", TextOf(explanation), judged.name, explanation.valid ? "valid" : "not valid");
  explanation.valid ? fmt::print("\n") : fmt::print(", {} {}\n", fails, fails == 1 ? "failure" : "failures");
  if (additions == nullptr) return;
  const bool strict = judged.contract->options().strict;
  PrintReasons("strict", additions->strict, strict ? "nothing more" : "off");
  PrintReasons("table", additions->landing,
               additions->landing_asked ? "it can hold the event" : "not asked, what came before rejects the event");
  fmt::print("a pipeline {} it\n", accepted ? "accepts" : "rejects");
}

int FailNotJson(const Globals& globals, const Judged& judged, const std::string& message) {
  if (!globals.json) {
    log::Error("{}", message);
    return kDataQuality;
  }
  contract::KeywordUnit unit;
  unit.absolute = judged.base + "#";
  unit.is_error = true;
  unit.message = message;
  PrintExplanationAsJson({false, {unit}, false}, nullptr, false);
  return kDataQuality;
}

}  // namespace

int ContractExplainCommand(const Globals& globals, const ContractExplainArguments& arguments) {
  int exit_code = kOk;
  const std::optional<Judged> judged = IsFile(arguments.contract) ? OfFile(globals, arguments.contract, &exit_code)
                                                                  : OfProject(globals, arguments.contract, &exit_code);
  if (!judged) return exit_code;
  const Result<std::string> event = ReadEvent(arguments.event);
  if (!event) return Fail(event.error());
  json::Document document;
  const Result<const json::Value*> value = document.Parse(*event);
  if (!value) {
    return FailNotJson(globals, *judged,
                       fmt::format("{} is not JSON: {}; one event is wanted, not a file of lines", arguments.event,
                                   value.error().message));
  }
  const contract::Explanation explanation = contract::Explain(judged->schemas->root(), **value, judged->base);
  if (explanation.cut) log::Warn("there is too much to say of this event; part of it was left off");
  std::optional<Additions> additions;
  if (judged->contract) additions = AdditionsOf(*judged, *event, **value, explanation.valid);
  const bool accepted = explanation.valid && (!additions || (additions->strict.empty() && additions->landing.empty()));
  const Additions* const more = additions ? &*additions : nullptr;
  globals.json ? PrintExplanationAsJson(explanation, more, accepted)
               : PrintExplanation(*judged, explanation, more, accepted);
  return accepted ? kOk : kDataQuality;
}

}  // namespace datahub::app
