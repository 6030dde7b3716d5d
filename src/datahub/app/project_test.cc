#include "datahub/app/project.h"

#include <gtest/gtest.h>

#include "datahub/app/project_fixture.h"

namespace datahub::app {
namespace {

constexpr const char* kGood = R"(project: sales
lake: {location: ./lake, database: sales_lake}
ledger: {kind: sqlite}
contracts: ./contracts
sources:
  users_inbox: {kind: files, path: ./inbox/users/*.ndjson}
  more_users:
    kind: files
    path: [./a/*.ndjson, "./b/*.ndjson"]
    complete_after: 5m
    renamed_from: old_users
tables:
  users:
    partition_by: [day(created_at), month(received_at) as m]
    flush: {bytes: 1MiB, rows: 500, age: 10s}
    parquet: {encodings: delta}
  raw: {}
pipelines:
  users: {from: [users_inbox, more_users], contract: user, to: [users], on_reject: stop}
)";

std::string Replaced(std::string text, std::string_view from, std::string_view to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, text.npos) << from;
  return text.replace(at, from.size(), to);
}

// Reads `yaml` beside contracts/user.json.
std::unique_ptr<ProjectReading> Read(const std::string& yaml, std::map<std::string, std::string> variables = {}) {
  auto reading = std::make_unique<ProjectReading>();
  reading->folder.Write("datahub.yaml", yaml);
  reading->folder.Write("contracts/user.json", kUserSchema);
  reading->variables = std::move(variables);
  reading->Read();
  return reading;
}

std::unique_ptr<ProjectReading> ReadChanged(std::string_view from, std::string_view to,
                                            std::map<std::string, std::string> variables = {}) {
  return Read(Replaced(kGood, from, to), std::move(variables));
}

// The good project with `from` replaced by `to` is refused, and says all of these.
void ExpectRefused(std::string_view from, std::string_view to, std::vector<std::string> says) {
  const auto reading = ReadChanged(from, to);
  EXPECT_FALSE(reading->project) << to;
  for (const std::string& text : says)
    EXPECT_TRUE(reading->Says(text)) << "wanted: " << text << "\ngot:\n" << reading->errors();
}

TEST(Project, ReadsEverything) {
  const auto reading = Read(kGood);
  ASSERT_TRUE(reading->project) << reading->errors();
  const Project& project = *reading->project;
  EXPECT_EQ(project.name, "sales");
  EXPECT_EQ(project.folder, reading->folder.path());
  EXPECT_EQ(project.lake.location, project.folder + "/lake");
  EXPECT_EQ(project.lake.database, "sales_lake");
  EXPECT_EQ(project.contracts_folder, project.folder + "/contracts");

  ASSERT_EQ(project.sources.size(), 2u);
  const SourceConfig& more = *project.FindSource("more_users");
  EXPECT_EQ(more.spec.name, "more_users");
  EXPECT_EQ(more.spec.kind, "files");
  EXPECT_EQ(more.spec.base_folder, project.folder);
  EXPECT_EQ(more.spec.options.at("path"), (std::vector<std::string>{"./a/*.ndjson", "./b/*.ndjson"}));
  EXPECT_EQ(more.spec.Option("complete_after"), "5m");
  EXPECT_EQ(more.renamed_from, "old_users");
  EXPECT_FALSE(more.spec.options.contains("renamed_from"));
  EXPECT_EQ(more.pipeline, "users");

  const TableConfig& table = *project.FindTable("users");
  ASSERT_EQ(table.partition_by.size(), 2u);
  EXPECT_EQ(table.partition_by[0].key, "created_at_day");
  EXPECT_EQ(table.partition_by[1].key, "m");
  EXPECT_EQ(table.encodings, lake::parquet::Encodings::kDelta);
  EXPECT_EQ(project.FindTable("raw")->encodings, lake::parquet::Encodings::kPlain);
  EXPECT_EQ(table.flush.bytes, 1u << 20);
  EXPECT_EQ(table.flush.rows, 500u);
  EXPECT_EQ(table.flush.age_us, 10'000'000);
  EXPECT_EQ(project.FindTable("raw")->flush.rows, pipeline::FlushLimits().rows);

  const PipelineConfig& pipeline = *project.FindPipeline("users");
  EXPECT_EQ(pipeline.from, (std::vector<std::string>{"users_inbox", "more_users"}));
  EXPECT_EQ(pipeline.table, "users");
  EXPECT_EQ(pipeline.contract->name(), "user");
  EXPECT_EQ(pipeline.contract->version(), 1);
  EXPECT_EQ(pipeline.contract_checksum.size(), 32u);
  EXPECT_EQ(pipeline.on_reject, pipeline::OnReject::kStop);
  EXPECT_EQ(project.FindPipeline("nope"), nullptr);
}

TEST(Project, Defaults) {
  const auto reading = Read(
      "project: p\nlake: {location: /tmp/x/}\nsources: {a: {kind: files, path: x}}\ntables: {t: }\n"
      "pipelines: {p: {from: a, to: t}}\n");
  ASSERT_TRUE(reading->project) << reading->errors();
  EXPECT_EQ(reading->project->lake.database, "p");
  EXPECT_EQ(reading->project->lake.location, "/tmp/x");
  EXPECT_EQ(reading->project->lake.file_mode, std::nullopt);
  EXPECT_EQ(ReadChanged("database: sales_lake", "mode: 0640")->project->lake.file_mode, 0640u);
  EXPECT_TRUE(reading->project->pipelines[0].contract->is_raw());
  EXPECT_EQ(reading->project->pipelines[0].on_reject, pipeline::OnReject::kQuarantine);
  EXPECT_TRUE(ReadChanged("contract: user", "contract: none")->Says("created_at"));  // no such column without one
}

TEST(Project, AbsentFile) {
  ProjectReading reading;
  reading.Read();
  EXPECT_TRUE(reading.Says("datahub.yaml: error[DH101]: there is no project here"));
  EXPECT_TRUE(reading.Says("datahub init"));
}

TEST(Project, SaysEverythingAtOnce) {
  const auto reading = Read(R"(project: Sales
lake: {location: ./lake, databse: x}
sources:
  inbox: {kind: files, path: ./x, complete_after: soon}
  idle: {kind: files, path: ./y}
tables:
  users: {partition_by: [dya(created_at)], flush: {rows: 0}}
pipelines:
  users: {from: [inbxo], contract: usr, to: [user]}
)");
  EXPECT_FALSE(reading->project);
  for (const char* line : {
           "datahub.yaml:1:10: error[DH109]",
           "datahub.yaml:2:26: error[DH105]: lake has no field 'databse'",
           "did you mean 'database'?",
           "datahub.yaml:4:51: error[DH108]: complete_after 'soon' is not a duration",
           "datahub.yaml:5:3: error[DH202]: source 'idle' feeds no pipeline",
           "datahub.yaml:7:26: error[DH205]",
           "datahub.yaml:7:58: error[DH108]: rows is a whole number from 1",
           "datahub.yaml:9:18: error[DH201]: there is no source 'inbxo'",
           "did you mean 'inbox'?",
           "datahub.yaml:9:36: error[DH201]: there is no contract 'usr'",
           "did you mean 'user'?",
           "datahub.yaml:9:46: error[DH201]: there is no table or sink 'user'",
           "did you mean 'users'?",
       }) {
    EXPECT_TRUE(reading->Says(line)) << "wanted: " << line << "\ngot:\n" << reading->errors();
  }
  EXPECT_FALSE(reading->Says("source 'inbox' feeds no pipeline")) << "it was meant by 'inbxo'";
}

TEST(Project, FieldsAndForms) {
  ExpectRefused("on_reject: stop", "on_rejct: stop", {"DH105", "did you mean 'on_reject'?"});
  ExpectRefused("on_reject: stop", "on_reject: stopp", {"DH108", "quarantine, discard, stop", "did you mean 'stop'?"});
  ExpectRefused("project: sales\n", "", {"DH106", "has no 'project'"});
  ExpectRefused("project: sales", "project:", {"DH106", "empty 'project'"});
  ExpectRefused("project: sales", "project: [a]", {"DH107", "project is text, here it is a list"});
  ExpectRefused("lake: {location: ./lake, database: sales_lake}", "lake: here", {"DH107", "lake is a mapping"});
  ExpectRefused("to: [users]", "to: []", {"DH108", "empty list"});
  ExpectRefused("to: [users]", "to: {a: b}", {"DH107"});
  ExpectRefused("sources:", "sourecs:", {"DH105", "did you mean 'sources'?", "there is no source 'users_inbox'"});
  for (const char* mode : {"0777", "0440", "0640x", "rw-r-----", "9", "-1", "00000000000640640"}) {
    ExpectRefused("database: sales_lake", std::string("database: s, mode: ") + mode, {"DH108", "octal digits"});
  }
  ExpectRefused("rows: 500", "rows: 5e2", {"DH108"});
  ExpectRefused("bytes: 1MiB", "bytes: 1 megabyte", {"DH108", "not a size"});
  ExpectRefused("age: 10s", "age: 10", {"DH108", "not a duration"});
  ExpectRefused("age: 10s", "age: 0s", {"DH108"});
  ExpectRefused("project: sales\n", "project: sales\nproject: sales\n", {"DH103"});
}

TEST(Project, Names) {
  ExpectRefused("  raw: {}", "  Raw-Data: {}", {"DH109", "for example 'raw_data'"});
  ExpectRefused("  raw: {}", "  raw_quarantine: {}", {"DH109", "_quarantine"});
  ExpectRefused("  raw: {}", "  dh_raw: {}", {"DH109", "dh_"});
  ExpectRefused("  raw: {}", "  " + std::string(65, 'a') + ": {}", {"DH109", "65 characters"});
  EXPECT_TRUE(ReadChanged("  raw: {}", "  " + std::string(64, 'a') + ": {}")->project);
}

TEST(Project, References) {
  ExpectRefused("from: [users_inbox, more_users]", "from: [users_inbox, users_inbox, more_users]",
                {"DH203", "named twice"});
  ExpectRefused("pipelines:\n", "pipelines:\n  other: {from: [users_inbox], to: [raw]}\n",
                {"DH203", "feeds pipeline other already"});
  ExpectRefused("to: [users]", "to: [orders]", {"DH201", "declare it: tables: {orders: {}}"});
  ExpectRefused("to: [users]", "to: [users, raw]", {"DH401", "several tables"});
  ExpectRefused("to: [users]", "to: [users, users]", {"DH113", "named twice"});
  ExpectRefused("renamed_from: old_users", "renamed_from: users_inbox", {"DH207", "still a source"});
  ExpectRefused("renamed_from: old_users", "renamed_from: more_users", {"DH207", "itself"});
  ExpectRefused("./inbox/users/*.ndjson}", "./x, renamed_from: old_users}",
                {"DH207", "more_users says renamed_from: old_users too"});
}

TEST(Project, SharedTables) {
  const std::string two = Replaced(kGood, "from: [users_inbox, more_users]", "from: [users_inbox]");
  EXPECT_TRUE(Read(two + "  second: {from: [more_users], contract: user, to: [users]}\n")->project);
  const auto reading = Read(two + "  second: {from: [more_users], to: [users]}\n");
  EXPECT_TRUE(reading->Says("DH204")) << reading->errors();
  EXPECT_TRUE(reading->Says("user@1 and none"));
}

TEST(Project, PartitionsMustFitTheContract) {
  ExpectRefused("day(created_at)", "day(created)", {"datahub.yaml:14:20: error[DH205]", "no column 'created'"});
  ExpectRefused("day(created_at)", "day(age)", {"DH205", "'age' is"});
}

TEST(Project, SourceOptions) {
  ExpectRefused("path: ./inbox/users/*.ndjson", "pth: ./inbox/users/*.ndjson",
                {"DH106", "DH105", "did you mean 'path'?"});
  ExpectRefused("kind: files, path", "kind: file, path",
                {"DH108", "there is no source kind 'file'", "did you mean 'files'?"});
  ExpectRefused("./a/*.ndjson", "\"https://x/y\"", {"datahub.yaml:9:12: error[DH206]"});
}

TEST(Project, RefusesWhatIsNotBuilt) {
  ExpectRefused("kind: files, path", "kind: sqs, path", {"DH401", "source kind sqs is not supported by this version"});
  ExpectRefused("kind: sqlite", "kind: dynamodb", {"DH401"});
  ExpectRefused("location: ./lake", "location: s3://bucket/lake", {"DH401", "only local folders"});
  ExpectRefused("contracts: ./contracts", "catalogs: [{kind: glue}]", {"DH401", "catalogs"});
  ExpectRefused("tables:\n", "sinks: {out: {kind: sqs}}\ntables:\n", {"DH401", "sinks"});
  ExpectRefused("raw: {}", "raw: {external: s3://b/x, partition_keys: [dt], notified_by: more_users}",
                {"DH401", "external tables"});
  EXPECT_TRUE(ReadChanged("contracts: ./contracts", "catalogs: []")->project);
}

TEST(Project, TablesAndSinksShareANamespace) {
  ExpectRefused("tables:\n", "sinks: {raw: {kind: sqs}}\ntables:\n", {"DH113", "share one namespace"});
}

TEST(Project, VariablesAreResolvedAndNeverShown) {
  const auto good = ReadChanged("location: ./lake", "location: '${env:LAKE}/x'", {{"LAKE", "/data"}});
  ASSERT_TRUE(good->project) << good->errors();
  EXPECT_EQ(good->project->lake.location, "/data/x");
  EXPECT_TRUE(ReadChanged("location: ./lake", "location: '${env:LAKE}'")->Says("LAKE is not set"));
  const struct {
    const char* from;
    const char* to;
  } kPlaces[] = {{"location: ./lake", "location: 'x://${env:S}'"},
                 {"rows: 500", "rows: '${env:S}'"},
                 {"bytes: 1MiB", "bytes: '${env:S}'"},
                 {"complete_after: 5m", "complete_after: '${env:S}'"},
                 {"on_reject: stop", "on_reject: '${env:S}'"},
                 {"contract: user", "contract: '${env:S}'"},
                 {"contract: user", "contract: 'user@${env:S}'"},
                 {"to: [users]", "to: ['${env:S}']"},
                 {"day(created_at)", "'${env:S}(x)'"},
                 {"day(created_at)", "'${env:S}'"},
                 {"./a/*.ndjson", "'${env:S}://x'"},
                 {"project: sales", "project: '${env:S}'"},
                 {"users_inbox, more", "'${env:S}', more"},
                 {"renamed_from: old_users", "renamed_from: '${env:S}'"},
                 {"contracts: ./contracts", "contracts: '${env:S}'"},
                 {"kind: files, path", "kind: '${env:S}', path"}};
  for (const auto& [from, to] : kPlaces) {
    const auto reading = ReadChanged(from, to, {{"S", "Hunter2"}});
    EXPECT_FALSE(reading->project) << to;
    EXPECT_FALSE(reading->Says("Hunter2")) << reading->errors();
    EXPECT_FALSE(reading->Says("hunter2")) << reading->errors();
  }
}

TEST(Project, Includes) {
  ProjectReading reading;
  reading.folder.Write("datahub.yaml", "project: p\nlake: {location: ./lake}\ninclude: ['conf/*.yaml', '*.yaml']\n");
  reading.folder.Write("conf/a.yaml", "sources: {a: {kind: files, path: ./a}}\ntables: {t: {}}\n");
  reading.folder.Write("conf/b.yaml", "pipelines: {p: {from: a, to: t}}\n");
  reading.Read();
  ASSERT_TRUE(reading.project) << reading.errors();
  EXPECT_EQ(reading.project->FindSource("a")->spec.base_folder, reading.folder.path());
}

TEST(Project, IncludesThatAreWrong) {
  ProjectReading reading;
  reading.folder.Write(
      "datahub.yaml",
      "project: p\nlake: {location: ./lake}\ninclude: [conf/*.yaml, '../x.yaml', /etc/passwd, no.yaml]\n"
      "tables: {t: {}}\n");
  reading.folder.Write("conf/a.yaml", "tables: {t: {}}\nlake: {location: x}\n");
  reading.folder.Write("conf/b.yaml", "a: [\n");
  reading.folder.Write("conf/c.yaml", "pipelines: {p: {from: where, to: t}}\n");
  reading.Read();
  EXPECT_TRUE(reading.Says("conf/a.yaml:1:10: error[DH113]: a table 't' is declared at datahub.yaml:4:10 already"))
      << reading.errors();
  EXPECT_TRUE(reading.Says("conf/a.yaml:2:1: error[DH105]"));
  EXPECT_TRUE(reading.Says("conf/b.yaml:2:1: error[DH102]"));
  EXPECT_TRUE(reading.Says("include '../x.yaml' leaves the project's folder"));
  EXPECT_TRUE(reading.Says("include '/etc/passwd' leaves the project's folder"));
  EXPECT_TRUE(reading.Says("include 'no.yaml' matches no file"));
  EXPECT_FALSE(reading.Says("where")) << "what a file that cannot be read might declare is not missing";
}

}  // namespace
}  // namespace datahub::app
