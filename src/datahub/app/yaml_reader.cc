#include "datahub/app/yaml_reader.h"

#include <algorithm>
#include <exception>
#include <sstream>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include "datahub/app/diagnostic_codes.h"
#include "datahub/base/json.h"
#include "datahub/base/json_utf8.h"

namespace datahub::app {

const YamlNode* YamlNode::Find(std::string_view key) const {
  for (const YamlEntry& entry : entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

std::string_view KindName(YamlNode::Kind kind) {
  switch (kind) {
    case YamlNode::Kind::kNull: return "nothing";
    case YamlNode::Kind::kText: return "text";
    case YamlNode::Kind::kList: return "a list";
    case YamlNode::Kind::kMap: return "a mapping";
  }
  return "nothing";
}

namespace {

// Ends the parse from inside the handler; never leaves this file.
struct Refused {
  std::string_view code;
  YAML::Mark mark;
  std::string message;
  std::string hint;
};

struct Cost {
  size_t nodes = 0;
  size_t bytes = 0;
};

// yaml-cpp's events -> YamlNode, within limits.
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(std::string_view text, uint32_t file, Diagnostics& diagnostics)
      : text_(text), file_(file), diagnostics_(diagnostics) {}

  YamlNode TakeRoot() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Complete(Leaf(mark, YamlNode::Kind::kNull, ""), {1, 0}, anchor, mark);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& value) override {
    CheckTag(mark, tag);
    CheckClosed(mark, tag);
    Complete(Leaf(mark, YamlNode::Kind::kText, value), {1, value.size()}, anchor, mark);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) throw Refused{code::kSyntax, mark, "an alias that stands inside its own anchor", ""};
    const auto& [node, cost] = found->second;
    Count(cost, mark);  // before it is copied
    YamlNode copy = node;
    copy.place = PlaceAt(mark, 1);
    Insert(std::move(copy), cost);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Open(mark, tag, anchor, YamlNode::Kind::kList);
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
    Open(mark, tag, anchor, YamlNode::Kind::kMap);
  }
  void OnMapEnd() override { Close(); }

 private:
  struct Frame {
    YamlNode node;
    Cost cost;
    YAML::anchor_t anchor = 0;
    bool has_key = false;
    std::string key;
    Place key_place;
    std::unordered_map<std::string, Place> keys;
  };

  Place PlaceAt(const YAML::Mark& mark, size_t length) const {
    return {file_, static_cast<uint32_t>(mark.line + 1), static_cast<uint32_t>(mark.column + 1),
            static_cast<uint32_t>(std::max<size_t>(1, length))};
  }

  YamlNode Leaf(const YAML::Mark& mark, YamlNode::Kind kind, const std::string& value) const {
    YamlNode node;
    node.kind = kind;
    node.place = PlaceAt(mark, value.size());
    node.text = value;
    node.written = value;
    return node;
  }

  // "?" plain and "!" quoted are not written by anybody.
  void CheckTag(const YAML::Mark& mark, const std::string& tag) const {
    if (tag.empty() || tag == "?" || tag == "!") return;
    throw Refused{code::kYamlFeature, mark, fmt::format("the tag {} is not used in project files", tag),
                  "leave it out; quote the value to make it text"};
  }

  // yaml-cpp takes a quote that is never closed when the text ends with a line end.
  void CheckClosed(const YAML::Mark& mark, const std::string& tag) const {
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
    throw Refused{code::kSyntax, mark, "this is not YAML: a quote that is never closed", "close it"};
  }

  void Count(const Cost& cost, const YAML::Mark& mark) {
    counted_.nodes += cost.nodes;
    counted_.bytes += cost.bytes;
    if (counted_.nodes > kYamlNodesMax || counted_.bytes > kYamlTextBytesMax) {
      throw Refused{code::kYamlFeature, mark,
                    fmt::format("more than {} values or {} MiB, aliases counted as what they stand for", kYamlNodesMax,
                                kYamlTextBytesMax >> 20),
                    "split the project with include"};
    }
  }

  void Open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YamlNode::Kind kind) {
    CheckTag(mark, tag);
    if (frames_.size() >= kYamlDepthMax) {
      throw Refused{code::kYamlFeature, mark, fmt::format("nested deeper than {}", kYamlDepthMax), ""};
    }
    Count({1, 0}, mark);
    Frame frame;
    frame.node = Leaf(mark, kind, "");
    frame.cost = {1, 0};
    frame.anchor = anchor;
    frames_.push_back(std::move(frame));
  }

