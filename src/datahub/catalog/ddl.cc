#include "datahub/catalog/ddl.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace datahub::catalog {
namespace {

using record::Field;
using record::Kind;
using enum SqlDialect;

constexpr std::pair<std::string_view, SqlDialect> kNames[] = {
    {"athena", kAthena},   {"hive", kHive},         {"trino", kTrino},  {"spark", kSpark},
    {"iceberg", kIceberg}, {"postgres", kPostgres}, {"duckdb", kDuckDb}};

constexpr size_t kPostgresNameBytesMax = 63;
constexpr size_t kPostgresColumnsMax = 1600;
// Columns that each of its tables has.
constexpr std::string_view kPostgresColumns[] = {"tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"};
constexpr size_t kHiveNameBytesMax = 128;
constexpr int kDecimalDigits = 38;
// A partition key may be made of the time of receipt, which is a column of lineage.
constexpr std::string_view kReceivedAt = "received_at";

// What older readers of Hive's types take inside of struct<…>.
bool IsPlainName(std::string_view name) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !name.empty() && !(name[0] >= '0' && name[0] <= '9') && std::ranges::all_of(name, is_plain);
}

class Ddl {
 public:
  Ddl(const ledger::TableColumns& table, const DdlOptions& options) : table_(table), options_(options) {}

  Result<std::string> Write() {
    std::vector<std::string> columns;
    for (const Field& field : table_.schema.fields) {
      if (HasFolders() && IsKey(field.name)) continue;  // only in the folder's name
      columns.push_back(DH_TRY(Column(field)));
    }
    for (const Field& field : record::LineageFields()) columns.push_back(DH_TRY(Column(field)));
    if (dialect() == kPostgres && columns.size() > kPostgresColumnsMax) {
      return Error{Code::kInvalidInput,
                   fmt::format("{} columns; a table of PostgreSQL has at most {}: leave the type of "
                               "some objects open, they become one column of JSON each",
                               columns.size(), kPostgresColumnsMax)};
    }
    const std::vector<std::string> keys = HasFolders() ? DH_TRY(Keys()) : std::vector<std::string>();
    if (dialect() == kTrino) columns.insert(columns.end(), keys.begin(), keys.end());  // the last ones
    const std::string name = DH_TRY(TableName());
    std::string text =
        fmt::format("CREATE {}TABLE IF NOT EXISTS {} (\n  {}\n)",
                    dialect() == kAthena || dialect() == kHive ? "EXTERNAL " : "", name, fmt::join(columns, ",\n  "));
    text += DH_TRY(Tail(keys));
    return text + ";\n" + Comments(name);
  }

 private:
  SqlDialect dialect() const { return options_.dialect; }
  bool is_own() const { return dialect() == kPostgres || dialect() == kDuckDb; }
  bool HasFolders() const { return !is_own() && dialect() != kIceberg; }
  bool HoldsLowerCase() const { return dialect() == kAthena || dialect() == kHive || dialect() == kTrino; }

  bool IsKey(std::string_view column) const {
    return std::ranges::any_of(table_.partition_keys, [&](const ledger::PartitionKey& key) {
      return key.transform == "identity" && key.column == column;
    });
  }

  // In the order of the folders.
  Result<std::vector<std::string>> Keys() const {
    std::vector<std::string> keys;
    for (const ledger::PartitionKey& key : table_.partition_keys) {
      Field field;
      if (key.transform == "identity") {
        field = *std::ranges::find(table_.schema.fields, key.column, &Field::name);
      } else {
        field.description = fmt::format("{}({})", key.transform, key.column);
      }
      field.name = key.name;
      keys.push_back(DH_TRY(Column(field)));
    }
    return keys;
  }

  Result<std::string> Name(std::string_view name) const {
    const char quote = dialect() == kTrino || is_own() ? '"' : '`';
    const size_t most = dialect() == kPostgres ? kPostgresNameBytesMax : kHiveNameBytesMax;
    if (name.size() > most && (dialect() == kPostgres || HoldsLowerCase())) {
      return Error{Code::kInvalidInput, fmt::format("the name '{}' is longer than the {} bytes that {} takes: give the "
                                                    "column another with x-datahub-column",
                                                    name, most, DialectName())};
    }
    std::string out(1, quote);
    for (const char c : name) {
      if (c == quote) out += quote;
      out += HoldsLowerCase() && c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    }
    return out + quote;
  }

