// `explain`: the pages of diagnostic_codes.cc.

#include <fmt/format.h>

#include "datahub/app/commands.h"
#include "datahub/app/diagnostic_codes.h"
#include "datahub/app/exit_code.h"
#include "datahub/app/listing.h"
#include "datahub/app/suggestion.h"
#include "datahub/base/json.h"
#include "datahub/base/log.h"

namespace datahub::app {
namespace {

std::string Indented(std::string_view text) {
  std::string out;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    out += fmt::format("    {}\n", text.substr(begin, end - begin));
    begin = end + 1;
  }
  return out;
}

void PrintPage(const DiagnosticCode& row) {
  fmt::print("{}: {}\n\n{}\n\nwrong, in {}:\n\n{}\nmended{}:\n\n{}\nlook at: {}\n", row.code, row.meaning, row.reason,
             row.wrong.file, Indented(row.wrong.text),
             row.mended.file == row.wrong.file ? "" : fmt::format(", in {}", row.mended.file),
             Indented(row.mended.text), row.look);
}

void PrintPageAsJson(const DiagnosticCode& row) {
  json::Writer out;
  const auto example = [&](std::string_view key, const CodeExample& of) {
    out.Key(key).BeginObject().Key("file").String(of.file).Key("text").String(of.text).EndObject();
  };
  out.BeginObject().Key("code").String(row.code).Key("meaning").String(row.meaning).Key("reason").String(row.reason);
  example("wrong", row.wrong);
  example("mended", row.mended);
  out.Key("look").String(row.look).EndObject();
  fmt::print("{}\n", out.text());
}

}  // namespace

int ExplainCommand(const Globals& globals, const std::vector<std::string>& codes) {
  std::vector<const DiagnosticCode*> pages;
  std::vector<std::string_view> known;
  for (const DiagnosticCode& row : DiagnosticCodes()) known.push_back(row.code);
  for (const std::string& asked : codes) {
    std::string code = asked;
    for (char& c : code) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
    pages.push_back(FindCode(code));
    if (pages.back() != nullptr) continue;
    log::Error("there is no code '{}'; {} `datahub explain` lists all", asked, Suggest(code, known));
    return kUsage;
  }
  if (codes.empty() && !globals.json) {
    Listing listing({"code", "meaning"});
    for (const DiagnosticCode& row : DiagnosticCodes()) {
      listing.Add({std::string(row.code), std::string(row.meaning)});
    }
    listing.Print(false);
    return kOk;
  }
  if (codes.empty()) {
    for (const DiagnosticCode& row : DiagnosticCodes()) pages.push_back(&row);
  }
  for (const DiagnosticCode* page : pages) {
    if (globals.json) {
      PrintPageAsJson(*page);
    } else {
      if (page != pages.front()) fmt::print("\n");
      PrintPage(*page);
    }
  }
  return kOk;
}

}  // namespace datahub::app
