// Seeded events as NDJSON on stdout, for benches and tests:
//
//   generate_events users|github --count N --seed S [--bad 0.05] [--days 28] [--shuffled]
//   generate_events users|github --contract

#include <charconv>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>

#include "datahub/app/demo_events.h"
#include "github_events.h"

namespace {

using namespace datahub;

constexpr size_t kWriteBytes = 1 << 20;

int Usage(std::string_view why) {
  std::fprintf(stderr,
               "generate_events: %.*s\nusage: generate_events users|github --count N --seed S [--bad 0.05] [--days 28] "
               "[--shuffled]\n"
               "       generate_events users|github --contract\n",
               static_cast<int>(why.size()), why.data());
  return 2;
}

template <class T>
bool Parse(const char* text, T& value) {
  if (text == nullptr) return false;
  const char* end = text + std::strlen(text);
  const auto [rest, error] = std::from_chars(text, end, value);
  return error == std::errc() && rest == end;
}

bool WriteAll(std::string_view text) { return std::fwrite(text.data(), 1, text.size(), stdout) == text.size(); }

template <class Events>
int Generate(const app::EventOptions& options) {
  Events events(options);
  std::string text;
  while (events.left() > 0) {
    text.clear();
    while (events.left() > 0 && text.size() < kWriteBytes) events.Append(256, text);
    if (!WriteAll(text)) break;
  }
  if (events.left() > 0 || std::fflush(stdout) != 0) {
    std::perror("generate_events: cannot write");
    return 1;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return Usage("say which shape");
  const std::string_view shape = argv[1];
  if (shape != "users" && shape != "github") return Usage("shapes are users and github");
  app::EventOptions options;
  for (int i = 2; i < argc; ++i) {
    const std::string_view argument = argv[i];
    const auto number = [&](auto& value) { return Parse(++i < argc ? argv[i] : nullptr, value); };
    if (argument == "--contract") {
      return WriteAll(shape == "users" ? std::string(app::UserContract()) : bench::GithubContract()) ? 0 : 1;
    } else if (argument == "--shuffled") {
      options.shuffled = true;
    } else if (argument == "--count") {
      if (!number(options.count)) return Usage("--count takes a whole number");
    } else if (argument == "--seed") {
      if (!number(options.seed)) return Usage("--seed takes a whole number");
    } else if (argument == "--days") {
      if (!number(options.days) || options.days < 1 || options.days > app::EventClock::kDaysMax)
        return Usage("--days takes 1 to 3650");
    } else if (argument == "--bad") {
      if (!number(options.bad_share) || !(options.bad_share >= 0 && options.bad_share <= 1))
        return Usage("--bad takes 0 to 1");
    } else {
      return Usage(std::string("unknown argument ") + argv[i]);
    }
  }
  return shape == "users" ? Generate<app::UserEvents>(options) : Generate<bench::GithubEvents>(options);
}
