// The verb that holds contracts against events of which somebody has said what they are.

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "datahub/app/commands.h"
#include "datahub/app/contract_folder.h"
#include "datahub/app/exit_code.h"
#include "datahub/app/listing.h"
#include "datahub/app/text_file.h"
#include "datahub/app/workspace.h"
#include "datahub/base/json.h"
#include "datahub/contract/contract.h"

namespace datahub::app {
namespace {

namespace fs = std::filesystem;

// Instance and keyword of a reason; messages may change.
using Place = std::pair<std::string, std::string>;

// {"event": …, "valid": true|false, "reasons": [{"instance": "/age", "keyword": "#/properties/age/minimum"}]}
struct Fixture {
  std::string event;
  bool valid = false;
  std::optional<std::set<Place>> reasons;
};

Result<Place> ReadPlace(const json::Value& reason) {
  const json::Value* const instance = reason.is_object() ? reason.Find("instance") : nullptr;
  const json::Value* const keyword = reason.is_object() ? reason.Find("keyword") : nullptr;
  if (instance == nullptr || !instance->is_string() || keyword == nullptr || !keyword->is_string()) {
    return Error{Code::kInvalidInput, "a reason is {\"instance\": \"/…\", \"keyword\": \"#/…\"}"};
  }
  return Place(instance->text, keyword->text);
}

Result<Fixture> ReadFixture(const std::string& path) {
  const std::string text = DH_TRY(ReadTextFile(path, kContractBytesMax));
  json::Document document;
  const json::Value* const root = DH_TRY(document.Parse(text));
  static constexpr std::string_view kForm = "a fixture is {\"event\": …, \"valid\": true|false, \"reasons\": […]}";
  if (!root->is_object()) return Error{Code::kInvalidInput, std::string(kForm)};
  for (const json::Member& member : root->members) {
    if (member.key != "event" && member.key != "valid" && member.key != "reasons") {
      return Error{Code::kInvalidInput, fmt::format("'{}' is not known: {}", member.key, kForm)};
    }
  }
  const json::Value* const event = root->Find("event");
  const json::Value* const valid = root->Find("valid");
  const json::Value* const reasons = root->Find("reasons");
  if (event == nullptr || valid == nullptr || !valid->is_bool() || (reasons != nullptr && !reasons->is_array())) {
    return Error{Code::kInvalidInput, std::string(kForm)};
  }
  Fixture fixture;
  fixture.event = text.substr(event->begin, event->end - event->begin);
  fixture.valid = valid->type == json::Type::kTrue;
  if (reasons == nullptr) return fixture;
  fixture.reasons.emplace();
  for (const json::Value& reason : reasons->elements) fixture.reasons->insert(DH_TRY(ReadPlace(reason)));
  return fixture;
}

// What a pipeline would say: what the schema says, and what a table can hold.
std::vector<contract::Reason> ReasonsOf(const std::shared_ptr<const contract::Contract>& contract,
                                        const std::string& event) {
  auto chunk = std::make_shared<record::Chunk>();
  chunk->buffer = std::make_shared<record::Buffer>(event.size());
  std::memcpy(chunk->buffer->data(), event.data(), event.size());
  chunk->bytes = {chunk->buffer->data(), event.size()};
  chunk->records.push_back({0, static_cast<uint32_t>(event.size())});
  contract::WalkResult walked = contract::Walker(contract).Walk(chunk);
  return walked.rejected.empty() ? std::vector<contract::Reason>() : std::move(walked.rejected.front().reasons);
}

std::string PlacesText(const std::set<Place>& places) {
  std::string text;
  for (const auto& [instance, keyword] : places) {
    text += fmt::format("{}{} ({})", text.empty() ? "" : ", ", instance.empty() ? "/" : instance, keyword);
  }
  return text.empty() ? "none" : text;
}

// Empty: it is as the fixture says.
std::string Difference(const Fixture& fixture, const std::vector<contract::Reason>& reasons) {
  std::set<Place> places;
  for (const contract::Reason& reason : reasons) places.emplace(reason.instance, reason.keyword);
  if (fixture.valid && !reasons.empty()) return fmt::format("it is not valid: {}", PlacesText(places));
  if (!fixture.valid && reasons.empty()) return "it is valid";
  if (!fixture.reasons || *fixture.reasons == places) return "";
  return fmt::format("the reasons are {}, the fixture has {}", PlacesText(places), PlacesText(*fixture.reasons));
}

std::vector<std::string> FixturesOf(const Project& project, const std::string& contract) {
  std::vector<std::string> paths;
  std::error_code failure;
  for (fs::directory_iterator at(fmt::format("{}/{}/tests", project.contracts_folder, contract), failure), end;
       !failure && at != end; at.increment(failure)) {
    if (at->path().extension() == ".json") paths.push_back(at->path().string());
  }
  std::ranges::sort(paths);
  return paths;
}

}  // namespace

int ContractTestCommand(const Globals& globals, const std::string& contract) {
  int exit_code = kOk;
  const std::optional<Project> project =
      LoadProject(globals.folder, {.contracts = ContractUse::kAll}, &exit_code, globals.json);
  if (!project) return exit_code;
  Listing listing({"contract", "version", "fixture", "passed", "difference"});
  size_t tested = 0;
  size_t failed = 0;
  for (size_t i = 0; i < project->contracts.size(); ++i) {
    const ContractConfig& config = project->contracts[i];
    const bool is_newest = i + 1 == project->contracts.size() || project->contracts[i + 1].name != config.name;
    if (!is_newest || (!contract.empty() && config.name != contract)) continue;
    for (const std::string& path : FixturesOf(*project, config.name)) {
      const Result<Fixture> fixture = ReadFixture(path);
      if (!fixture) return Fail({fixture.error().code, fmt::format("{}: {}", path, fixture.error().message)});
      const std::string difference = Difference(*fixture, ReasonsOf(config.compiled, fixture->event));
      ++tested;
      failed += difference.empty() ? 0 : 1;
      listing.Add({config.name, static_cast<int64_t>(config.version), fs::path(path).filename().string(),
                   std::string(difference.empty() ? "yes" : "no"), difference});
    }
  }
  if (tested == 0) {
    return Fail({Code::kNotFound, fmt::format("there are no fixtures; put them into {}/{}/tests/*.json",
                                              project->contracts_folder, contract.empty() ? "<contract>" : contract)});
  }
  listing.Print(globals.json);
  return failed == 0 ? kOk : kDataQuality;
}

}  // namespace datahub::app
