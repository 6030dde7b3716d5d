#pragma once

#include <string_view>
#include <vector>

#include "datahub/base/json.h"
#include "datahub/base/result.h"
#include "datahub/intake/post.h"

namespace datahub::serve {

// What a client posts as events: a JSON object, an array of values, or lines.
//
//   application/x-ndjson, application/jsonl, application/ndjson   lines
//   application/json                                              an object or an array
//   anything else, or nothing                                     an array when it begins with [; an object when that is all
//                                                                 there is; else lines
//
// An object or array must be JSON, or nothing of it is taken; a line may be anything, the contract judges it.
// Memory   16 bytes an element of an array, at most kEventsMax of them: memory()
class EventBody {
 public:
  static constexpr size_t kEventsMax = 500'000;

  // Fills form, body and list of `post`, which look into `body`; how many records it holds. InvalidInput says at which byte
  // it is not JSON; Limit: more than kEventsMax in one array.
  Result<size_t> Read(std::string_view body, std::string_view content_type, intake::Post* post);
  size_t memory() const { return list_.capacity() * sizeof(list_.front()); }

 private:
  Result<size_t> ReadArray(std::string_view body, intake::Post* post);

  json::Document document_;
  std::vector<std::string_view> list_;
};

}  // namespace datahub::serve
