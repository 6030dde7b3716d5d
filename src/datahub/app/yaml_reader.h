#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "datahub/app/diagnostic.h"
#include "datahub/app/yaml_node.h"

namespace datahub::app {

inline constexpr size_t kYamlBytesMax = 1u << 20;      // of one file
inline constexpr size_t kYamlDepthMax = 32;            //
inline constexpr size_t kYamlNodesMax = 100'000;       // aliases counted as what they stand for
inline constexpr size_t kYamlTextBytesMax = 8u << 20;  // likewise

// Reads one YAML document. Plain YAML only: anchors and aliases within the limits above, no tags, no merge keys, text keys,
// none twice. `file` is `text`'s number in `diagnostics`. Nothing when the text is not YAML or passes a limit (then it was
// said); an empty text is an empty map. yaml-cpp's exceptions end here.
std::optional<YamlNode> ReadYaml(std::string_view text, uint32_t file, Diagnostics& diagnostics);

}  // namespace datahub::app
