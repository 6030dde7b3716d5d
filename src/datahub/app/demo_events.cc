#include "datahub/app/demo_events.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "datahub/app/demo_words.h"
#include "datahub/base/result.h"

namespace datahub::app {
namespace {

constexpr size_t kDemoEventBytesMax = 512;  // room for one event with whatever is wrong with it

constexpr std::string_view kContract = R"json({
  "$schema": "http://json-schema.org/draft-07/schema#",
  "title": "User event",
  "description": "A user as last seen: who, how old, where mail goes.",
  "type": "object",
  "required": ["eid", "documentNumber", "name", "age", "address", "created_at"],
  "properties": {
    "eid": {
      "type": "string",
      "format": "uuid",
      "description": "The event's own id; no two events share one."
    },
    "documentNumber": {
      "type": "string",
      "minLength": 5,
      "maxLength": 20,
      "description": "Number of the identity document. Text, because leading zeros count."
    },
    "name": {
      "type": "string",
      "minLength": 1,
      "maxLength": 100,
      "description": "First name."
    },
    "age": {
      "type": "integer",
      "minimum": 0,
      "maximum": 150,
      "description": "Full years at the time of the event."
    },
    "address": {
      "type": "object",
      "description": "Where the user lives.",
      "required": ["street", "number", "mailAddress"],
      "properties": {
        "street": {"type": "string", "minLength": 1, "description": "Street without the house number."},
        "number": {"type": "integer", "minimum": 1, "maximum": 99999, "description": "House number."},
        "mailAddress": {"type": "boolean", "description": "Whether mail may be sent there."}
      }
    },
    "created_at": {
      "type": "string",
      "format": "date-time",
      "description": "When the event was made, with its offset from UTC."
    }
  }
}
)json";

char* Put(std::string_view text, char* to) {
  std::memcpy(to, text.data(), text.size());
  return to + text.size();
}

char* PutNumber(uint64_t value, char* to) {
  char digits[20];
  char* begin = digits + sizeof(digits);
  do {
    *--begin = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value > 0);
  return Put({begin, static_cast<size_t>(digits + sizeof(digits) - begin)}, to);
}

// A random one (RFC 9562, version 4).
char* PutUuid(SeededRandom& random, char* to) {
  static constexpr char kHex[] = "0123456789abcdef";
  const uint64_t high = (random.Next() & ~uint64_t(0xF000)) | 0x4000;
  const uint64_t low = (random.Next() & ~(uint64_t(0xC) << 60)) | (uint64_t(0x8) << 60);
  for (int i = 0; i < 32; ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) *to++ = '-';
    const uint64_t half = i < 16 ? high : low;
    *to++ = kHex[(half >> (60 - 4 * (i % 16))) & 0xF];
  }
  return to;
}

// One user, as values; what a bad event changes.
struct User {
  std::string_view name;
  Quarter quarter;
  std::string_view street;
  uint64_t document = 0;  // 11 digits
  uint64_t age = 0;
  uint64_t house = 0;
  bool mail = false;
};

User MakeUser(SeededRandom& random) {
  static const std::span<const std::string_view> kNames = FirstNames();
  static const std::span<const Quarter> kAll = Quarters();
  static const std::span<const std::string_view> kStreets = StreetNames();
  User user;
  user.document = 10'000'000'000 + random.Below(90'000'000'000);
  const uint64_t bits = random.Next();  // small choices share one number
  user.name = kNames[(bits & 0xFFFF) * kNames.size() >> 16];
  user.quarter = kAll[((bits >> 16) & 0xFF) * kAll.size() >> 8];
  user.street = kStreets[((bits >> 24) & 0xFFFF) * kStreets.size() >> 16];
  user.age = 18 + (((bits >> 40) & 0xFF) * 70 >> 8);
  user.house = 1 + (((bits >> 48) & 0x7FF) * 400 >> 11);
  user.mail = (bits >> 63) != 0;
  return user;
}

}  // namespace

