// An Arrow IPC stream: https://arrow.apache.org/docs/format/Columnar.html#ipc-streaming-format. DuckDB makes the arrays,
// nanoarrow the messages.

#include <cerrno>
#include <vector>

#include <fmt/format.h>
#include <nanoarrow_ipc.h>

#include "datahub/query/handle.h"
#include "datahub/query/query_error.h"
#include "datahub/query/result_writer.h"

namespace datahub::query {
namespace {

using ArrowOptions = Handle<duckdb_arrow_options, duckdb_destroy_arrow_options>;
using ErrorData = Handle<duckdb_error_data, duckdb_destroy_error_data>;

// A struct of the Arrow C interface, released with its owner.
template <class T, void (*Release)(T*)>
class Owned {
 public:
  Owned() = default;
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  ~Owned() { Release(&held_); }
  T* get() { return &held_; }

 private:
  T held_{};
};

void ReleaseSchema(ArrowSchema* schema) {
  if (schema->release != nullptr) schema->release(schema);
}
void ReleaseArray(ArrowArray* array) {
  if (array->release != nullptr) array->release(array);
}
void ResetWriter(ArrowIpcWriter* writer) {
  if (writer->private_data != nullptr) ArrowIpcWriterReset(writer);
}

class ArrowWriter : public ResultWriter {
 public:
  explicit ArrowWriter(const Sink& sink) : out_(sink) {}

  Result<void> Begin(duckdb_result& result, std::span<const ResultColumn> columns) override {
    options_ = ArrowOptions(duckdb_result_get_arrow_options(&result));
    std::vector<LogicalType> types;
    std::vector<duckdb_logical_type> type_pointers;
    std::vector<const char*> names;
    for (size_t i = 0; i < columns.size(); ++i) {
      types.emplace_back(duckdb_column_logical_type(&result, i));
      type_pointers.push_back(types.back().get());
      names.push_back(duckdb_column_name(&result, i));
    }
    const ErrorData failure(
        duckdb_to_arrow_schema(options_.get(), type_pointers.data(), names.data(), columns.size(), schema_.get()));
    DH_TRY(Check(failure));
    ArrowIpcOutputStream stream{};
    stream.write = [](ArrowIpcOutputStream* to, const void* bytes, int64_t size, int64_t* written, ArrowError*) {
      static_cast<std::string*>(to->private_data)->append(static_cast<const char*>(bytes), static_cast<size_t>(size));
      *written = size;
      return NANOARROW_OK;
    };
    stream.release = [](ArrowIpcOutputStream* of) { of->release = nullptr; };
    stream.private_data = &out_.text();
    DH_TRY(Check(ArrowIpcWriterInit(writer_.get(), &stream)));
    DH_TRY(Check(ArrowArrayViewInitFromSchema(view_.get(), schema_.get(), &error_)));
    return Check(ArrowIpcWriterWriteSchema(writer_.get(), schema_.get(), &error_));
  }

  Result<bool> Write(duckdb_data_chunk chunk, std::span<const ResultColumn>, uint64_t rows) override {
    Owned<ArrowArray, ReleaseArray> array;
    const ErrorData failure(duckdb_data_chunk_to_arrow(options_.get(), chunk, array.get()));
    DH_TRY(Check(failure));
    DH_TRY(Check(ArrowArrayViewSetArray(view_.get(), array.get(), &error_)));
    DH_TRY(Check(ArrowIpcWriterWriteArrayView(writer_.get(), view_.get(), &error_)));
    rows_ += rows;
    DH_TRY(out_.FlushIfFull());
    return true;
  }

  Result<void> End() override {
    DH_TRY(Check(ArrowIpcWriterWriteArrayView(writer_.get(), nullptr, &error_)));
    return out_.Flush();
  }

 private:
  static Result<void> Check(const ErrorData& failure) {
    if (failure.get() == nullptr || !duckdb_error_data_has_error(failure.get())) return {};
    return ErrorOf("query", duckdb_error_data_message(failure.get()));
  }
  Result<void> Check(ArrowErrorCode code) const {
    if (code == NANOARROW_OK) return {};
    return Error{code == ENOMEM ? Code::kLimit : Code::kInvalidInput,
                 fmt::format("query: the answer cannot be given as Arrow: {}; cast that column to VARCHAR, or take "
                             "another format",
                             error_.message)};
  }

  TextBuffer out_;
  ArrowOptions options_;
  ArrowError error_{};
  Owned<ArrowSchema, ReleaseSchema> schema_;
  Owned<ArrowArrayView, ArrowArrayViewReset> view_;
  Owned<ArrowIpcWriter, ResetWriter> writer_;
};

}  // namespace

std::unique_ptr<ResultWriter> MakeArrowWriter(const Sink& sink) { return std::make_unique<ArrowWriter>(sink); }

}  // namespace datahub::query
