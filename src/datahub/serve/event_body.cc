#include "datahub/serve/event_body.h"

#include <fmt/format.h>

namespace datahub::serve {
namespace {

// Syntax alone: what a record must be is the contract's to say, with a reason that stays.
constexpr json::ParseLimits kLimits{.depth_max = 512, .bytes_max = uint32_t(-1), .unique_keys = false};

bool IsLines(std::string_view type) {
  return type == "application/x-ndjson" || type == "application/ndjson" || type == "application/jsonl" ||
         type == "application/x-jsonlines";
}

size_t CountLines(std::string_view body) {
  intake::Entry entry;
  entry.form = intake::Form::kLines;
  entry.body = body;
  intake::RecordsOfEntry records(entry);
  std::string_view record;
  size_t count = 0;
  for (size_t place = 0; records.Next(&record, &place);) ++count;
  return count;
}

Error NotJson(const Error& error) {
  return {Code::kInvalidInput, fmt::format("the body is not JSON: {}; nothing of it was taken", error.message)};
}

}  // namespace

Result<size_t> EventBody::Read(std::string_view body, std::string_view content_type, intake::Post* post) {
  const size_t begin = body.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return Error{Code::kInvalidInput, "the body is empty; post an event"};
  const bool is_json = content_type == "application/json";
  if (!IsLines(content_type)) {
    if (body[begin] == '[') return ReadArray(body, post);
    const Result<const json::Value*> value = document_.Skim(body, kLimits, &list_, 0);
    if (value && ((*value)->is_object() || !is_json)) {
      post->form = intake::Form::kOne;
      post->body = body.substr((*value)->begin, (*value)->end - (*value)->begin);
      return size_t(1);
    }
    if (is_json && value) return Error{Code::kInvalidInput, "the body is neither a JSON object nor an array"};
    if (is_json) return NotJson(value.error());
  }
  post->form = intake::Form::kLines;
  post->body = body;
  return CountLines(body);
}

Result<size_t> EventBody::ReadArray(std::string_view body, intake::Post* post) {
  list_.clear();
  const Result<const json::Value*> value = document_.Skim(body, kLimits, &list_, kEventsMax);
  if (!value && value.error().code == Code::kLimit) {
    return Error{Code::kLimit, fmt::format("a post holds at most {} events; send them in parts", kEventsMax)};
  }
  if (!value) return NotJson(value.error());
  post->form = intake::Form::kList;
  post->body = {};
  post->list = list_;
  return list_.size();
}

}  // namespace datahub::serve