  void Close() {
    Frame frame = std::move(frames_.back());
    frames_.pop_back();
    if (frame.anchor != 0) anchors_[frame.anchor] = {frame.node, frame.cost};
    Insert(std::move(frame.node), frame.cost);
  }

  void Complete(YamlNode node, const Cost& cost, YAML::anchor_t anchor, const YAML::Mark& mark) {
    Count(cost, mark);
    if (anchor != 0) anchors_[anchor] = {node, cost};
    Insert(std::move(node), cost);
  }

  void Insert(YamlNode node, const Cost& cost) {
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

  void TakeKey(Frame& frame, YamlNode node) {
    if (!node.is_text()) {
      diagnostics_.Add(code::kWrongType, node.place, fmt::format("a field's name is text, here it is {}", KindName(node.kind)));
    } else if (node.text == "<<") {
      diagnostics_.Add(code::kYamlFeature, node.place, "merge keys (<<) are not used in project files",
                       "repeat the fields, or give the whole mapping an anchor");
    }
    frame.has_key = true;
    frame.key = node.is_text() && node.text != "<<" ? std::move(node.text) : std::string();
    frame.key_place = node.place;
  }

  void AddEntry(Frame& frame, YamlNode value) {
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

  const std::string_view text_;
  const uint32_t file_;
  Diagnostics& diagnostics_;
  Cost counted_;
  std::vector<Frame> frames_;
  std::unordered_map<YAML::anchor_t, std::pair<YamlNode, Cost>> anchors_;
  YamlNode root_;
};

Place ToPlace(uint32_t file, const YAML::Mark& mark) {
  if (mark.is_null() || mark.line < 0) return {file, 0, 0, 1};
  return {file, static_cast<uint32_t>(mark.line + 1), static_cast<uint32_t>(mark.column + 1), 1};
}

YamlNode EmptyMap(uint32_t file) {
  YamlNode map;
  map.kind = YamlNode::Kind::kMap;
  map.place = {file};
  return map;
}

std::string_view LineAt(std::string_view text, const Place& place) {
  for (uint32_t line = 1; line < place.line; ++line) {
    const size_t end = text.find('\n');
    if (end == text.npos) return {};
    text.remove_prefix(end + 1);
  }
  return text.substr(0, text.find('\n'));
}

std::string SyntaxHint(std::string_view text, const Place& place) {
  const std::string_view line = LineAt(text, place);
  if (line.find("${") != line.npos) return "inside { } and [ ], text with ${…} must be quoted: \"${env:NAME}\"";
  if (line.find('\t') != line.npos) return "YAML is indented with spaces, not tabs";
  return "";
}

}  // namespace

std::optional<YamlNode> ReadYaml(std::string_view text, uint32_t file, Diagnostics& diagnostics) {
  if (text.size() > kYamlBytesMax) {
    diagnostics.Add(code::kUnreadable, {file}, fmt::format("the file is larger than {} KiB", kYamlBytesMax >> 10),
                    "split the project with include");
    return std::nullopt;
  }
  if (const size_t bad = std::min(json::FindInvalidUtf8(text), text.find('\0')); bad != text.npos) {
    const json::Place place = json::PlaceOf(text, bad);
    diagnostics.Add(code::kUnreadable, {file, uint32_t(place.line), uint32_t(place.column)},
                    text[bad] == '\0' ? "a NUL byte" : "the file is not UTF-8 here", "save it as UTF-8");
    return std::nullopt;
  }
  TreeBuilder builder(text, file, diagnostics);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) return EmptyMap(file);
    YamlNode root = builder.TakeRoot();
    TreeBuilder rest(text, file, diagnostics);
    if (parser.HandleNextDocument(rest)) {
      diagnostics.Add(code::kYamlFeature, rest.TakeRoot().place, "a second document in one file",
                      "remove the --- line, or move it to a file of its own and include it");
      return std::nullopt;
    }
    if (root.is_null()) return EmptyMap(file);
    return root;
  } catch (const Refused& refused) {
    diagnostics.Add(refused.code, ToPlace(file, refused.mark), refused.message, refused.hint);
  } catch (const YAML::Exception& error) {
    const Place place = ToPlace(file, error.mark);
    diagnostics.Add(code::kSyntax, place, fmt::format("this is not YAML: {}", error.msg), SyntaxHint(text, place));
  } catch (const std::exception& error) {
    diagnostics.Add(code::kSyntax, {file, 0, 0, 1}, fmt::format("this is not YAML: {}", error.what()));
  }
  return std::nullopt;
}

}  // namespace datahub::app
