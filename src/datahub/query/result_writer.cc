#include "datahub/query/result_writer.h"

namespace datahub::query {

Result<void> TextBuffer::Flush() {
  if (text_.empty()) return {};
  DH_TRY(sink_(text_));
  text_.clear();
  return {};
}

std::unique_ptr<ResultWriter> MakeResultWriter(const OutputOptions& output, const Sink& sink) {
  switch (output.format) {
    case Format::kJson:
      return MakeJsonLinesWriter(sink);
    case Format::kJsonArray:
      return MakeJsonArrayWriter(sink);
    case Format::kCsv:
      return MakeCsvWriter(sink);
    case Format::kArrow:
      return MakeArrowWriter(sink);
    case Format::kTable:
      break;
  }
  return MakeBoxWriter(output, sink);
}

}  // namespace datahub::query
