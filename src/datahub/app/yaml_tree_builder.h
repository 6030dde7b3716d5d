#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/mark.h>

#include "datahub/app/diagnostic.h"
#include "datahub/app/yaml_node.h"

namespace datahub::app {

// Ends the parse from inside the builder; caught by ReadYaml, the only one who uses this.
struct YamlRefused {
  std::string_view code;
  YAML::Mark mark;
  std::string message;
  std::string hint;
};

// yaml-cpp's events -> YamlNode, within the limits of yaml_reader.h. What can be told beside others (a repeated key) becomes
// a diagnostic; the rest is thrown as YamlRefused, before anything is copied or nested too far.
class YamlTreeBuilder : public YAML::EventHandler {
 public:
  YamlTreeBuilder(std::string_view text, uint32_t file, Diagnostics& diagnostics)
      : text_(text), file_(file), diagnostics_(diagnostics) {}

  // Once the document has ended.
  YamlNode TakeRoot() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override;
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override;
  void OnMapEnd() override { Close(); }

 private:
  struct Cost {
    size_t nodes = 0;
    size_t bytes = 0;
  };
  struct Frame {
    YamlNode node;
    Cost cost;
    YAML::anchor_t anchor = 0;
    bool has_key = false;
    std::string key;
    Place key_place;
    std::unordered_map<std::string, Place> keys;
  };

  Place PlaceAt(const YAML::Mark& mark, size_t length) const;
  YamlNode Leaf(const YAML::Mark& mark, YamlNode::Kind kind, const std::string& value) const;
  void CheckTag(const YAML::Mark& mark, const std::string& tag) const;
  void CheckClosed(const YAML::Mark& mark, const std::string& tag) const;
  void Count(const Cost& cost, const YAML::Mark& mark);
  void Open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YamlNode::Kind kind);
  void Close();
  void Complete(YamlNode node, const Cost& cost, YAML::anchor_t anchor, const YAML::Mark& mark);
  void Insert(YamlNode node, const Cost& cost);
  void TakeKey(Frame& frame, YamlNode node);
  void AddEntry(Frame& frame, YamlNode value);

  const std::string_view text_;
  const uint32_t file_;
  Diagnostics& diagnostics_;
  Cost counted_;
  std::vector<Frame> frames_;
  std::unordered_map<YAML::anchor_t, std::pair<YamlNode, Cost>> anchors_;
  YamlNode root_;
};

}  // namespace datahub::app
