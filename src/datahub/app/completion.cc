#include "datahub/app/completion.h"

#include <functional>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "datahub/app/diagnostic_codes.h"

namespace datahub::app {
namespace {

// Something that may stand after a verb ("" before any, "contract check" after two).
struct Offer {
  std::string after;
  std::string word;  // a verb, "--option", or empty: a value in its own place
  std::string description;
  bool is_verb = false;
  bool takes_value = false;
  std::string values;  // of the option or the place: words, or "$(_datahub_names …)"
};

// Names that the project has: by the verb that lists them, and the key that they stand under.
constexpr struct {
  std::string_view name;
  std::string_view verb;
  std::string_view key;
} kNames[] = {
    {"table", "ls", "table"},
    {"pipeline", "validate", "pipeline"},
    {"contract", "contract check", "contract"},
    {"source", "status", "source"},
};

// `name` without dashes; `type` as CLI11 tells it: "{bash,zsh,fish}" for an option of those words.
std::string ValuesOf(const std::string& name, const std::string& type) {
  for (const auto& row : kNames) {
    if (row.name == name) return fmt::format("$(_datahub_names \"{}\" {})", row.verb, row.key);
  }
  std::string words;
  if (name == "code") {
    for (const DiagnosticCode& row : DiagnosticCodes())
      words += fmt::format("{}{}", words.empty() ? "" : " ", row.code);
  }
  const size_t begin = type.find('{');
  const size_t end = type.find('}', begin);
  if (begin != type.npos && end != type.npos) words = type.substr(begin + 1, end - begin - 1);
  for (char& c : words) c = c == ',' ? ' ' : c;
  return words;
}

void Walk(const CLI::App& app, const std::string& after, std::vector<Offer>& offers) {
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) {
    offers.push_back({after, verb->get_name(), verb->get_description(), true, false, ""});
  }
  for (const CLI::Option* option : app.get_options()) {
    if (option == app.get_help_ptr() && !after.empty()) continue;  // every verb's is that of all
    Offer offer{after, "", option->get_description(), false, option->get_items_expected_max() > 0, ""};
    if (option->get_positional()) {
      offer.values = ValuesOf(option->get_name(true), option->get_type_name());
      if (!offer.values.empty()) offers.push_back(offer);
      continue;
    }
    for (const std::string& name : option->get_snames()) {
      offer.word = "-" + name;
      offers.push_back(offer);
    }
    for (const std::string& name : option->get_lnames()) {
      offer.word = "--" + name;
      offer.values = ValuesOf(name, option->get_type_name());
      offers.push_back(offer);
    }
  }
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) {
    Walk(*verb, after.empty() ? verb->get_name() : after + " " + verb->get_name(), offers);
  }
}

std::string Quoted(std::string_view text, std::string_view quote_inside) {
  std::string quoted = "'";
  for (const char c : text) c == '\'' ? quoted += quote_inside : quoted += c;
  return quoted + "'";
}

using Chooser = std::function<bool(const Offer&)>;

std::string Joined(const std::vector<Offer>& offers, std::string_view separator, const Chooser& choose,
                   const std::function<std::string(const Offer&)>& text) {
  std::string joined;
  for (const Offer& offer : offers) {
    if (choose(offer)) joined += fmt::format("{}{}", joined.empty() ? "" : separator, text(offer));
  }
  return joined;
}

bool IsVerb(const Offer& offer) { return offer.is_verb; }
bool TakesValue(const Offer& offer) { return offer.takes_value && !offer.word.empty(); }
// What stands before all verbs may stand after them too.
std::string At(const Offer& offer) {
  return offer.after.empty() && !offer.is_verb ? fmt::format("*'|{}'", offer.word)
                                               : fmt::format("'{}|{}'", offer.after, offer.word);
}

// bash and zsh: which verb the words so far name, and which option waits for its value. `words` and `count` are the shell's.
std::string WalkWords(const std::vector<Offer>& offers, std::string_view first, std::string_view words,
                      std::string_view count) {
  return fmt::format(
      R"sh(  for ((i = {first}; i < {count}; i++)); do
    word=${{{words}[i]}}
    if [[ -n $takes ]]; then
      if [[ $takes == -C ]]; then folder=(-C "$word"); fi
      takes=
      continue
    fi
    case "$verb|$word" in
      {options}) takes=$word ;;
      {verbs}) verb="${{verb:+$verb }}$word" ;;
    esac
  done
)sh",
      fmt::arg("first", first), fmt::arg("words", words), fmt::arg("count", count),
      fmt::arg("options", Joined(offers, " | ", TakesValue, At)), fmt::arg("verbs", Joined(offers, " | ", IsVerb, At)));
}

