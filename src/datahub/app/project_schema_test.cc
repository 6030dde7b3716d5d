#include "datahub/app/project_schema.h"

#include <gtest/gtest.h>

#include "datahub/app/diagnostic_codes.h"
#include "datahub/app/fields.h"
#include "datahub/app/init.h"
#include "datahub/app/project_fixture.h"
#include "datahub/app/schema_fixture.h"
#include "datahub/app/text_file.h"
#include "datahub/app/yaml_reader.h"

namespace datahub::app {
namespace {

bool LoaderTakes(const std::string& yaml) {
  ProjectReading reading;
  reading.folder.Write("datahub.yaml", yaml);
  reading.folder.Write("contracts/user.json", kUserSchema);
  reading.folder.Write("teams/shop.yaml", "");
  reading.variables = {{"SIZE", "5MiB"}, {"CI_TOKEN", "0123456789abcdef0123"}, {"KIND", "http"}};
  reading.Read();
  return reading.project.has_value();
}

TEST(ProjectSchema, TakesWhatTheLoaderTakes) {
  for (const std::string changed : {
           "",
           "tables:\n  users:\n",
           "tables:\n  users: {parquet: {encodings: delta}}\n",
           "tables:\n  users: {partition_by: [], flush: {bytes: 5000000, rows: \"500\", age: 10s}}\n",
           "tables:\n  users: {partition_by: day(created_at), flush: {bytes: '${env:SIZE}', age: 10 s}}\n",
           "sources:\n  users_inbox: {kind: files, path: [a/*, b/*], format: auto, complete_after: 5m, renamed_from: "
           "x}\n",
           "sources:\n  users_inbox: {kind: '${env:KIND}'}\n",
           "pipelines:\n  users: {from: users_inbox, contract: user@1, to: users, on_reject: stop}\n",
           "serve:\n  listen: localhost:0\n  body: 1MiB\n  connections: 10\n  grace: 0s\n"
           "  tokens: [{name: ci, token: '${env:CI_TOKEN}', roles: [ingest, read]}, {name: me, token: "
           "'${env:CI_TOKEN}', roles: admin}]\n",
           "contracts: {}\n",
           "contracts: {folder: ./contracts, registry: {}}\n",
           "contracts: {folder: ./contracts, registry: {\"https://schemas.example/\": ./teams}}\n",
           "serve:\nintake: {bytes: 1GiB, age: 7d}\nledger: {kind: sqlite}\ncatalogs: []\nsinks: {}\ncontracts: "
           "./contracts\n",
       }) {
    EXPECT_TRUE(LoaderTakes(Completed(changed))) << changed;
    EXPECT_EQ(Refusal(Completed(changed)), "") << changed;
  }
}

// With the place of each: a field that neither knows.
TEST(ProjectSchema, RefusesWhatTheLoaderDoesNotKnow) {
  for (const std::string changed : {
           "more: x\n",
           "lake: {location: ./lake, more: x}\n",
           "ledger: {kind: sqlite, more: x}\n",
           "sources:\n  users_inbox: {kind: files, path: ./inbox, more: x}\n",
           "sources:\n  users_inbox: {kind: http, path: ./inbox}\n",
           "tables:\n  users: {more: x}\n",
           "tables:\n  users: {flush: {more: x}}\n",
           "tables:\n  users: {parquet: {encodings: rle}}\n",
           "tables:\n  users: {external: x}\n",
           "pipelines:\n  users: {from: [users_inbox], contract: user, to: [users], more: x}\n",
           "serve: {more: x}\n",
           "serve: {tokens: [{name: ci, token: 0123456789abcdef0123, roles: [read], more: x}]}\n",
           "intake: {more: x}\n",
           "intake: {bytes: 5}\n",
           "contracts: {more: x}\n",
           "contracts: [./contracts]\n",
           "contracts: {registry: ./teams}\n",
           "contracts: {registry: {\"https://schemas.example\": ./teams}}\n",
           "contracts: {registry: {\"https://schemas.example/\": {}}}\n",
           "serve: {connections: 0}\n",
           "serve: {tokens: [{name: ci, token: 0123456789abcdef0123, roles: [write]}]}\n",
           "pipelines:\n  users: {from: [], contract: user, to: [users]}\n",
           "ledger: {kind: dynamodb}\n",
           "sinks: {a: {}}\n",
           "lake:\n",
       }) {
    EXPECT_FALSE(LoaderTakes(Completed(changed))) << changed;
    EXPECT_NE(Refusal(Completed(changed)), "") << changed;
  }
}

// So that no field can be added to the loader alone, or to the schema alone.
TEST(ProjectSchemaDeathTest, FieldsAndRowsAreTheSame) {
  const YamlNode node;
  Diagnostics diagnostics;
  Fields unknown(node, "serve", kServeFields, diagnostics);
  EXPECT_DEATH((void)unknown.Take("more"), "");
  Fields forgotten(node, "intake", kIntakeFields, diagnostics);
  (void)forgotten.Bytes("bytes");
  EXPECT_DEATH(forgotten.Finish(), "");
}

TEST(ProjectSchema, AgreesWithThePagesOfCodes) {
  for (const DiagnosticCode& row : DiagnosticCodes()) {
    if (row.mended.file != "datahub.yaml") continue;
    EXPECT_EQ(Refusal(Completed(row.mended.text)), "") << row.code;
    const bool of_one_field = row.code == code::kUnknownField || row.code == code::kMissingField ||
                              row.code == code::kWrongType || row.code == code::kWrongValue ||
                              row.code == code::kBadName;
    if (!of_one_field) continue;
    EXPECT_NE(Refusal(Completed(row.wrong.text)), "") << row.code;
  }
}

TEST(ProjectSchema, TakesWhatInitWrites) {
  const ProjectFolder scratch;
  ASSERT_TRUE(InitProject({.folder = scratch.path() + "/demo", .events = 1}));
  const auto text = ReadTextFile(scratch.path() + "/demo/datahub.yaml", kYamlBytesMax);
  ASSERT_TRUE(text);
  EXPECT_EQ(Refusal(*text), "");
  const auto schema = ReadTextFile(scratch.path() + "/demo/" + std::string(kSchemaFile), kYamlBytesMax);
  ASSERT_TRUE(schema);
  EXPECT_EQ(*schema, ProjectSchema() + "\n");
}

}  // namespace
}  // namespace datahub::app