std::string_view UserContract() { return kContract; }

UserEvents::UserEvents(const EventOptions& options)
    : options_(options), random_(options.seed), clock_(options.count, options.days, options.shuffled) {
  DH_ASSERT(options.bad_share >= 0 && options.bad_share <= 1);
  bad_left_ = static_cast<uint64_t>(std::llround(static_cast<double>(options.count) * options.bad_share));
}

void UserEvents::Append(uint64_t most, std::string& out) {
  most = std::min(most, left());
  while (most > 0) {
    const uint64_t block = std::min<uint64_t>(most, 256);
    const size_t before = out.size();
    out.resize(before + block * kDemoEventBytesMax);
    char* to = out.data() + before;
    for (uint64_t i = 0; i < block; ++i) {
      // Each place is bad with the chance that makes the number come out exactly.
      const bool bad = bad_left_ > 0 && random_.Below(left()) < bad_left_;
      if (bad) {
        const auto badness = static_cast<Badness>(random_.Below(kBadnesses));
        to = WriteBad(badness, to);
        ++bad_[static_cast<size_t>(badness)];
        --bad_left_;
      } else {
        to = WriteGood(to);
      }
      *to++ = '\n';
      ++made_;
    }
    out.resize(static_cast<size_t>(to - out.data()));
    most -= block;
  }
}

char* UserEvents::WriteGood(char* to) {
  const User user = MakeUser(random_);
  to = PutUuid(random_, Put(R"({"eid":")", to));
  to = PutNumber(user.document, Put(R"(","documentNumber":")", to));
  to = Put(user.name, Put(R"(","name":")", to));
  to = PutNumber(user.age, Put(R"(","age":)", to));
  to = Put(user.quarter.street_kind, Put(R"(,"address":{"street":")", to));
  to = Put(user.quarter.name, Put(user.street, to));
  to = PutNumber(user.house, Put(R"(","number":)", to));
  to = Put(user.mail ? "true" : "false", Put(R"(,"mailAddress":)", to));
  to = clock_.Write(clock_.TimeOf(made_, random_), Put(R"(},"created_at":")", to));
  return Put(R"("})", to);
}

// A good event with one thing changed in its text: slow, and rare enough.
char* UserEvents::WriteBad(Badness badness, char* to) {
  const std::string good(to, WriteGood(to));
  const auto replaced = [&](std::string_view from, std::string_view until, std::string_view with) {
    std::string event = good;
    const size_t begin = event.find(from);
    const size_t end = event.find(until, begin + from.size());
    return event.replace(begin, end - begin, with);
  };
  std::string event;
  switch (badness) {
    case Badness::kMissingField:
      event = random_.OneIn(2) ? replaced(R"("name":)", R"("age":)", "")
                               : replaced(R"("number":)", R"("mailAddress":)", "");
      break;
    case Badness::kWrongType:
      event = random_.OneIn(2) ? replaced(R"("age":)", ",", R"("age":"unknown")")
                               : replaced(R"("mailAddress":)", "}", R"("mailAddress":"yes")");
      break;
    case Badness::kUnknownField:
      event = replaced(R"("age":)", R"("address":)", R"("age":30,"nickname":"Joe",)");
      break;
    case Badness::kBadDateTime:
      event = random_.OneIn(2) ? replaced(R"("created_at":)", "}", R"("created_at":"2026-02-30T10:00:00Z")")
                               : replaced(R"("created_at":)", "}", R"("created_at":"yesterday")");
      break;
    case Badness::kOutOfRange:
      event = random_.OneIn(2) ? replaced(R"("age":)", ",", R"("age":-1)") : replaced(R"("age":)", ",", R"("age":451)");
      break;
    case Badness::kNotJson:
      event = good.substr(0, 20 + random_.Below(good.size() - 40));  // cut off
      break;
  }
  return Put(event, to);
}

}  // namespace datahub::app
