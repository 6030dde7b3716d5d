#include "datahub/app/source_reset.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "datahub/app/answer_output.h"
#include "datahub/base/clock.h"
#include "datahub/base/json.h"
#include "datahub/query/statement_text.h"

namespace datahub::app {
namespace {

constexpr size_t kFilesNamedMax = 5;

using SourceNames = std::set<std::string>;

// What its rows call it.
SourceNames NamesInRows(const Project& project, const std::string& source) {
  SourceNames names = {source};
  const SourceConfig* const config = project.FindSource(source);
  if (config != nullptr && !config->renamed_from.empty()) names.insert(config->renamed_from);
  return names;
}

// Which sources the rows of each commit came from. A replay's came from where
// those of the files that it removed did.
Result<std::map<std::string, SourceNames>> SourcesOfCommits(ledger::Ledger& ledger) {
  std::vector<ledger::Commit> commits = DH_TRY(ledger.Commits(SIZE_MAX));
  std::ranges::reverse(commits);  // oldest first
  std::map<std::string, SourceNames> sources;
  std::map<std::string, std::string> added_by;
  for (const ledger::Commit& commit : commits) {
    if (commit.state != ledger::CommitState::kCommitted) continue;
    SourceNames& mine = sources[commit.id.ToString()];
    for (const ledger::PositionMove& move : commit.moves) mine.insert(move.key.source);
    for (const ledger::RemovedFile& file : commit.removed) {
      const auto from = added_by.find(file.key);
      if (from != added_by.end()) mine.insert(sources[from->second].begin(), sources[from->second].end());
    }
    for (const ledger::DataFile& file : commit.added) added_by[file.key] = commit.id.ToString();
  }
  return sources;
}

struct FilesOfTable {
  std::vector<std::string> mine;  // every row is the source's
  uint64_t rows = 0;              // in these
  std::vector<std::string> mixed;
};

bool IsSubset(const SourceNames& some, const SourceNames& all) { return std::ranges::includes(all, some); }

Result<FilesOfTable> SortFiles(ledger::Ledger& ledger, const std::string& table, const SourceNames& names,
                               const std::map<std::string, SourceNames>& sources_of_commits) {
  FilesOfTable files;
  const std::vector<ledger::DataFile> live = DH_TRY(ledger.Files(table));
  for (const ledger::DataFile& file : live) {
    const auto sources = sources_of_commits.find(file.commit);
    if (sources == sources_of_commits.end() || sources->second.empty()) {
      files.mixed.push_back(file.key);  // nobody knows
    } else if (IsSubset(sources->second, names)) {
      files.mine.push_back(file.key);
      files.rows += file.rows;
    } else if (std::ranges::any_of(names, [&](const auto& name) { return sources->second.contains(name); })) {
      files.mixed.push_back(file.key);
    }
  }
  return files;
}

Error Mixed(const std::string& source, const RowsKept& kept, const FilesOfTable& files) {
  std::string named;
  for (size_t i = 0; i < std::min(files.mixed.size(), kFilesNamedMax); ++i) named += "\n  " + files.mixed[i];
  if (files.mixed.size() > kFilesNamedMax) named += fmt::format("\n  and {} more", files.mixed.size() - kFilesNamedMax);
  return {Code::kConflict,
          fmt::format("of the {} rows that table '{}' keeps of source '{}' {} "
                      "lie in files of batches that landed other "
                      "sources too, and a file leaves as a whole; nothing was "
                      "done.{}\nForget all with `datahub reset`, "
                      "or only how far it was read, without --with-rows",
                      kept.rows, kept.table, source, kept.rows - std::min(kept.rows, files.rows), named)};
}

// All rows or nothing: what the data files say and what the ledger says of
// their commits must agree.
Result<std::vector<ledger::RemovedFile>> FilesOfSource(const WritingWorkspace& workspace, const std::string& source) {
  const std::vector<RowsKept> kept = DH_TRY(RowsOfSource(workspace, source));
  const auto sources_of_commits = DH_TRY(SourcesOfCommits(*workspace.ledger));
  std::vector<ledger::RemovedFile> removed;
  for (const RowsKept& of_table : kept) {
    FilesOfTable files = DH_TRY(
        SortFiles(*workspace.ledger, of_table.table, NamesInRows(workspace.project, source), sources_of_commits));
    if (files.rows != of_table.rows) return Mixed(source, of_table, files);
    for (std::string& key : files.mine) removed.push_back({of_table.table, std::move(key)});
  }
  return removed;
}

Result<std::vector<ledger::LostMove>> LostMovesOf(ledger::Ledger& ledger, const std::string& source,
                                                  const std::string& target) {
  std::vector<ledger::LostMove> moves = DH_TRY(ledger.LostMoves(target));
  std::erase_if(moves, [&](const ledger::LostMove& lost) { return lost.move.key.source != source; });
  return moves;
}

// Of the pipeline that reads it, or read it.
Result<std::string> TargetOf(const WritingWorkspace& workspace, const std::string& source) {
  const SourceConfig* const config = workspace.project.FindSource(source);
  if (config != nullptr) return config->pipeline;
  const auto positions = DH_TRY(workspace.ledger->AllPositions());
  for (const auto& [key, position] : positions) {
    if (key.source == source) return key.target;
  }
  return Error{Code::kNotFound, fmt::format("source '{}' has no positions; see `datahub status`", source)};
}

}  // namespace

Result<std::vector<RowsKept>> RowsOfSource(const Workspace& workspace, const std::string& source) {
  std::vector<RowsKept> kept;
  if (!workspace.ledger) return kept;
  std::string names;
  for (const std::string& name : NamesInRows(workspace.project, source)) {
    names += fmt::format("{}{}", names.empty() ? "" : ", ", query::QuotedText(name));
  }
  const std::vector<std::string> tables = DH_TRY(workspace.ledger->Tables());
  for (const std::string& table : tables) {
    const auto files = DH_TRY(workspace.ledger->Files(table));
    if (files.empty()) continue;
    std::string text;
    const std::string sql =
        fmt::format("SELECT count(*) AS n FROM {} WHERE dh_source IN ({})", query::QuotedName(table), names);
    const auto take = [&](std::string_view more) -> Result<void> {
      text += more;
      return {};
    };
    query::OutputOptions output;
    output.format = query::Format::kJson;
    DH_TRY(Ask(workspace, sql, output, take));
    json::Document document;
    const json::Value* const row = DH_TRY(document.Parse(text));
    const uint64_t rows = std::stoull(std::string(row->Find("n")->text));
    if (rows > 0) kept.push_back({table, rows});
  }
  return kept;
}

Result<void> ForgetSource(const WritingWorkspace& workspace, const std::string& source) {
  ledger::Ledger& ledger = *workspace.ledger;
  const auto positions = DH_TRY(ledger.AllPositions());
  bool known = std::ranges::any_of(positions, [&](const auto& row) { return row.first.source == source; });
  for (const PipelineConfig& pipeline : workspace.project.pipelines) {
    const std::vector<ledger::LostMove> lost = DH_TRY(LostMovesOf(ledger, source, pipeline.name));
    known = known || !lost.empty();
  }
  if (!known) return Error{Code::kNotFound, fmt::format("source '{}' has no positions; see `datahub status`", source)};
  return ledger.ForgetSource(workspace.claim->worker().incarnation, source);
}

Result<void> ForgetSourceWithRows(const WritingWorkspace& workspace, const std::string& source,
                                  const std::string& target, const RemoveFiles& remove) {
  ledger::Ledger& ledger = *workspace.ledger;
  std::vector<ledger::RemovedFile> removed = DH_TRY(FilesOfSource(workspace, source));
  std::vector<ledger::LostMove> settled = DH_TRY(LostMovesOf(ledger, source, target));
  std::vector<ledger::PositionMove> moves;
  const auto positions = DH_TRY(ledger.AllPositions());
  for (const auto& [key, position] : positions) {
    if (key.source != source) continue;
    if (key.target != target) {
      return Error{Code::kConflict, fmt::format("source '{}' was read by pipeline '{}' and by '{}', and one "
                                                "commit is of one of them; "
                                                "forget how far it was read first: datahub reset --source {}",
                                                source, target, key.target, source)};
    }
    moves.push_back({key, position, ""});
  }
  if (removed.empty() && moves.empty() && settled.empty()) {
    return Error{Code::kNotFound,
                 fmt::format("source '{}' has no positions and no rows; see `datahub status`", source)};
  }
  return remove(std::move(removed), std::move(moves), std::move(settled));
}

Result<void> ForgetSourceWithRows(const WritingWorkspace& workspace, const std::string& source) {
  const std::string target = DH_TRY(TargetOf(workspace, source));
  const auto remove = [&](std::vector<ledger::RemovedFile> removed, std::vector<ledger::PositionMove> moves,
                          std::vector<ledger::LostMove> settled) {
    ledger::Commit commit;
    commit.id = {target, workspace.claim->worker().incarnation, 1};  // the only one of this life
    commit.target = target;
    commit.removed = std::move(removed);
    commit.moves = std::move(moves);
    commit.settled = std::move(settled);
    commit.created_at_us = clock::NowUs();
    return workspace.committer->Commit(commit);
  };
  return ForgetSourceWithRows(workspace, source, target, remove);
}

}  // namespace datahub::app
