// The verb that proposes a contract.

#include <cstdio>

#include <fmt/format.h>

#include "datahub/app/commands.h"
#include "datahub/app/contract_folder.h"
#include "datahub/app/event_lines.h"
#include "datahub/app/exit_code.h"
#include "datahub/app/listing.h"
#include "datahub/app/workspace.h"
#include "datahub/base/json.h"
#include "datahub/base/log.h"
#include "datahub/contract/contract.h"
#include "datahub/contract/inference/inference.h"
#include "datahub/contract/inference/proposal.h"

namespace datahub::app {
namespace {

using contract::inference::Inference;
using contract::inference::InvalidLine;
using contract::inference::Proposal;

std::string JsonOf(const Proposal& proposal, const std::vector<InvalidLine>& invalid) {
  json::Document document;
  std::string schema;
  json::AppendValue(schema, **document.Parse(proposal.schema));
  json::Writer out;
  out.BeginObject().Key("schema").Raw(schema).Key("evidence").Raw(proposal.evidence);
  out.Key("first_invalid_lines").BeginArray();
  for (const InvalidLine& line : invalid) {
    out.BeginObject()
        .Key("file")
        .String(line.input)
        .Key("line")
        .Number(line.line)
        .Key("why")
        .String(line.why)
        .EndObject();
  }
  out.EndArray().EndObject();
  return std::move(out).Take();
}

void Summarize(const Inference& inference, size_t files) {
  fmt::print(stderr, "{} events in {} file{}, {}; {} line{} not JSON\n", HumanCount(inference.events()), files,
             files == 1 ? "" : "s", HumanBytes(inference.bytes()), HumanCount(inference.invalid()),
             inference.invalid() == 1 ? "" : "s");
  for (const InvalidLine& line : inference.invalid_lines()) {
    fmt::print(stderr, "  {}:{}: {}\n", line.input, line.line, line.why);
  }
  if (inference.reached_places_max()) {
    fmt::print(stderr, "more than {} places: some objects or arrays were not looked into; their comments say so\n",
               contract::inference::kPlacesMax);
  }
}

// What `contract check` would say of it.
Result<void> Check(const std::string& schema) {
  if (schema.size() > kContractBytesMax) {
    return Error{Code::kLimit,
                 fmt::format("the proposal has {} bytes, more than a contract may have ({}); infer from events "
                             "of one kind, or take out what should be one column of JSON text",
                             schema.size(), kContractBytesMax)};
  }
  std::vector<contract::CompileError> errors;
  if (contract::Contract::Compile(schema, {.name = "proposal"}, &errors) != nullptr) return {};
  std::string message = "the proposal has to be edited before it is a contract:";
  for (const contract::CompileError& error : errors) {
    message += fmt::format("\n  {}: {}{}{}", error.pointer, error.message, error.hint.empty() ? "" : "; ", error.hint);
  }
  return Error{Code::kInternal, std::move(message)};
}

}  // namespace

int ContractInferCommand(const Globals& globals, const std::vector<std::string>& files) {
  Inference inference;
  const LineTaker taker{
      .take = [&](std::string_view lines) { inference.Add(lines); },
      .pass_over = [&] { inference.AddInvalid(fmt::format("the line has more than {}", HumanBytes(kEventBytesMax))); }};
  for (const std::string& file : files) {
    inference.BeginInput(file == "-" ? "standard input" : file);
    if (const Result<void> read = ReadLines(file, taker); !read) return Fail(read.error());
  }
  if (!globals.quiet || inference.invalid() > 0) Summarize(inference, files.size());
  const uint64_t invalid = inference.invalid();
  const std::vector<InvalidLine> invalid_lines = inference.invalid_lines();
  if (inference.events() == 0) {
    log::Error("there is no event to infer a contract from");
    return invalid == 0 ? kFailure : kDataQuality;
  }
  const Proposal proposal = Propose(std::move(inference));
  if (globals.json) {
    fmt::print("{}\n", JsonOf(proposal, invalid_lines));
  } else {
    fmt::print("{}", proposal.schema);
  }
  if (const Result<void> check = Check(proposal.schema); !check) return Fail(check.error());
  return invalid == 0 ? kOk : kDataQuality;
}

}  // namespace datahub::app
