// Routes about tables: what the ledger knows of them.

#include <algorithm>
#include <utility>

#include "datahub/base/json.h"
#include "datahub/query/table_facts.h"
#include "datahub/serve/routes.h"

namespace datahub::serve {
namespace {

constexpr uint64_t kRowsMax = 100'000;  // of one answer
constexpr uint64_t kRowsUsual = 1000;

constexpr std::string_view kTables = R"({"type":"object","required":["tables"],"properties":{"tables":{"type":"array",
  "items":{"type":"object","required":["table","rows","files","bytes","partitions","columns"],"properties":{
    "table":{"type":"string"},"rows":{"type":"integer"},"files":{"type":"integer"},"bytes":{"type":"integer"},
    "partitions":{"type":"integer"},"columns":{"type":"integer"}}}}}})";

constexpr std::string_view kTable = R"({"type":"object","required":["table","rows","files","bytes","columns",
  "partition_keys"],"properties":{"table":{"type":"string"},"rows":{"type":"integer"},"files":{"type":"integer"},
  "bytes":{"type":"integer"},
  "columns":{"type":"array","items":{"type":"object","required":["column","type","from"],"properties":{
    "column":{"type":"string"},"type":{"type":"string"},"from":{"type":"string"},"description":{"type":"string"}}}},
  "partition_keys":{"type":"array","items":{"type":"object","required":["name","transform","column"],"properties":{
    "name":{"type":"string"},"transform":{"type":"string"},"column":{"type":"string"}}}}}})";

constexpr std::string_view kPartitions = R"({"type":"object","required":["partitions","next"],"properties":{
  "partitions":{"type":"array","items":{"type":"object","required":["partition","values","rows","files","bytes"],
    "properties":{"partition":{"type":"string"},"values":{"type":"object"},"rows":{"type":"integer"},
    "files":{"type":"integer"},"bytes":{"type":"integer"}}}},
  "next":{"type":["string","null"],"description":"give it as after= for what follows; null: that was all"}}})";

constexpr std::string_view kFiles = R"({"type":"object","required":["files","next"],"properties":{
  "files":{"type":"array","items":{"type":"object","required":["key","rows","bytes","partition","commit","checksum"],
    "properties":{"key":{"type":"string"},"rows":{"type":"integer"},"bytes":{"type":"integer"},
    "partition":{"type":"string"},"commit":{"type":"string"},"checksum":{"type":"string"}}}},
  "next":{"type":["string","null"],"description":"give it as after= for what follows; null: that was all"}}})";

const std::vector<Parameter> kPages = {
    {"limit", "query", R"({"type":"integer","minimum":1,"maximum":100000,"default":1000})", "how many at most"},
    {"after", "query", R"({"type":"string"})", "`next` of the answer before"}};

Response TableAnswer(const Result<std::string>& body) {
  return body ? Response{200, "application/json", *body} : Problem(body.error());
}

Result<std::string> ListTables(const Site& site) {
  json::Writer out;
  out.BeginObject().Key("tables").BeginArray();
  const std::vector<std::string> tables = DH_TRY(site.ledger.Tables());
  for (const std::string& table : tables) {
    const query::FileSums sums = query::SumsOf(DH_TRY(site.ledger.Files(table)));
    const std::vector<ledger::PartitionRow> partitions = DH_TRY(site.ledger.Partitions(table));
    const std::optional<ledger::TableColumns> columns = DH_TRY(site.ledger.Columns(table));
    out.BeginObject().Key("table").String(table);
    out.Key("rows").Number(sums.rows).Key("files").Number(sums.files).Key("bytes").Number(sums.bytes);
    out.Key("partitions").Number(uint64_t(partitions.size()));
    out.Key("columns").Number(uint64_t(columns ? columns->schema.fields.size() : 0)).EndObject();
  }
  out.EndArray().EndObject();
  return std::move(out).Take();
}

Result<std::string> ShowTable(const Site& site, const std::string& table) {
  DH_TRY(query::CheckTable(&site.ledger, table));
  const query::FileSums sums = query::SumsOf(DH_TRY(site.ledger.Files(table)));
  const std::optional<ledger::TableColumns> columns = DH_TRY(site.ledger.Columns(table));
  json::Writer out;
  out.BeginObject().Key("table").String(table);
  out.Key("rows").Number(sums.rows).Key("files").Number(sums.files).Key("bytes").Number(sums.bytes);
  out.Key("columns").BeginArray();
  if (columns) {
    for (const query::ColumnFact& fact : query::ColumnFactsOf(*columns)) {
      out.BeginObject().Key("column").String(fact.name).Key("type").String(fact.type);
      out.Key("from").String(fact.from).Key("description").String(fact.description).EndObject();
    }
  }
  out.EndArray().Key("partition_keys").BeginArray();
  if (columns) {
    for (const ledger::PartitionKey& key : columns->partition_keys) {
      out.BeginObject().Key("name").String(key.name).Key("transform").String(key.transform);
      out.Key("column").String(key.column).EndObject();
    }
  }
  out.EndArray().EndObject();
  return std::move(out).Take();
}

