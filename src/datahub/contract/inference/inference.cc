#include "datahub/contract/inference/inference.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "datahub/contract/inference/shape.h"

namespace datahub::contract::inference {
namespace {

// Lines whose tokens are found at once.
constexpr size_t kWindowBytesMax = 64 * 1024;
constexpr size_t kWindowBytesMin = 1024;
// Longer lines are parsed at once: the index takes 4 bytes a token.
constexpr size_t kWalkedBytesMax = 4 * 1024 * 1024;

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

}  // namespace

void Inference::BeginInput(std::string name) {
  input_ = std::move(name);
  line_ = 0;
}

void Inference::AddInvalid(std::string why) {
  ++line_;
  ++invalid_;
  if (invalid_lines_.size() < kInvalidLinesMax) invalid_lines_.push_back({input_, line_, std::move(why)});
}

void Inference::Add(std::string_view lines) {
  bytes_ += lines.size();
  // A window with a broken line is tried again smaller, down to that one line; then windows grow again.
  size_t window = kWindowBytesMax;
  size_t at = 0;
  while (FillWindow(lines, &at)) {
    const char* const begin = pending_[pending_begin_].data;
    size_t count = 1;
    for (; pending_begin_ + count < pending_.size(); ++count) {
      const Line& line = pending_[pending_begin_ + count];
      if (static_cast<size_t>(line.data + line.size - begin) > window) break;
    }
    if (AddWindow(count)) {
      pending_begin_ += count;
      window = std::min(window * 2, kWindowBytesMax);
    } else if (count > 1) {
      const Line& last = pending_[pending_begin_ + count - 1];
      window = std::min(window, static_cast<size_t>(last.data + last.size - begin)) / 4;
    } else {
      AddParsed(pending_[pending_begin_++]);
      window = std::max(window, kWindowBytesMin);
    }
  }
}

// Has pending lines, of at least a window if there are so many.
bool Inference::FillWindow(std::string_view lines, size_t* at) {
  if (pending_begin_ < pending_.size()) return true;
  pending_.clear();
  pending_begin_ = 0;
  const size_t stop = *at + kWindowBytesMax;
  while (*at < lines.size() && (*at < stop || pending_.empty())) {
    const char* const begin = lines.data() + *at;
    const size_t left = lines.size() - *at;
    const auto* end = static_cast<const char*>(std::memchr(begin, '\n', left));
    size_t size = end == nullptr ? left : static_cast<size_t>(end - begin);
    *at += end == nullptr ? left : size + 1;
    ++line_;
    if (size > 0 && begin[size - 1] == '\r') --size;
    if (std::all_of(begin, begin + size, IsSpace)) continue;
    pending_.push_back({begin, static_cast<uint32_t>(size), line_});
  }
  return !pending_.empty();
}

bool Inference::AddWindow(size_t count) {
  const Line* line = &pending_[pending_begin_];
  const Line* const last = line + count - 1;
  const char* const base = line->data;
  const auto size = static_cast<size_t>(last->data + last->size - base);
  if (size > kWalkedBytesMax || !index_.Build(base, size)) return false;
  walk_.BeginWindow(base, std::memchr(base, '\\', size) != nullptr);
  const uint32_t* at = index_.begin();
  for (; line <= last; ++line) {
    const auto begin = static_cast<uint32_t>(line->data - base);
    while (*at < begin) ++at;
    if (!walk_.Record(&at, begin + line->size, root_, times_)) AddParsed(*line);
  }
  return true;
}

void Inference::AddParsed(const Line& line) {
  const Result<const json::Value*> value = document_.Parse({line.data, line.size});
  if (value) {
    Count(root_, **value, 0, 0);
    return places_.Trim(root_);
  }
  ++invalid_;
  if (invalid_lines_.size() < kInvalidLinesMax) invalid_lines_.push_back({input_, line.number, value.error().message});
}

void Inference::Count(Evidence& evidence, const json::Value& value, uint32_t position, int depth) {
  evidence.position_sum += position;
  switch (value.type) {
    case json::Type::kNull:
      return evidence.AddNull();
    case json::Type::kFalse:
    case json::Type::kTrue:
      return evidence.AddBool(value.type == json::Type::kTrue);
    case json::Type::kNumber:
      return evidence.AddNumber(value.text);
    case json::Type::kString:
      return evidence.AddString(value.text, times_);
    case json::Type::kArray:
      evidence.AddArray(value.elements.size());
      if (depth >= kDepthMax) {
        evidence.arrays->too_deep = true;
        return;
      }
      for (const json::Value& item : value.elements) {
        Evidence* const element = places_.ElementOf(*evidence.arrays, depth);
        if (element == nullptr) return;
        Count(*element, item, 0, depth + 1);
      }
      return;
    case json::Type::kObject:
      evidence.AddObject(value.members.size());
      if (depth >= kDepthMax) {
        evidence.objects->too_deep = true;
        return;
      }
      for (const json::Member& member : value.members) {
        Evidence* const child = places_.MemberOf(*evidence.objects, member.key, depth);
        if (child == nullptr) return;
        Count(*child, member.value, static_cast<uint32_t>(&member - value.members.data()), depth + 1);
      }
      return;
  }
}

void Inference::Merge(Inference&& other) {
  places_.Merge(root_, std::move(other.root_), other.places_);
  bytes_ += other.bytes_;
  invalid_ += other.invalid_;
  for (InvalidLine& line : other.invalid_lines_) {
    if (invalid_lines_.size() < kInvalidLinesMax) invalid_lines_.push_back(std::move(line));
  }
}

void Inference::FindMaps() { FindMaps(root_); }

void Inference::FindMaps(Evidence& evidence) {
  if (evidence.arrays != nullptr && evidence.arrays->element != nullptr) FindMaps(*evidence.arrays->element);
  if (evidence.objects == nullptr) return;
  Objects& objects = *evidence.objects;
  if (LooksLikeMap(objects)) places_.MakeMap(objects);
  if (objects.rest != nullptr) FindMaps(*objects.rest);
  for (const auto& member : objects.members) FindMaps(*member->evidence);
}

}  // namespace datahub::contract::inference
