#include <set>
#include <vector>

#include <fmt/format.h>

#include "datahub/base/json.h"
#include "datahub/query/result_writer.h"

namespace datahub::query {
namespace {

struct Frame {
  std::string_view begin, between, end;
};
constexpr Frame kLines = {"", "\n", "\n"};
constexpr Frame kArray = {"[", ",\n", "]\n"};

// Objects, with what stands around them.
class JsonWriter : public ResultWriter {
 public:
  JsonWriter(const Frame& frame, const Sink& sink) : frame_(frame), out_(sink) {}

  // Keys of one object differ: a name that was there gets _1, _2…
  Result<void> Begin(duckdb_result&, std::span<const ResultColumn> columns) override {
    std::set<std::string> taken;
    for (const ResultColumn& column : columns) {
      std::string name = column.name();
      for (int n = 1; !taken.insert(name).second; ++n) name = fmt::format("{}_{}", column.name(), n);
      std::string key = keys_.empty() ? "{" : ",";
      json::AppendString(key, name);
      key += ':';
      keys_.push_back(std::move(key));
    }
    out_.text() += frame_.begin;
    return {};
  }

  Result<bool> Write(duckdb_data_chunk, std::span<const ResultColumn> columns, uint64_t rows) override {
    for (uint64_t row = 0; row < rows; ++row) {
      if (rows_ + row > 0) out_.text() += frame_.between;
      for (size_t i = 0; i < columns.size(); ++i) {
        out_.text() += keys_[i];
        columns[i].AppendJson(row, out_.text());
        DH_TRY(out_.FlushIfFull());
      }
      out_.text() += '}';
    }
    rows_ += rows;
    return true;
  }

  Result<void> End() override {
    if (rows_ > 0 || &frame_ == &kArray) out_.text() += frame_.end;
    return out_.Flush();
  }

 private:
  const Frame& frame_;
  TextBuffer out_;
  std::vector<std::string> keys_;  // `{"a":` and `,"b":`
};

}  // namespace

std::unique_ptr<ResultWriter> MakeJsonLinesWriter(const Sink& sink) {
  return std::make_unique<JsonWriter>(kLines, sink);
}
std::unique_ptr<ResultWriter> MakeJsonArrayWriter(const Sink& sink) {
  return std::make_unique<JsonWriter>(kArray, sink);
}

}  // namespace datahub::query
