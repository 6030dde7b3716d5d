// A second of mutated texts through the parser: nothing may crash, and what is accepted must survive being written and read.

#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "datahub/base/json.h"
#include "datahub/base/json_utf8.h"

namespace datahub::json {
namespace {

const std::vector<std::string>& Corpus() {
  static const std::vector<std::string> corpus = {
      R"({"eid":"3e628a05-7a4a-4bf3-8770-084c11601a12","age":32,"address":{"street":"St. Blue","number":3,"mail":true}})",
      R"([1,-2.50e+3,0,0.0,1E400,1e-400,9007199254740993,[],{},[[[[]]]],null,true,false])",
      R"("\u0041\ud83d\ude00\n\"\\\/\b\f\r\t plain é 日本 😀")",
      R"({"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9,"j":10,"k":11,"l":12,"m":13,"n":14,"o":15,"p":16,"q":17})",
      "\n\t { \"a\" : [ 1 , \"x\" , { } ] ,\r\n \"b\" : null } "};
  return corpus;
}

std::string Mutated(std::mt19937_64& random) {
  static constexpr std::string_view kPieces[] = {"{",
                                                 "}",
                                                 "[",
                                                 "]",
                                                 ",",
                                                 ":",
                                                 "\"",
                                                 "\\",
                                                 "\\u",
                                                 "\\ud800",
                                                 "\\udc00",
                                                 "e",
                                                 "E+",
                                                 "-",
                                                 ".",
                                                 "0",
                                                 "\xC3",
                                                 "\xED\xA0\x80",
                                                 "\xF0\x9F\x98\x80",
                                                 "\x01",
                                                 "true",
                                                 "null",
                                                 " ",
                                                 "\"a\":"};
  const auto pick = [&](size_t below) { return static_cast<size_t>(random() % below); };
  std::string text = Corpus()[pick(Corpus().size())];
  for (size_t edits = 1 + pick(6); edits > 0 && !text.empty(); --edits) {
    const size_t at = pick(text.size());
    switch (pick(6)) {
      case 0:
        text[at] = static_cast<char>(random());
        break;
      case 1:
        text.erase(at, 1 + pick(8));
        break;
      case 2:
        text.insert(at, kPieces[pick(std::size(kPieces))]);
        break;
      case 3:
        text.insert(at, text.substr(pick(text.size()), pick(40)));
        break;
      case 4:
        text.resize(at);
        break;
      default:
        text.insert(at, pick(600), "[{\"x1"[pick(5)]);
        break;
    }
  }
  return text;
}

void CheckPlaces(const Value& value, size_t begin, size_t end) {
  ASSERT_LE(begin, value.begin);
  ASSERT_LT(value.begin, value.end);
  ASSERT_LE(value.end, end);
  for (const Value& element : value.elements) CheckPlaces(element, value.begin, value.end);
  for (const Member& member : value.members) {
    CheckPlaces(member.value, value.begin, value.end);
    ASSERT_EQ(value.Find(member.key), &member.value);
    ASSERT_EQ(FindInvalidUtf8(member.key), std::string_view::npos);
  }
  if (value.is_string()) {
    ASSERT_EQ(FindInvalidUtf8(value.text), std::string_view::npos);
  }
}

// False when the text is refused.
bool TryText(const std::string& text, Document& document) {
  // Without spare room behind the text, so that a sanitizer sees a read beyond it.
  const std::unique_ptr<char[]> exact(new char[text.size()]);
  std::copy(text.begin(), text.end(), exact.get());
  const auto value = document.Parse({exact.get(), text.size()});
  if (!value) {
    size_t place = 0;
    EXPECT_EQ(std::sscanf(value.error().message.c_str(), "byte %zu:", &place), 1) << value.error().message;
    EXPECT_LE(place, text.size());
    return false;
  }
  CheckPlaces(**value, 0, text.size());
  std::string once;
  AppendValue(once, **value);
  Document again;
  const auto second = again.Parse(once);
  EXPECT_TRUE(second) << once;
  std::string twice;
  if (second) AppendValue(twice, **second);
  EXPECT_EQ(once, twice);
  return true;
}

TEST(JsonFuzz, MutatedTexts) {
  const char* const given = std::getenv("DH_FUZZ_SEED");
  const uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
  std::printf("DH_FUZZ_SEED=%llu\n", static_cast<unsigned long long>(seed));
  std::mt19937_64 random(seed);
  Document document;
  for (const std::string& text : Corpus()) EXPECT_TRUE(TryText(text, document)) << text;
  size_t texts = 0;
  size_t accepted = 0;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  while (std::chrono::steady_clock::now() < end && !HasFailure()) {
    const std::string text = Mutated(random);
    accepted += TryText(text, document) ? 1 : 0;
    ++texts;
    if (HasFailure()) std::printf("text: %s\n", text.c_str());
  }
  std::printf("%zu texts, %zu of them accepted\n", texts, accepted);
  EXPECT_GT(accepted, 0u);
}

}  // namespace
}  // namespace datahub::json
