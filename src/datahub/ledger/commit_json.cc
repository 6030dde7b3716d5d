#include "datahub/ledger/commit_json.h"

#include <charconv>

#include "datahub/base/json.h"

namespace datahub::ledger {
namespace {

using json::Value;

void Write(json::Writer& writer, const PartitionValues& values) {
  writer.BeginObject();
  for (const auto& [key, value] : values) writer.Key(key).String(value);
  writer.EndObject();
}

void Write(json::Writer& writer, const PositionMove& move) {
  writer.BeginObject();
  writer.Key("source").String(move.key.source).Key("shard").String(move.key.shard);
  writer.Key("target").String(move.key.target).Key("from").String(move.from).Key("to").String(move.to);
  writer.EndObject();
}

void Write(json::Writer& writer, const DataFile& file) {
  writer.BeginObject();
  writer.Key("table").String(file.table).Key("key").String(file.key).Key("unseen").String(file.unseen);
  writer.Key("bytes").Number(file.bytes).Key("checksum").String(file.checksum).Key("rows").Number(file.rows);
  writer.Key("partition");
  Write(writer, file.partition);
  writer.Key("schema_version").Number(int64_t(file.schema_version)).Key("layout").String(file.layout);
  writer.Key("contract_version").Number(int64_t(file.contract_version));
  writer.EndObject();
}

void Write(json::Writer& writer, const RemovedFile& file) {
  writer.BeginObject().Key("table").String(file.table).Key("key").String(file.key).EndObject();
}

void Write(json::Writer& writer, const PartitionKey& key) {
  writer.BeginObject().Key("name").String(key.name).Key("transform").String(key.transform);
  writer.Key("column").String(key.column).EndObject();
}

void Write(json::Writer& writer, const LostMove& lost) {
  writer.BeginObject().Key("commit").String(lost.commit).Key("move");
  Write(writer, lost.move);
  writer.EndObject();
}

template <class T>
void Write(json::Writer& writer, const std::vector<T>& items) {
  writer.BeginArray();
  for (const T& item : items) Write(writer, item);
  writer.EndArray();
}

// Reads members and remembers the first that does not fit, so that a record is read in one go and judged at the end.
class Fields {
 public:
  const Value* Find(const Value& object, std::string_view key) {
    const Value* value = object.is_object() ? object.Find(key) : nullptr;
    if (value == nullptr) Blame(key);
    return value;
  }

  void Read(const Value& object, std::string_view key, std::string& text) {
    const Value* value = Find(object, key);
    if (value == nullptr) return;
    if (!value->is_string()) return Blame(key);
    text = value->text;
  }

  template <class T>
  void ReadNumber(const Value& object, std::string_view key, T& number) {
    const Value* value = Find(object, key);
    if (value == nullptr) return;
    const char* end = value->text.data() + value->text.size();
    if (!value->is_number() || std::from_chars(value->text.data(), end, number).ptr != end) Blame(key);
  }

  void Read(const Value& object, std::string_view key, PartitionValues& values) {
    const Value* value = Find(object, key);
    if (value != nullptr) Read(*value, values);
  }

  void Read(const Value& object, PartitionValues& values) {
    if (!object.is_object()) return Blame("partition");
    for (const json::Member& member : object.members) {
      if (!member.value.is_string()) return Blame(member.key);
      values.emplace_back(member.key, member.value.text);
    }
  }

  template <class T>
  void ReadList(const Value& object, std::string_view key, std::vector<T>& items) {
    const Value* value = Find(object, key);
    if (value == nullptr) return;
    if (!value->is_array()) return Blame(key);
    ReadList(*value, items);
  }

  template <class T>
  void ReadList(const Value& list, std::vector<T>& items) {
    if (!list.is_array()) return Blame("[]");
    items.reserve(list.elements.size());
    for (const Value& element : list.elements) Read(element, items.emplace_back());
  }

  void Read(const Value& object, PositionMove& move) {
    Read(object, "source", move.key.source);
    Read(object, "shard", move.key.shard);
    Read(object, "target", move.key.target);
    Read(object, "from", move.from);
    Read(object, "to", move.to);
  }

  void Read(const Value& object, DataFile& file) {
    Read(object, "table", file.table);
    Read(object, "key", file.key);
    Read(object, "unseen", file.unseen);
    ReadNumber(object, "bytes", file.bytes);
    Read(object, "checksum", file.checksum);
    ReadNumber(object, "rows", file.rows);
    Read(object, "partition", file.partition);
    ReadNumber(object, "schema_version", file.schema_version);
    Read(object, "layout", file.layout);
    ReadNumber(object, "contract_version", file.contract_version);
  }

