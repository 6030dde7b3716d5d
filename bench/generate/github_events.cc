#include "github_events.h"

#include <algorithm>
#include <cmath>

#include "datahub/base/result.h"
#include "github_writer.h"

namespace datahub::bench {

GithubEvents::GithubEvents(const app::EventOptions& options)
    : options_(options), random_(options.seed), clock_(options.count, options.days, options.shuffled) {
  DH_ASSERT(options.bad_share >= 0 && options.bad_share <= 1);
  bad_left_ = static_cast<uint64_t>(std::llround(static_cast<double>(options.count) * options.bad_share));
}

void GithubEvents::Append(uint64_t most, std::string& out) {
  for (most = std::min(most, left()); most > 0; --most) {
    if (bad_left_ > 0 && random_.Below(left()) < bad_left_) {
      AppendBad(out);
      --bad_left_;
    } else {
      AppendGood(out);
    }
    out += '\n';
    ++made_;
  }
}

void GithubEvents::AppendGood(std::string& out) {
  const uint64_t time_us = clock_.TimeOf(made_, random_);
  GithubWriter(random_, clock_, made_, time_us, out).Write();
}

// A good event with one thing changed in its text, in the ways of app::Badness.
void GithubEvents::AppendBad(std::string& out) {
  std::string event;
  AppendGood(event);
  const auto replace = [&](std::string_view from, std::string_view with) {
    event.replace(event.rfind(from), from.size(), with);
  };
  switch (static_cast<app::Badness>(random_.Below(app::kBadnesses))) {
    case app::Badness::kMissingField:
      replace("\"public\":true,", "");
      break;
    case app::Badness::kWrongType:
      replace("\"public\":true", "\"public\":\"yes\"");
      break;
    case app::Badness::kUnknownField:
      replace("\"public\":true", "\"public\":true,\"visible\":true");
      break;
    case app::Badness::kBadDateTime:
      replace("\"created_at\":\"2", "\"created_at\":\"x");
      break;
    case app::Badness::kOutOfRange:
      event.replace(event.find("\"actor\":{\"id\":") + 14, 0, "-");
      break;
    case app::Badness::kNotJson:
      event.resize(event.size() / 2);
      break;
  }
  out += event;
}

}  // namespace datahub::bench
