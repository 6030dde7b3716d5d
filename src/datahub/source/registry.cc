#include "datahub/source/registry.h"

#include <fmt/format.h>

#include <algorithm>

#include "datahub/source/files/files_source.h"
#include "datahub/source/http/http_source.h"

namespace datahub::source {
namespace {

const KindRow kKinds[] = {
    {"files", Delivery::kPull, files::kOptions, &files::Check, &files::Open, &files::CheckPositions},
    {"http", Delivery::kPush, http::kOptions, &http::Check, &http::Open, nullptr},
};

template <class Rows, class Name>
std::string Listed(const Rows& rows, Name name) {
  std::string text;
  for (const auto& row : rows) text += fmt::format("{}{}", text.empty() ? "" : ", ", name(row));
  return text;
}

Result<const KindRow*> KindOf(const SourceSpec& spec) {
  const KindRow* row = FindKind(spec.kind);
  if (row == nullptr) {
    return Error{Code::kInvalidInput,
                 fmt::format("source {}: there is no kind '{}'; the kinds are: {}", spec.name, spec.kind,
                             Listed(Kinds(), [](const KindRow& kind) { return kind.kind; }))};
  }
  return row;
}

Result<void> CheckNames(const SourceSpec& spec, const KindRow& kind) {
  const auto name_of = [](const OptionRow& option) { return option.name; };
  for (const auto& [name, values] : spec.options) {
    const auto row = std::ranges::find(kind.options, std::string_view(name), &OptionRow::name);
    if (row == kind.options.end()) {
      return Error{Code::kInvalidInput, fmt::format("source {}: kind {} has no option '{}'; its options are: {}",
                                                    spec.name, kind.kind, name, Listed(kind.options, name_of))};
    }
    if (row->type != OptionType::kTexts && values.size() != 1) {
      return Error{Code::kInvalidInput,
                   fmt::format("source {}: option '{}' takes one value, {} are given", spec.name, name, values.size())};
    }
  }
  for (const OptionRow& option : kind.options) {
    const auto given = spec.options.find(option.name);
    if (option.required && (given == spec.options.end() || given->second.empty())) {
      return Error{Code::kInvalidInput, fmt::format("source {}: kind {} needs the option '{}' ({})", spec.name,
                                                    kind.kind, option.name, option.description)};
    }
  }
  return {};
}

}  // namespace

std::span<const KindRow> Kinds() { return kKinds; }

const KindRow* FindKind(std::string_view kind) {
  const auto row = std::ranges::find(kKinds, kind, &KindRow::kind);
  return row == std::end(kKinds) ? nullptr : &*row;
}

Result<void> Check(const SourceSpec& spec) {
  const KindRow* kind = DH_TRY(KindOf(spec));
  DH_TRY(CheckNames(spec, *kind));
  return kind->check(spec);
}

Result<std::unique_ptr<Reader>> Open(const SourceSpec& spec, const Positions& committed, const ReaderOptions& options) {
  DH_TRY(Check(spec));
  if (options.chunk_bytes < kChunkBytesMin || options.record_bytes_max < options.chunk_bytes ||
      options.record_bytes_max > kRecordBytesMax) {
    return Error{
        Code::kInvalidInput,
        fmt::format("source {}: {} <= chunk_bytes ({}) <= record_bytes_max ({}) <= {} does not hold", spec.name,
                    kChunkBytesMin, options.chunk_bytes, options.record_bytes_max, kRecordBytesMax)};
  }
  return FindKind(spec.kind)->open(spec, committed, options);
}

Result<std::vector<PositionCheck>> CheckPositions(const SourceSpec& spec, const Positions& committed,
                                                  const std::atomic<bool>& stop) {
  DH_TRY(Check(spec));
  const KindRow* kind = FindKind(spec.kind);
  if (kind->check_positions == nullptr) return std::vector<PositionCheck>();
  return kind->check_positions(spec, committed, stop);
}

}  // namespace datahub::source