  // Of a struct's field.
  Result<std::string> FieldName(std::string_view name) const {
    if (dialect() != kAthena && dialect() != kHive) return Name(name);
    if (!IsPlainName(name)) {
      return Error{Code::kInvalidInput,
                   fmt::format("the field '{}' of a struct has characters that {} takes in no struct: give it another "
                               "name",
                               name, DialectName())};
    }
    return Name(name);
  }

  std::string_view DialectName() const {
    return std::ranges::find(kNames, dialect(), &std::pair<std::string_view, SqlDialect>::second)->first;
  }

  Result<std::string> TableName() const {
    const std::string table = DH_TRY(Name(table_.table));
    return DH_TRY(Name(options_.database)) + "." + table;
  }

  std::string Text(std::string_view text) const {
    const bool escapes = !is_own() && dialect() != kTrino;
    std::string out = "'";
    for (const char c : text) {
      if (c == '\'') out += escapes ? '\\' : '\'';
      if (c == '\\' && escapes) out += '\\';
      out += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
    }
    return out + "'";
  }

  std::string Scalar(const Field& field) const {
    const bool hive_like = dialect() == kAthena || dialect() == kHive || dialect() == kSpark || dialect() == kIceberg;
    const std::string digits = fmt::format("({}, {})", kDecimalDigits, field.scale);
    switch (field.kind) {
      case Kind::kBool:
        return "boolean";
      case Kind::kInt32:
        return hive_like ? "int" : "integer";
      case Kind::kInt64:
        return "bigint";
      case Kind::kDouble:
        return is_own() ? "double precision" : "double";
      case Kind::kJson:
        if (dialect() == kPostgres) return "jsonb";
        [[fallthrough]];
      case Kind::kString:
        return hive_like ? "string" : dialect() == kPostgres ? "text" : "varchar";
      case Kind::kBytes:
        return hive_like ? "binary" : dialect() == kPostgres ? "bytea" : dialect() == kDuckDb ? "blob" : "varbinary";
      case Kind::kTimestamp:
        return is_own() ? "timestamp with time zone" : dialect() == kTrino ? "timestamp(6)" : "timestamp";
      case Kind::kDate:
        return "date";
      case Kind::kDecimal:
        return (dialect() == kPostgres ? "numeric" : "decimal") + digits;
      default:
        return "";
    }
  }

  Result<std::string> Type(const Field& field) const {
    if (!record::IsNested(field.kind)) return Scalar(field);
    if (dialect() == kPostgres) return std::string("jsonb");
    std::vector<std::string> parts;
    for (const Field& child : field.children) {
      const std::string type = DH_TRY(Type(child));
      if (field.kind != Kind::kStruct) {
        parts.push_back(type);
        continue;
      }
      const bool colon = dialect() != kTrino && dialect() != kDuckDb;
      parts.push_back(DH_TRY(FieldName(child.name)) + (colon ? ": " : " ") + type);
    }
    if (dialect() == kDuckDb && field.kind == Kind::kList) return parts[0] + "[]";
    const bool angles = dialect() != kTrino && dialect() != kDuckDb;
    const std::string_view name = field.kind == Kind::kList  ? "array"
                                  : field.kind == Kind::kMap ? "map"
                                  : dialect() == kTrino      ? "row"
                                                             : "struct";
    return fmt::format("{}{}{}{}", name, angles ? '<' : '(', fmt::join(parts, ", "), angles ? '>' : ')');
  }

  Result<std::string> Column(const Field& field) const {
    if (dialect() == kPostgres && std::ranges::find(kPostgresColumns, field.name) != std::end(kPostgresColumns)) {
      return Error{Code::kInvalidInput, fmt::format("each table of PostgreSQL has a column '{}' of its own: give the "
                                                    "contract's another name with x-datahub-column",
                                                    field.name)};
    }
    std::string line = DH_TRY(Name(field.name)) + " ";
    line += DH_TRY(Type(field));
    if (!is_own() && !field.description.empty()) line += " COMMENT " + Text(field.description);
    return line;
  }

