#pragma once

#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace datahub::app {

// What a shell reads to complete verbs, options and the project's names. Made by walking the command line itself, so that
// nothing is written twice. `shell` is "bash", "zsh" or "fish".
std::string CompletionScript(const CLI::App& app, std::string_view shell);

}  // namespace datahub::app
