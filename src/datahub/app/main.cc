#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "datahub/app/commands.h"
#include "datahub/app/completion.h"
#include "datahub/app/exit_code.h"
#include "datahub/base/exhaustion.h"
#include "datahub/base/log.h"
#include "datahub/query/query_task.h"

namespace {

using namespace datahub::app;

// Which verb was asked for; run once the whole line is parsed.
using Chosen = std::function<int()>;

class CommandLine {
 public:
  CommandLine() : app_("Datahub: from events and files to governed, queryable lake tables.", "datahub") {
    app_.require_subcommand(1);
    app_.fallthrough();  // -C, -q and -v also behind the verb
    app_.add_option("-C", globals_.folder, "the project's folder")->type_name("DIR");
    app_.add_flag("-q,--quiet", globals_.quiet, "errors only on stderr");
    app_.add_flag("-v,--verbose", verbose_, "say more on stderr");
    AddProjectVerbs();
    AddReadingVerbs();
    AddContractVerbs();
    AddQuarantineVerbs();
    AddTableVerbs();
  }

  int Run(int argc, char** argv) {
    try {
      app_.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      return app_.exit(error) == 0 ? kOk : kUsage;
    }
    using datahub::log::Level;
    datahub::log::SetLevel(globals_.quiet ? Level::kError : verbose_ ? Level::kDebug : Level::kInfo);
    const int code = chosen_();
    // A reader that went away (`| head`) is no error.
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
    if (errno == EPIPE) return code;
    datahub::log::Error("cannot write the answer: {}", std::strerror(errno));
    return code == kOk ? kFailure : code;
  }

 private:
  CLI::App* Verb(CLI::App* parent, const char* name, const char* description, Chosen chosen) {
    CLI::App* verb = parent->add_subcommand(name, description);
    verb->callback([this, chosen] { chosen_ = chosen; });
    return verb;
  }

  CLI::App* ReadingVerb(CLI::App* parent, const char* name, const char* description, Chosen chosen) {
    CLI::App* verb = Verb(parent, name, description, std::move(chosen));
    verb->add_flag("--json", globals_.json, "one JSON object a line");
    return verb;
  }

