#include "datahub/app/yaml_tree_builder.h"

#include <algorithm>

#include <fmt/format.h>

#include "datahub/app/diagnostic_codes.h"
#include "datahub/app/yaml_reader.h"

namespace datahub::app {

void YamlTreeBuilder::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
  Complete(Leaf(mark, YamlNode::Kind::kNull, ""), {1, 0}, anchor, mark);
}

void YamlTreeBuilder::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                               const std::string& value) {
  CheckTag(mark, tag);
  CheckClosed(mark, tag);
  Complete(Leaf(mark, YamlNode::Kind::kText, value), {1, value.size()}, anchor, mark);
}

void YamlTreeBuilder::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
  const auto found = anchors_.find(anchor);
  if (found == anchors_.end()) throw YamlRefused{code::kSyntax, mark, "an alias that stands inside its own anchor", ""};
  const auto& [node, cost] = found->second;
  Count(cost, mark);  // before it is copied
  YamlNode copy = node;
  copy.place = PlaceAt(mark, 1);
  Insert(std::move(copy), cost);
}

void YamlTreeBuilder::OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                                      YAML::EmitterStyle::value) {
  Open(mark, tag, anchor, YamlNode::Kind::kList);
}

void YamlTreeBuilder::OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                                 YAML::EmitterStyle::value) {
  Open(mark, tag, anchor, YamlNode::Kind::kMap);
}

Place YamlTreeBuilder::PlaceAt(const YAML::Mark& mark, size_t length) const {
  return {file_, static_cast<uint32_t>(mark.line + 1), static_cast<uint32_t>(mark.column + 1),
          static_cast<uint32_t>(std::max<size_t>(1, length))};
}

YamlNode YamlTreeBuilder::Leaf(const YAML::Mark& mark, YamlNode::Kind kind, const std::string& value) const {
  YamlNode node;
  node.kind = kind;
  node.place = PlaceAt(mark, value.size());
  node.text = value;
  node.written = value;
  return node;
}

// "?" plain and "!" quoted are not written by anybody.
void YamlTreeBuilder::CheckTag(const YAML::Mark& mark, const std::string& tag) const {
  if (tag.empty() || tag == "?" || tag == "!") return;
  throw YamlRefused{code::kYamlFeature, mark, fmt::format("the tag {} is not used in project files", tag),
                    "leave it out; quote the value to make it text"};
}

// yaml-cpp takes a quote that is never closed when the text ends with a line end.
void YamlTreeBuilder::CheckClosed(const YAML::Mark& mark, const std::string& tag) const {
  if (tag != "!" || mark.pos < 0 || static_cast<size_t>(mark.pos) >= text_.size()) return;
  const char quote = text_[static_cast<size_t>(mark.pos)];
  if (quote != '"' && quote != '\'') return;
  for (size_t at = static_cast<size_t>(mark.pos) + 1; at < text_.size(); ++at) {
    const bool doubled = quote == '\'' && text_.substr(at, 2) == "''";
    const bool escaped = quote == '"' && text_[at] == '\\';
    if (doubled || escaped) {
      ++at;
    } else if (text_[at] == quote) {
      return;
    }
  }
  throw YamlRefused{code::kSyntax, mark, "this is not YAML: a quote that is never closed", "close it"};
}

void YamlTreeBuilder::Count(const Cost& cost, const YAML::Mark& mark) {
  counted_.nodes += cost.nodes;
  counted_.bytes += cost.bytes;
  if (counted_.nodes > kYamlNodesMax || counted_.bytes > kYamlTextBytesMax) {
    throw YamlRefused{code::kYamlFeature, mark,
                      fmt::format("more than {} values or {} MiB, aliases counted as what they stand for",
                                  kYamlNodesMax, kYamlTextBytesMax >> 20),
                      "split the project with include"};
  }
}

void YamlTreeBuilder::Open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YamlNode::Kind kind) {
  CheckTag(mark, tag);
  if (frames_.size() >= kYamlDepthMax) {
    throw YamlRefused{code::kYamlFeature, mark, fmt::format("nested deeper than {}", kYamlDepthMax), ""};
  }
  Count({1, 0}, mark);
  Frame frame;
  frame.node = Leaf(mark, kind, "");
  frame.cost = {1, 0};
  frame.anchor = anchor;
  frames_.push_back(std::move(frame));
}

void YamlTreeBuilder::Close() {
  Frame frame = std::move(frames_.back());
  frames_.pop_back();
  if (frame.anchor != 0) anchors_[frame.anchor] = {frame.node, frame.cost};
  Insert(std::move(frame.node), frame.cost);
}

void YamlTreeBuilder::Complete(YamlNode node, const Cost& cost, YAML::anchor_t anchor, const YAML::Mark& mark) {
  Count(cost, mark);
  if (anchor != 0) anchors_[anchor] = {node, cost};
  Insert(std::move(node), cost);
}

void YamlTreeBuilder::Insert(YamlNode node, const Cost& cost) {
  if (frames_.empty()) {
    root_ = std::move(node);
    return;
  }
  Frame& frame = frames_.back();
  frame.cost.nodes += cost.nodes;
  frame.cost.bytes += cost.bytes;
  if (frame.node.is_list()) {
    frame.node.items.push_back(std::move(node));
  } else if (!frame.has_key) {
    TakeKey(frame, std::move(node));
  } else {
    frame.has_key = false;
    AddEntry(frame, std::move(node));
  }
}

void YamlTreeBuilder::TakeKey(Frame& frame, YamlNode node) {
  if (!node.is_text()) {
    diagnostics_.Add(code::kWrongType, node.place,
                     fmt::format("a field's name is text, here it is {}", KindName(node.kind)));
  } else if (node.text == "<<") {
    diagnostics_.Add(code::kYamlFeature, node.place, "merge keys (<<) are not used in project files",
                     "repeat the fields, or give the whole mapping an anchor");
  }
  frame.has_key = true;
  frame.key = node.is_text() && node.text != "<<" ? std::move(node.text) : std::string();
  frame.key_place = node.place;
}

void YamlTreeBuilder::AddEntry(Frame& frame, YamlNode value) {
  if (frame.key.empty()) return;  // was said
  const auto [first, added] = frame.keys.emplace(frame.key, frame.key_place);
  if (!added) {
    diagnostics_.Add(code::kRepeatedKey, frame.key_place,
                     fmt::format("'{}' stands here a second time; the first is at {}", frame.key,
                                 diagnostics_.ToString(first->second)),
                     "remove one of them");
    return;
  }
  if (value.is_null()) value.place = frame.key_place;  // yaml-cpp puts what is not there somewhere behind
  frame.node.entries.push_back({std::move(frame.key), frame.key_place, std::move(value)});
}

}  // namespace datahub::app