  Result<std::string> Tail(const std::vector<std::string>& keys) const {
    switch (dialect()) {
      case kAthena:
      case kHive:
        return (keys.empty() ? "" : fmt::format("\nPARTITIONED BY (\n  {}\n)", fmt::join(keys, ",\n  "))) +
               "\nSTORED AS PARQUET\nLOCATION " + Text(options_.location + "/") + Properties();
      case kTrino: {
        std::vector<std::string> names;
        for (const ledger::PartitionKey& key : table_.partition_keys) names.push_back(Text(Lower(key.name)));
        return fmt::format("\nWITH (\n  format = 'PARQUET',\n  external_location = {}{}\n)",
                           Text(options_.location + "/"),
                           names.empty() ? "" : fmt::format(",\n  partitioned_by = ARRAY[{}]", fmt::join(names, ", ")));
      }
      case kSpark: {
        return "\nUSING PARQUET" +
               (keys.empty() ? "" : fmt::format("\nPARTITIONED BY (\n  {}\n)", fmt::join(keys, ",\n  "))) +
               "\nLOCATION " + Text(options_.location + "/");
      }
      case kIceberg: {
        std::vector<std::string> parts;
        for (const ledger::PartitionKey& key : table_.partition_keys) {
          const std::string column = DH_TRY(
              Name(key.column == kReceivedAt ? std::string_view("dh_received_at") : std::string_view(key.column)));
          parts.push_back(key.transform == "identity" ? column : fmt::format("{}s({})", key.transform, column));
        }
        return "\nUSING iceberg" + (parts.empty() ? "" : fmt::format("\nPARTITIONED BY ({})", fmt::join(parts, ", "))) +
               "\nLOCATION " + Text(options_.location);
      }
      default:
        return std::string();
    }
  }

  static std::string Lower(std::string_view text) {
    std::string lower(text);
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    return lower;
  }

  std::string Properties() const {
    std::vector<std::pair<std::string, std::string>> rows = {{"parquet.compression", "ZSTD"}};
    if (options_.projection) {
      rows.emplace_back("projection.enabled", "true");
      for (const ledger::PartitionKey& key : table_.partition_keys) {
        const std::string of = "projection." + Lower(key.name) + ".";
        if (key.transform == "identity") {
          rows.emplace_back(of + "type", "injected");  // a query must say which
          continue;
        }
        const bool day = key.transform == "day";
        const bool month = key.transform == "month";
        rows.emplace_back(of + "type", "date");
        rows.emplace_back(of + "format", day ? "yyyy-MM-dd" : month ? "yyyy-MM" : "yyyy-MM-dd-HH");
        rows.emplace_back(of + "range", day ? "1970-01-01,NOW" : month ? "1970-01,NOW" : "1970-01-01-00,NOW");
        rows.emplace_back(of + "interval", "1");
        rows.emplace_back(of + "interval.unit", day ? "DAYS" : month ? "MONTHS" : "HOURS");
      }
    }
    std::vector<std::string> lines;
    for (const auto& [name, value] : rows) lines.push_back(Text(name) + " = " + Text(value));
    return fmt::format("\nTBLPROPERTIES (\n  {}\n)", fmt::join(lines, ",\n  "));
  }

  std::string Comments(const std::string& name) const {
    std::string text;
    if (!is_own()) return text;
    for (const Field& field : table_.schema.fields) {
      if (field.description.empty()) continue;
      text += fmt::format("COMMENT ON COLUMN {}.{} IS {};\n", name, *Name(field.name), Text(field.description));
    }
    return text;
  }

  const ledger::TableColumns& table_;
  const DdlOptions& options_;
};

}  // namespace

std::optional<SqlDialect> SqlDialectNamed(std::string_view name) {
  const auto known = std::ranges::find(kNames, name, &std::pair<std::string_view, SqlDialect>::first);
  return known == std::end(kNames) ? std::nullopt : std::optional<SqlDialect>(known->second);
}

Result<std::string> CreateTableText(const ledger::TableColumns& table, const DdlOptions& options) {
  return Ddl(table, options).Write();
}

}  // namespace datahub::catalog