  void Read(const Value& object, RemovedFile& file) {
    Read(object, "table", file.table);
    Read(object, "key", file.key);
  }

  void Read(const Value& object, LostMove& lost) {
    Read(object, "commit", lost.commit);
    if (const Value* move = Find(object, "move")) Read(*move, lost.move);
  }

  void Read(const Value& object, PartitionKey& key) {
    Read(object, "name", key.name);
    Read(object, "transform", key.transform);
    Read(object, "column", key.column);
  }

  void Blame(std::string_view key) {
    if (wrong_.empty()) wrong_ = key;
  }
  const std::string& wrong() const { return wrong_; }

 private:
  std::string wrong_;
};

Error Damaged(const std::string& why) {
  return Error{Code::kCorruption,
               "a record in the ledger cannot be read: " + why + "; keep the file, put a backup in its place"};
}

Result<const Value*> Parse(json::Document& document, std::string_view json) {
  auto root = document.Parse(json);
  if (!root) return Damaged(root.error().message);
  return root;
}

}  // namespace

std::string RecordToJson(const Commit& commit) {
  json::Writer writer;
  writer.BeginObject();
  writer.Key("pipeline").String(commit.id.pipeline);
  writer.Key("incarnation").String(commit.id.incarnation.ToString());
  writer.Key("sequence").Number(commit.id.sequence);
  writer.Key("target").String(commit.target);
  writer.Key("moves");
  Write(writer, commit.moves);
  writer.Key("added");
  Write(writer, commit.added);
  writer.Key("removed");
  Write(writer, commit.removed);
  writer.Key("settled");
  Write(writer, commit.settled);
  writer.Key("records").Number(commit.records).Key("accepted").Number(commit.accepted);
  writer.Key("rejected").Number(commit.rejected).Key("bytes_in").Number(commit.bytes_in);
  writer.Key("created_at_us").Number(commit.created_at_us);
  writer.EndObject();
  return std::move(writer).Take();
}

Result<Commit> RecordFromJson(std::string_view json) {
  json::Document document;
  const Value& root = *DH_TRY(Parse(document, json));
  Commit commit;
  Fields fields;
  std::string incarnation;
  fields.Read(root, "pipeline", commit.id.pipeline);
  fields.Read(root, "incarnation", incarnation);
  fields.ReadNumber(root, "sequence", commit.id.sequence);
  fields.Read(root, "target", commit.target);
  fields.ReadList(root, "moves", commit.moves);
  fields.ReadList(root, "added", commit.added);
  fields.ReadList(root, "removed", commit.removed);
  fields.ReadList(root, "settled", commit.settled);
  fields.ReadNumber(root, "records", commit.records);
  fields.ReadNumber(root, "accepted", commit.accepted);
  fields.ReadNumber(root, "rejected", commit.rejected);
  fields.ReadNumber(root, "bytes_in", commit.bytes_in);
  fields.ReadNumber(root, "created_at_us", commit.created_at_us);
  const auto parsed = ParseIncarnation(incarnation);
  if (!parsed) fields.Blame("incarnation");
  if (!fields.wrong().empty()) return Damaged("'" + fields.wrong() + "' is missing or of another type");
  commit.id.incarnation = *parsed;
  for (DataFile& file : commit.added) file.commit = commit.id.ToString();
  return commit;
}

std::string ToJson(const PartitionValues& values) {
  json::Writer writer;
  Write(writer, values);
  return std::move(writer).Take();
}

Result<PartitionValues> PartitionFromJson(std::string_view json) {
  json::Document document;
  const Value& root = *DH_TRY(Parse(document, json));
  PartitionValues values;
  Fields fields;
  fields.Read(root, values);
  if (!fields.wrong().empty()) return Damaged("partition values are not an object of strings");
  return values;
}

std::string ToJson(const std::vector<PartitionKey>& keys) {
  json::Writer writer;
  Write(writer, keys);
  return std::move(writer).Take();
}

Result<std::vector<PartitionKey>> PartitionKeysFromJson(std::string_view json) {
  json::Document document;
  const Value& root = *DH_TRY(Parse(document, json));
  std::vector<PartitionKey> keys;
  Fields fields;
  fields.ReadList(root, keys);
  if (!fields.wrong().empty()) return Damaged("partition keys: '" + fields.wrong() + "' is missing or of another type");
  return keys;
}

}  // namespace datahub::ledger