// A page of `rows`, which are ordered by `name_of`: those behind `after`. InvalidInput when that is the name of none.
template <class Row, class NameOf, class Write>
Result<void> WritePage(json::Writer& out, const Request& request, std::vector<Row> rows, NameOf&& name_of,
                       Write&& write) {
  const uint64_t limit = DH_TRY(CountOf(request, "limit", kRowsUsual, kRowsMax));
  std::ranges::sort(rows, {}, name_of);
  size_t at = 0;
  if (request.query.contains("after")) {
    const std::string_view after = request.Query("after");
    at = static_cast<size_t>(std::ranges::upper_bound(rows, after, {}, name_of) - rows.begin());
  }
  const size_t end = std::min<size_t>(rows.size(), at + limit);
  out.BeginArray();
  for (; at < end; ++at) write(rows[at]);
  out.EndArray().Key("next");
  if (end < rows.size() && end > 0) {
    out.String(name_of(rows[end - 1]));
  } else {
    out.Null();
  }
  return {};
}

Result<std::string> TablePartitions(const Site& site, const std::string& table, const Request& request) {
  DH_TRY(query::CheckTable(&site.ledger, table));
  std::vector<ledger::PartitionRow> partitions = DH_TRY(site.ledger.Partitions(table));
  json::Writer out;
  out.BeginObject().Key("partitions");
  const auto name_of = [](const ledger::PartitionRow& row) { return query::PartitionText(row.values); };
  const auto write = [&out, name_of](const ledger::PartitionRow& row) {
    out.BeginObject().Key("partition").String(name_of(row)).Key("values").BeginObject();
    for (const auto& [key, value] : row.values) out.Key(key).String(value);
    out.EndObject().Key("rows").Number(row.rows).Key("files").Number(row.files);
    out.Key("bytes").Number(row.bytes).EndObject();
  };
  DH_TRY(WritePage(out, request, std::move(partitions), name_of, write));
  out.EndObject();
  return std::move(out).Take();
}

Result<std::string> TableFiles(const Site& site, const std::string& table, const Request& request) {
  DH_TRY(query::CheckTable(&site.ledger, table));
  std::vector<ledger::DataFile> files = DH_TRY(site.ledger.Files(table));
  json::Writer out;
  out.BeginObject().Key("files");
  const auto name_of = [](const ledger::DataFile& file) { return file.key; };
  const auto write = [&out](const ledger::DataFile& file) {
    out.BeginObject().Key("key").String(file.key).Key("rows").Number(file.rows).Key("bytes").Number(file.bytes);
    out.Key("partition").String(query::PartitionText(file.partition)).Key("commit").String(file.commit);
    out.Key("checksum").String(file.checksum).EndObject();
  };
  DH_TRY(WritePage(out, request, std::move(files), name_of, write));
  out.EndObject();
  return std::move(out).Take();
}

}  // namespace

void AddTableRoutes(const SharedSite& site, std::vector<Route>& routes) {
  const auto add = [&routes](std::string_view pattern, std::string_view summary, std::vector<Parameter> parameters,
                             std::string_view schema, std::vector<int> problems, auto handler) {
    routes.push_back({.method = "GET",
                      .pattern = pattern,
                      .role = Role::kRead,
                      .summary = summary,
                      .pace = Pace::kSlow,
                      .parameters = std::move(parameters),
                      .answers = {{200, summary, {{"application/json", schema}}}},
                      .problems = std::move(problems),
                      .handler = std::move(handler)});
  };
  add("/v1/tables", "The tables and how large they are", {}, kTables, {},
      [site](const Request&, const PathArguments&) { return TableAnswer(ListTables(*site)); });
  add("/v1/tables/{table}", "A table's columns and partition keys", {}, kTable, {404},
      [site](const Request&, const PathArguments& arguments) {
        return TableAnswer(ShowTable(*site, arguments.find("table")->second));
      });
  add("/v1/tables/{table}/partitions", "A table's partitions", kPages, kPartitions, {404},
      [site](const Request& request, const PathArguments& arguments) {
        return TableAnswer(TablePartitions(*site, arguments.find("table")->second, request));
      });
  add("/v1/tables/{table}/files", "The files that are a table now", kPages, kFiles, {404},
      [site](const Request& request, const PathArguments& arguments) {
        return TableAnswer(TableFiles(*site, arguments.find("table")->second, request));
      });
}

}  // namespace datahub::serve
