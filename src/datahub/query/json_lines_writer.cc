#include <set>
#include <vector>

#include <fmt/format.h>

#include "datahub/base/json.h"
#include "datahub/query/result_writer.h"

namespace datahub::query {
namespace {

class JsonLinesWriter : public ResultWriter {
 public:
  explicit JsonLinesWriter(const Sink& sink) : out_(sink) {}

  // Keys of one object differ: a name that was there gets _1, _2…
  Result<void> Begin(std::span<const ResultColumn> columns) override {
    std::set<std::string> taken;
    for (const ResultColumn& column : columns) {
      std::string name = column.name();
      for (int n = 1; !taken.insert(name).second; ++n) name = fmt::format("{}_{}", column.name(), n);
      std::string key = keys_.empty() ? "{" : ",";
      json::AppendString(key, name);
      key += ':';
      keys_.push_back(std::move(key));
    }
    return {};
  }

  Result<bool> Write(std::span<const ResultColumn> columns, uint64_t rows) override {
    for (uint64_t row = 0; row < rows; ++row) {
      for (size_t i = 0; i < columns.size(); ++i) {
        out_.text() += keys_[i];
        columns[i].AppendJson(row, out_.text());
      }
      out_.text() += "}\n";
      DH_TRY(out_.FlushIfFull());
    }
    rows_ += rows;
    return true;
  }

  Result<void> End() override { return out_.Flush(); }

 private:
  TextBuffer out_;
  std::vector<std::string> keys_;  // `{"a":` and `,"b":`
};

}  // namespace

std::unique_ptr<ResultWriter> MakeJsonLinesWriter(const Sink& sink) { return std::make_unique<JsonLinesWriter>(sink); }

}  // namespace datahub::query
