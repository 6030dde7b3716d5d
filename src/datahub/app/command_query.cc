// `query`: SQL over the tables.

#include <iostream>
#include <iterator>

#include "datahub/app/answer_output.h"
#include "datahub/app/commands.h"
#include "datahub/app/exit_code.h"
#include "datahub/app/workspace.h"

namespace datahub::app {

int QueryCommand(const Globals& globals, const QueryArguments& arguments) {
  std::string sql = arguments.sql;
  if (sql == "-") sql.assign(std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>());
  int exit_code = kOk;
  const auto workspace = OpenForReading(globals.folder, &exit_code);
  if (!workspace) return exit_code;
  return PrintAnswer(*workspace, sql, {.json = globals.json, .csv = arguments.csv, .timing = arguments.timing});
}

}  // namespace datahub::app
