#include "datahub/contract/inference/random_events.h"

#include <cstdio>
#include <cstdlib>
#include <iterator>

#include <fmt/format.h>

namespace datahub::contract::inference {

uint64_t SeedOfRun() {
  const char* const given = std::getenv("DH_FUZZ_SEED");
  const uint64_t seed = given == nullptr ? std::random_device{}() : std::strtoull(given, nullptr, 10);
  std::printf("DH_FUZZ_SEED=%llu\n", static_cast<unsigned long long>(seed));
  return seed;
}

RandomEvents::RandomEvents(uint64_t seed) : random_(seed) { root_ = Below(12) == 0 ? MakeShape(2) : MakeObject(0); }

std::string RandomEvents::Next() {
  std::string out;
  Write(*root_, out);
  return out;
}

std::unique_ptr<RandomEvents::Shape> RandomEvents::MakeShape(int depth) {
  static constexpr What kAll[] = {What::kNull,    What::kBool,  What::kSmall,  What::kSmall,  What::kNumber,
                                  What::kNumber,  What::kWord,  What::kWord,   What::kText,   What::kFormat,
                                  What::kFormat,  What::kList,  What::kObject, What::kObject, What::kIdMap,
                                  What::kWideMap, What::kMixed, What::kDeep};
  constexpr int kDepthOfScalars = 4;
  const What what = depth >= kDepthOfScalars ? What::kSmall : kAll[Below(std::size(kAll))];
  auto shape = what == What::kObject ? MakeObject(depth) : std::make_unique<Shape>();
  shape->what = what;
  shape->choice = Below(1000);
  shape->null_percent = Below(4) == 0 ? Below(50) : 0;
  const bool one = what == What::kList || what == What::kIdMap || what == What::kWideMap;
  for (int i = what == What::kMixed ? 2 : one ? 1 : 0; i > 0; --i) shape->parts.push_back(MakeShape(depth + 1));
  return shape;
}

std::unique_ptr<RandomEvents::Shape> RandomEvents::MakeObject(int depth) {
  static const std::string kKeys[] = {"id",
                                      "ID",
                                      "Id",
                                      "name",
                                      "a b",
                                      "a.b",
                                      "a_b",
                                      "A,B",
                                      "",
                                      "dh_source",
                                      "ключ",
                                      "日本",
                                      "\"q\"",
                                      "back\\s",
                                      "tab\t",
                                      "type",
                                      "$ref",
                                      "é",
                                      "x/y",
                                      "kind",
                                      "event",
                                      "value",
                                      "properties",
                                      "required",
                                      "key",
                                      "a_b_2",
                                      "0",
                                      "unnamed",
                                      "null",
                                      "💡",
                                      "created_at",
                                      "DH_x",
                                      "~1",
                                      "%",
                                      "a b ",
                                      std::string(255, 'l'),
                                      std::string(300, 'm')};
  auto shape = std::make_unique<Shape>();
  shape->what = What::kObject;
  for (const std::string& key : kKeys) {
    if (Below(5) != 0) continue;
    shape->keys.push_back(key);
    shape->percents.push_back(Below(2) == 0 ? 100 : Below(100));
    shape->parts.push_back(MakeShape(depth + 1));
  }
  return shape;
}

std::string RandomEvents::TextOf(const Shape& shape) {
  static const char* const kPieces[] = {"é", "日本語", "💡", "\"", "\\", "\n", "plain ", "a", "\x01", "/", "\x7f", " "};
  std::string text;
  switch (shape.what) {
    case What::kWord:
      return fmt::format("word {}", Below(1 + shape.choice % 20));
    case What::kText:
      for (uint64_t n = Below(12); n > 0; --n) text += kPieces[Below(std::size(kPieces))];
      return text;
    default:
      break;
  }
  switch (shape.choice % 7) {
    case 0:
      return fmt::format("{:08x}-1111-4222-8333-{:012x}", Below(1ull << 32), Below(1ull << 48));
    case 1:
      return fmt::format("20{:02}-{:02}-{:02}", Below(100), 1 + Below(12), 1 + Below(28));
    case 2:
      return fmt::format("2026-01-{:02}T{:02}:00:{:02}{}{}", 1 + Below(28), Below(24), Below(60),
                         Below(2) ? "" : ".1234567", Below(2) ? "Z" : "+05:30");
    case 3:
      return fmt::format("user{}@example.com", Below(1000));
    case 4:
      return fmt::format("10.0.{}.{}", Below(256), Below(260));  // not always an address
    case 5:
      return fmt::format("https://example.com/{}?q=%20", Below(1000));
    default:
      return Below(10) == 0 ? "" : "2026-12-31T23:59:60Z";
  }
}

std::string RandomEvents::NumberOf(const Shape& shape) {
  static const char* const kNumbers[] = {"1.0",
                                         "1e2",
                                         "-0",
                                         "0.0",
                                         "-0.0",
                                         "100E-2",
                                         "9223372036854775807",
                                         "-9223372036854775808",
                                         "9007199254740992",
                                         "-1e-400",
                                         "2.5",
                                         "-7.125",
                                         "0.1234567890123456789",
                                         "1e300",
                                         "9223372036854775808",
                                         "18446744073709551616",
                                         "9007199254740993",
                                         "123456789012345678901234567890",
                                         "1e400",
                                         "-1e400"};
  // Each shape draws from the first so many: integers, then doubles, then what neither holds.
  constexpr uint64_t kKinds[] = {6, 9, 14, 16, std::size(kNumbers)};
  const uint64_t kinds = kKinds[shape.choice % std::size(kKinds)];
  return Below(3) == 0 ? kNumbers[Below(kinds)] : fmt::format("{}", static_cast<int64_t>(Below(2000)) - 500);
}

void RandomEvents::Write(const Shape& shape, std::string& out) {
  WriteSpace(out);
  if (Below(100) < shape.null_percent) {
    out += "null";
    return;
  }
  switch (shape.what) {
    case What::kNull:
      out += "null";
      break;
    case What::kBool:
      out += Below(2) ? "true" : "false";
      break;
    case What::kSmall:
      out += fmt::format("{}", Below(1 + shape.choice));
      break;
    case What::kNumber:
      out += NumberOf(shape);
      break;
    case What::kWord:
    case What::kText:
    case What::kFormat:
      WriteString(TextOf(shape), out);
      break;
    case What::kList:
      out += '[';
      for (uint64_t i = 0, count = Below(4); i < count; ++i) {
        if (i > 0) out += ',';
        Write(*shape.parts[0], out);
      }
      out += ']';
      break;
    case What::kObject:
      WriteObject(shape, out);
      break;
    case What::kIdMap:
    case What::kWideMap:
      WriteMap(shape, out);
      break;
    case What::kMixed:
      Write(*shape.parts[Below(4) == 0], out);
      break;
    case What::kDeep: {
      const uint64_t depth = Below(60);
      for (uint64_t i = 0; i < depth; ++i) out += shape.choice % 2 ? "[" : "{\"d\":";
      out += "1";
      out.append(depth, shape.choice % 2 ? ']' : '}');
      break;
    }
  }
  WriteSpace(out);
}

void RandomEvents::WriteObject(const Shape& shape, std::string& out) {
  out += '{';
  bool is_first = true;
  for (size_t i = 0; i < shape.keys.size(); ++i) {
    if (Below(100) >= shape.percents[i]) continue;
    if (!is_first) out += ',';
    is_first = false;
    WriteString(shape.keys[i], out);
    out += ':';
    Write(*shape.parts[i], out);
  }
  out += '}';
}

void RandomEvents::WriteMap(const Shape& shape, std::string& out) {
  const bool is_wide = shape.what == What::kWideMap;
  const uint64_t step = is_wide ? 100 : 5;
  out += '{';
  for (uint64_t i = 0, count = Below(is_wide ? 30 : 4); i < count; ++i) {
    if (i > 0) out += ',';
    WriteString(fmt::format("{}{}", is_wide ? "k" : "10", i * step + Below(step)), out);
    out += ':';
    Write(*shape.parts[0], out);
  }
  out += '}';
}

// Some characters are written as escapes.
void RandomEvents::WriteString(std::string_view text, std::string& out) {
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || (byte < 0x80 && Below(300) == 0)) {
      out += fmt::format("\\u{:04x}", byte);
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  out += '"';
}

void RandomEvents::WriteSpace(std::string& out) {
  if (Below(40) == 0) out += Below(2) ? ' ' : '\t';
}

}  // namespace datahub::contract::inference