// Every verb, with "" for none.
std::vector<std::string> Afters(const std::vector<Offer>& offers) {
  std::vector<std::string> afters = {""};
  for (const Offer& offer : offers) {
    if (offer.is_verb) afters.push_back(offer.after.empty() ? offer.word : offer.after + " " + offer.word);
  }
  return afters;
}

bool IsOption(const Offer& offer) { return !offer.is_verb && !offer.word.empty(); }

constexpr std::string_view kBash =
    R"sh(# Completes datahub in bash, made by `datahub completion bash`. To try it: source <(datahub completion bash)
# To keep it: datahub completion bash > ~/.local/share/bash-completion/completions/datahub

# Names that the project has: what this verb lists under this key.
_datahub_names() {{
  "$program" "${{folder[@]}}" $1 --json 2>/dev/null | sed -n 's/.*"'"$2"'":"\([a-z0-9_]*\)".*/\1/p' | sort -u
}}

_datahub() {{
  local program=${{COMP_WORDS[0]}} current=${{COMP_WORDS[COMP_CWORD]}} verb='' takes='' words='' options='' word i
  local -a folder=()
{walk}
  case "$verb|$takes" in
    *'|-C') COMPREPLY=($(compgen -d -- "$current")); return ;;
{values}    *'|-'*) return ;;
{verbs}  esac
  if [[ -z $takes && $current == -* ]]; then words="$options {everywhere}"; fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}}
complete -o default -F _datahub datahub
)sh";

std::string Bash(const std::vector<Offer>& offers) {
  const auto word = [](const Offer& offer) { return offer.word.empty() ? offer.values : offer.word; };
  std::string values;
  std::string verbs;
  for (const Offer& offer : offers) {
    if (TakesValue(offer) && !offer.values.empty())
      values += fmt::format("    {}) words=\"{}\" ;;\n", At(offer), offer.values);
  }
  for (const std::string& after : Afters(offers)) {
    const auto places = [&](const Offer& offer) { return offer.after == after && !IsOption(offer); };
    const auto options = [&](const Offer& offer) { return !after.empty() && offer.after == after && IsOption(offer); };
    verbs += fmt::format("    '{}|') words=\"{}\" options='{}' ;;\n", after, Joined(offers, " ", places, word),
                         Joined(offers, " ", options, word));
  }
  const auto everywhere = [](const Offer& offer) { return offer.after.empty() && IsOption(offer); };
  return fmt::format(fmt::runtime(kBash), fmt::arg("walk", WalkWords(offers, "1", "COMP_WORDS", "COMP_CWORD")),
                     fmt::arg("values", values), fmt::arg("verbs", verbs),
                     fmt::arg("everywhere", Joined(offers, " ", everywhere, word)));
}

constexpr std::string_view kZsh = R"sh(#compdef datahub
# Completes datahub in zsh, made by `datahub completion zsh`. To try it: source <(datahub completion zsh)
# To keep it: datahub completion zsh > a folder of $fpath, as _datahub

# Names that the project has: what this verb lists under this key.
_datahub_names() {{
  "$program" $folder ${{=1}} --json 2>/dev/null | sed -n 's/.*"'"$2"'":"\([a-z0-9_]*\)".*/\1/p' | sort -u
}}

