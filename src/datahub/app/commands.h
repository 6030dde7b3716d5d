#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "datahub/app/schema_file.h"

namespace datahub::app {

// What every verb knows. Each verb below returns the program's exit code (exit_code.h), prints results on stdout and
// everything else on stderr.
struct Globals {
  std::string folder = ".";  // -C
  bool json = false;
  bool quiet = false;
};

struct RunArguments {
  std::vector<std::string> pipelines;  // none: all
  int threads = 0;                     // 0: as many as processors
  bool take_over = false;
  bool fail_on_reject = false;
  bool accept_loss = false;
  std::string reader_grace;  // a duration; "": the default
};

struct ServeArguments {
  std::string listen;  // "": as the project says
  int threads = 1;     // of each pipeline
  bool intake_only = false;
  bool accept_loss = false;
  bool take_over = false;
  std::string reader_grace;  // a duration; "": the default
};

struct ResetArguments {
  bool yes = false;
  std::string source;      // only its positions
  bool with_rows = false;  // and the rows that came from it
  bool foreign_lake = false;
};

struct QueryArguments {
  std::string sql;
  bool csv = false;
  bool timing = false;
};

struct QuarantineArguments {
  std::string pipeline;
  uint64_t limit = 20;
  bool take_over = false;
  bool yes = false;
};

struct ContractValidateArguments {
  SchemaFile schema;
  std::string format = "assert";  // or "annotate"
  std::string events;             // a file; "-": standard input
  int benchmark_rounds = 0;       // 0: no benchmark
};

struct ContractExplainArguments {
  std::string contract;  // a contract of the project, "user" or "user@2"; or a schema's file, "./user.json"
  std::string event;     // a file; "-": standard input
};

struct ContractDdlArguments {
  std::string contract;
  std::string dialect = "athena";
  bool projection = false;
};

struct InitArguments {
  std::string folder;
  std::string name;
  uint64_t events = 10'000;
  uint64_t seed = 1;
};

int InitCommand(const Globals& globals, const InitArguments& arguments);
int ValidateCommand(const Globals& globals, bool print_schema);
int ContractValidateCommand(const Globals& globals, const ContractValidateArguments& arguments);
int ContractDdlCommand(const Globals& globals, const ContractDdlArguments& arguments);
int ContractExplainCommand(const Globals& globals, const ContractExplainArguments& arguments);
int ContractInferCommand(const Globals& globals, const std::vector<std::string>& files);
int ContractTestCommand(const Globals& globals, const std::string& contract);
int DoctorCommand(const Globals& globals, bool deep);
int ExplainCommand(const Globals& globals, const std::vector<std::string>& codes);
int RunCommand(const Globals& globals, const RunArguments& arguments);
int ServeCommand(const Globals& globals, const ServeArguments& arguments);
int QueryCommand(const Globals& globals, const QueryArguments& arguments);
int ListCommand(const Globals& globals);
int ShowCommand(const Globals& globals, const std::string& table);
int StatusCommand(const Globals& globals);
int ResetCommand(const Globals& globals, const ResetArguments& arguments);
int ContractCheckCommand(const Globals& globals, const std::string& contract);
int QuarantineListCommand(const Globals& globals);
int QuarantineShowCommand(const Globals& globals, const QuarantineArguments& arguments);
int QuarantineReplayCommand(const Globals& globals, const QuarantineArguments& arguments);
int QuarantineDropCommand(const Globals& globals, const QuarantineArguments& arguments);
int TableFilesCommand(const Globals& globals, const std::string& table);
int TablePartitionsCommand(const Globals& globals, const std::string& table);
int TableStatsCommand(const Globals& globals, const std::string& table);
int TableOrphansCommand(const Globals& globals, bool remove);
int VersionCommand(const Globals& globals, bool crash_points);

}  // namespace datahub::app