  void AddProjectVerbs() {
    CLI::App* init = Verb(&app_, "init", "make a project that runs, with a contract and events to try",
                          [this] { return InitCommand(globals_, init_); });
    init->add_option("dir", init_.folder, "a folder that is empty or not there yet")->required();
    init->add_option("--name", init_.name, "the project's name (default: the folder's)");
    init->add_option("--events", init_.events, "how many events to write")
        ->capture_default_str()
        ->check(CLI::Range(uint64_t{0}, uint64_t{100'000'000}));
    init->add_option("--seed", init_.seed, "the same seed gives the same events")->capture_default_str();

    ReadingVerb(&app_, "validate", "check the project and its contracts; all mistakes at once", [this] {
      return ValidateCommand(globals_, print_schema_);
    })->add_flag("--print-schema", print_schema_, "only print a JSON Schema of datahub.yaml, for editors");

    CLI::App* run = ReadingVerb(&app_, "run", "read the sources until they are drained, and land their records",
                                [this] { return RunCommand(globals_, run_); });
    run->add_option("pipeline", run_.pipelines, "only these pipelines");
    run->add_option("--threads", run_.threads, "threads that check and write (default: one a processor)")
        ->check(CLI::Range(1, 256));
    run->add_flag("--take-over", run_.take_over, "fence the worker that holds the project");
    run->add_option("--reader-grace", run_.reader_grace,
                    "how long removed files stay for readers that have them open (default: 10m)");
    run->add_flag("--accept-loss", run_.accept_loss,
                  "give up records whose files a crash lost and whose source no longer has them");
    run->add_flag("--fail-on-reject", run_.fail_on_reject, "exit code 3 when a record was rejected");

    CLI::App* serve = Verb(&app_, "serve", "take events over HTTP, and land what comes, until it is stopped",
                           [this] { return ServeCommand(globals_, serve_); });
    serve->add_option("--listen", serve_.listen, "HOST:PORT instead of the project's (127.0.0.1:8080)");
    serve->add_option("--threads", serve_.threads, "threads of each pipeline that check and write")
        ->capture_default_str()
        ->check(CLI::Range(1, 256));
    serve->add_flag("--accept-loss", serve_.accept_loss, "give up posts to sources that the project no longer has");
    serve->add_flag("--intake-only", serve_.intake_only, "take events, land nothing: a later serve does");
    serve->add_flag("--take-over", serve_.take_over, "fence the worker that holds the project");
    serve->add_option("--reader-grace", serve_.reader_grace,
                      "how long removed files stay for readers that have them open (default: 10m)");

    CLI::App* reset = Verb(&app_, "reset", "forget tables, quarantine and positions: all sources are read anew",
                           [this] { return ResetCommand(globals_, reset_); });
    reset->add_flag("--yes", reset_.yes, "do it; without it only the plan is shown");
    reset->add_option("--source", reset_.source, "forget only how far this source was read; tables stay");
    reset
        ->add_flag("--with-rows", reset_.with_rows, "with --source: remove its rows from the tables in the same commit")
        ->needs("--source");
    reset->add_flag("--foreign-lake", reset_.foreign_lake, "also when the lake belongs to another ledger");

    ReadingVerb(&app_, "doctor", "check the machine and the project, and say what to do", [this] {
      return DoctorCommand(globals_, deep_);
    })->add_flag("--deep", deep_, "also every file's size and checksum, every file that no table has, every position");
    ReadingVerb(&app_, "explain", "what an error's code means, with an example and its mend", [this] {
      return ExplainCommand(globals_, codes_);
    })->add_option("code", codes_, "such as DH201; none: all codes, a line each");

    Verb(&app_, "completion", "a script that completes verbs, options and names in your shell",
         [this] {
           std::fputs(CompletionScript(app_, shell_).c_str(), stdout);
           return int{kOk};
         })
        ->add_option("shell", shell_, "bash, zsh or fish")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}));

    CLI::App* version = ReadingVerb(&app_, "version", "what this program is",
                                    [this] { return VersionCommand(globals_, crash_points_); });
    version->add_flag("--crash-points", crash_points_, "the steps at which tests can kill it");
  }

  void AddReadingVerbs() {
    CLI::App* query = ReadingVerb(&app_, "query", "SQL (DuckDB's) over the tables",
                                  [this] { return QueryCommand(globals_, query_); });
    query->add_option("sql", query_.sql, "the statement; - reads it from standard input")->required();
    query->add_flag("--csv", query_.csv, "CSV with a header")->excludes("--json");
    query->add_flag("--timing", query_.timing, "say on stderr how long it took");

    ReadingVerb(&app_, "ls", "tables, with their rows, files and bytes", [this] { return ListCommand(globals_); });
    ReadingVerb(&app_, "show", "a table's columns", [this] { return ShowCommand(globals_, table_); })
        ->add_option("table", table_)
        ->required();
    ReadingVerb(&app_, "status", "how far each source is, and who writes", [this] { return StatusCommand(globals_); });
  }

  void AddContractVerbs() {
    CLI::App* contract = app_.add_subcommand("contract", "what records must be");
    contract->require_subcommand(1);
    ReadingVerb(contract, "check", "compile contracts, show their columns, and compare their versions", [this] {
      return ContractCheckCommand(globals_, contract_);
    })->add_option("contract", contract_, "only this one");
    ReadingVerb(contract, "test", "hold contracts against their fixtures, <contract>/tests/*.json", [this] {
      return ContractTestCommand(globals_, contract_);
    })->add_option("contract", contract_, "only this one");
    CLI::App* ddl = Verb(contract, "ddl", "CREATE TABLE of the tables that a contract's records land in",
                         [this] { return ContractDdlCommand(globals_, ddl_); });
    ddl->add_option("contract", ddl_.contract)->required();
    ddl->add_option("--dialect", ddl_.dialect, "whose SQL")
        ->check(CLI::IsMember({"athena", "hive", "trino", "spark", "iceberg", "postgres", "duckdb"}))
        ->capture_default_str();
    ddl->add_flag("--projection", ddl_.projection, "Athena finds partitions by itself");
    ReadingVerb(contract, "infer", "propose a contract that fits events, a line each; nothing is written",
                [this] { return ContractInferCommand(globals_, infer_); })
        ->add_option("file", infer_, "plain, gzip or zstd; - is standard input")
        ->required();
    CLI::App* validate =
        ReadingVerb(contract, "validate", "judge events, a line each, by a JSON Schema; no project is needed",
                    [this] { return ContractValidateCommand(globals_, validate_); });
    validate->add_option("schema", validate_.schema.path, "its file")->required();
    validate->add_option("events", validate_.events, "their file; - is standard input")->required();
    validate->add_option("--format", validate_.format, "what `format` does")
        ->check(CLI::IsMember({"assert", "annotate"}))
        ->capture_default_str();
    validate->add_option("--remotes", validate_.schema.remotes, "where documents are whose addresses begin so")
        ->type_name("URL=DIR");
    validate->add_option("--benchmark", validate_.benchmark_rounds, "how long an event takes, over N rounds")
        ->type_name("N")
        ->check(CLI::Range(1, 1'000'000));
    CLI::App* explain =
        ReadingVerb(contract, "explain", "what each keyword says of an event, and what strict and the table add",
                    [this] { return ContractExplainCommand(globals_, contract_explain_); });
    explain->add_option("contract", contract_explain_.contract, "its name, name@version, or a schema's file")
        ->required();
    explain->add_option("event", contract_explain_.event, "its file; - is standard input")->required();
  }

  void AddQuarantineVerbs() {
    CLI::App* quarantine = app_.add_subcommand("quarantine", "records that were rejected");
    quarantine->require_subcommand(1);
    ReadingVerb(quarantine, "ls", "how many, and why", [this] { return QuarantineListCommand(globals_); });
    CLI::App* show = ReadingVerb(quarantine, "show", "rejected records with their reasons",
                                 [this] { return QuarantineShowCommand(globals_, quarantine_); });
    show->add_option("pipeline", quarantine_.pipeline)->required();
    show->add_option("--limit", quarantine_.limit)->capture_default_str()->check(CLI::Range(0, 1'000'000'000));
    CLI::App* replay = ReadingVerb(quarantine, "replay", "judge them again with the contract of now",
                                   [this] { return QuarantineReplayCommand(globals_, quarantine_); });
    replay->add_option("pipeline", quarantine_.pipeline)->required();
    replay->add_flag("--take-over", quarantine_.take_over, "fence the worker that holds the project");
    CLI::App* drop = Verb(quarantine, "drop", "forget them for good",
                          [this] { return QuarantineDropCommand(globals_, quarantine_); });
    drop->add_option("pipeline", quarantine_.pipeline)->required();
    drop->add_flag("--yes", quarantine_.yes, "do it; without it only the plan is shown");
    drop->add_flag("--take-over", quarantine_.take_over, "fence the worker that holds the project");
  }

  void AddTableVerbs() {
    CLI::App* table = app_.add_subcommand("table", "what a table is made of");
    table->require_subcommand(1);
    const auto add = [&](const char* name, const char* description, auto command) {
      ReadingVerb(table, name, description, [this, command] { return command(globals_, table_); })
          ->add_option("table", table_)
          ->required();
    };
    add("files", "its data files", TableFilesCommand);
    add("partitions", "its partitions", TablePartitionsCommand);
    add("stats", "rows, files, bytes and sizes", TableStatsCommand);
    ReadingVerb(table, "orphans", "data files in the lake that the ledger does not know", [this] {
      return TableOrphansCommand(globals_, delete_orphans_);
    })->add_flag("--delete", delete_orphans_, "remove them, and go on with the ledger that is there");
  }

  CLI::App app_;
  Globals globals_;
  InitArguments init_;
  RunArguments run_;
  ServeArguments serve_;
  ResetArguments reset_;
  QueryArguments query_;
  QuarantineArguments quarantine_;
  ContractValidateArguments validate_;
  ContractExplainArguments contract_explain_;
  ContractDdlArguments ddl_;
  std::string table_;
  std::string contract_;
  std::string shell_;
  std::vector<std::string> codes_;
  std::vector<std::string> infer_;
  bool verbose_ = false;
  bool print_schema_ = false;
  bool crash_points_ = false;
  bool deep_ = false;
  bool delete_orphans_ = false;
  Chosen chosen_;
};

// Without them the next file that is opened, the ledger perhaps, would be what is written to as standard error.
bool SecureStandardFiles() {
  for (int file = STDIN_FILENO; file <= STDERR_FILENO; ++file) {
    if (::fcntl(file, F_GETFD) >= 0) continue;
    if (::open("/dev/null", O_RDWR) != file) return false;  // the lowest that is free
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (!SecureStandardFiles()) return kFailure;
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("bmi2")) {
    std::fputs("error: this program needs a processor with AVX2 and BMI2 (x86-64-v3, from 2013 on)\n", stderr);
    return kFailure;
  }
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is an error of the write, not the end of a commit
  // No verb for people: the process in which `serve` has a query answered.
  if (argc == 2 && std::string_view(argv[1]) == "answer-query") return datahub::query::AnswerQueryTask();
  datahub::EndWhenExhausted();
  return CommandLine().Run(argc, argv);
}