_datahub() {{
  local program=${{words[1]}} verb='' takes='' word
  local -a folder offers values
  integer i
{walk}
  case "$verb|$takes" in
    *'|-C') _files -/; return ;;
{values}    *'|-'*) _files; return ;;
{verbs}  esac
  if [[ -z $takes && ${{words[CURRENT]}} == -* ]]; then
    case "$verb" in
{options}    esac
    offers+=({everywhere})
    _describe -o option offers
    return
  fi
  if (( $#values )); then
    compadd -- $values
  elif (( $#offers )); then
    _describe verb offers
  else
    _files
  fi
}}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _datahub "$@"
else
  compdef _datahub datahub
fi
)sh";

std::string Zsh(const std::vector<Offer>& offers) {
  const auto described = [](const Offer& offer) {
    return Quoted(fmt::format("{}:{}", offer.word, offer.description), "'\\''");
  };
  std::string values;
  std::string verbs;
  std::string options;
  for (const Offer& offer : offers) {
    if (TakesValue(offer) && !offer.values.empty())
      values += fmt::format("    {}) values=({}) ;;\n", At(offer), offer.values);
    if (offer.word.empty()) verbs += fmt::format("    '{}|') values=({}) ;;\n", offer.after, offer.values);
  }
  for (const std::string& after : Afters(offers)) {
    const auto here = [&](const Offer& offer) { return offer.after == after && offer.is_verb; };
    const auto own = [&](const Offer& offer) { return !after.empty() && offer.after == after && IsOption(offer); };
    const std::string below = Joined(offers, " ", here, described);
    const std::string with = Joined(offers, " ", own, described);
    if (!below.empty()) verbs += fmt::format("    '{}|') offers=({}) ;;\n", after, below);
    if (!with.empty()) options += fmt::format("      '{}') offers=({}) ;;\n", after, with);
  }
  const auto everywhere = [](const Offer& offer) { return offer.after.empty() && IsOption(offer); };
  return fmt::format(fmt::runtime(kZsh), fmt::arg("walk", WalkWords(offers, "2", "words", "CURRENT")),
                     fmt::arg("values", values), fmt::arg("verbs", verbs), fmt::arg("options", options),
                     fmt::arg("everywhere", Joined(offers, " ", everywhere, described)));
}

constexpr std::string_view kFish =
    R"sh(# Completes datahub in fish, made by `datahub completion fish`. To try it: datahub completion fish | source
# To keep it: datahub completion fish > ~/.config/fish/completions/datahub.fish

# Whether the words so far name this verb.
function __datahub_after
    set -l verb ''
    set -l takes ''
    for word in (commandline -opc)[2..-1]
        if test -n "$takes"
            set takes ''
            continue
        end
        switch "$verb|$word"
            case {options}
                set takes yes
            case {verbs}
                set verb (string trim "$verb $word")
        end
    end
    test "$verb" = "$argv[1]"
end

# Names that the project has: what this verb lists under this key.
function _datahub_names
    set -l words (commandline -opc)
    set -l folder
    if set -l at (contains -i -- -C $words)
        set folder -C $words[(math $at + 1)]
    end
    $words[1] $folder (string split ' ' -- $argv[1]) --json 2>/dev/null | sed -n 's/.*"'$argv[2]'":"\([a-z0-9_]*\)".*/\1/p' | sort -u
end

complete -c datahub -f
{lines})sh";

std::string Fish(const std::vector<Offer>& offers) {
  // `*` is fish's own in a quoted case.
  const auto at = [](const Offer& offer) {
    return fmt::format("'{}|{}'", offer.after.empty() && !offer.is_verb ? "*" : offer.after, offer.word);
  };
  std::string lines;
  for (const Offer& offer : offers) {
    std::string line = "complete -c datahub";
    if (!offer.after.empty() || offer.is_verb) line += fmt::format(" -n \"__datahub_after '{}'\"", offer.after);
    const std::string values = offer.values.starts_with('$') ? offer.values.substr(1) : offer.values;
    if (offer.is_verb) line += " -a " + offer.word;
    if (IsOption(offer)) {
      line += offer.word.starts_with("--") ? " -l " + offer.word.substr(2) : " -s " + offer.word.substr(1);
      if (offer.takes_value)
        line += offer.word == "-C" ? " -x -a '(__fish_complete_directories)'" : values.empty() ? " -r" : " -x";
    }
    if (!values.empty()) line += " -a " + Quoted(values, "\\'");
    lines += fmt::format("{} -d {}\n", line, Quoted(offer.description, "\\'"));
  }
  return fmt::format(fmt::runtime(kFish), fmt::arg("options", Joined(offers, " ", TakesValue, at)),
                     fmt::arg("verbs", Joined(offers, " ", IsVerb, at)), fmt::arg("lines", lines));
}

}  // namespace

std::string CompletionScript(const CLI::App& app, std::string_view shell) {
  std::vector<Offer> offers;
  Walk(app, "", offers);
  return shell == "bash" ? Bash(offers) : shell == "zsh" ? Zsh(offers) : Fish(offers);
}

}  // namespace datahub::app
