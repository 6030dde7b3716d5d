#include "datahub/app/contract_folder.h"

#include <gtest/gtest.h>

#include "datahub/app/project_fixture.h"

namespace datahub::app {
namespace {

// A project whose pipeline names `contract`, beside these files.
std::unique_ptr<ProjectReading> Read(const std::string& contract, const std::map<std::string, std::string>& files,
                                     bool all = false) {
  auto reading = std::make_unique<ProjectReading>();
  reading->folder.Write("datahub.yaml",
                        "project: p\nlake: {location: ./lake}\nsources: {a: {kind: files, path: ./a}}\n"
                        "tables: {t: {}}\npipelines: {p: {from: a, to: t, contract: " +
                            contract + "}}\n");
  for (const auto& [name, text] : files) reading->folder.Write("contracts/" + name, text);
  reading->all_contracts = all;
  reading->Read();
  return reading;
}

TEST(ContractFolder, ChoosesVersions) {
  const std::map<std::string, std::string> files = {{"user/1.json", kUserSchema},
                                                    {"user/2.json", kUserSchema},
                                                    {"user/10.json", kUserSchema},
                                                    {"user/README.md", "x"}};
  const auto highest = Read("user", files);
  ASSERT_TRUE(highest->project) << highest->errors();
  EXPECT_EQ(highest->project->pipelines[0].contract->version(), 10);
  ASSERT_EQ(highest->project->contracts.size(), 3u);
  EXPECT_EQ(highest->project->contracts[0].compiled, nullptr);  // not used, not asked for
  const auto pinned = Read("user@2", files, true);
  ASSERT_TRUE(pinned->project) << pinned->errors();
  EXPECT_EQ(pinned->project->pipelines[0].contract->version(), 2);
  EXPECT_NE(pinned->project->contracts[0].compiled, nullptr);
  EXPECT_TRUE(Read("user@3", files)->Says("there are versions 1, 2, 10"));
  EXPECT_TRUE(Read("user@", files)->Says("DH201"));
  EXPECT_TRUE(Read("user@x", files)->Says("DH201"));
}

TEST(ContractFolder, Settings) {
  const auto loose =
      Read("user", {{"user/1.json", kUserSchema},
                    {"user/contract.yaml", "strict: false\nexcess_digits: reject\nevolution: backward\n"}});
  ASSERT_TRUE(loose->project) << loose->errors();
  EXPECT_FALSE(loose->project->pipelines[0].contract->options().strict);
  EXPECT_TRUE(loose->project->pipelines[0].contract->options().reject_excess_digits);
  const auto strict = Read("user", {{"user.json", kUserSchema}});
  ASSERT_TRUE(strict->project);
  EXPECT_TRUE(strict->project->pipelines[0].contract->options().strict);
  EXPECT_FALSE(strict->project->pipelines[0].contract->options().reject_excess_digits);
  EXPECT_NE(strict->project->pipelines[0].contract_checksum, loose->project->pipelines[0].contract_checksum)
      << "settings decide verdicts as the text does";
}

TEST(ContractFolder, Evolution) {
  const auto of = [](const std::string& settings) {
    const auto reading = Read("user", {{"user/1.json", kUserSchema}, {"user/contract.yaml", settings}});
    EXPECT_TRUE(reading->project) << reading->errors();
    const Evolution evolution = reading->project ? reading->project->contracts[0].evolution : Evolution{};
    return std::string(evolution.backward ? "b" : "") + (evolution.forward ? "f" : "") +
           (evolution.transitive ? "t" : "");
  };
  EXPECT_EQ(of("strict: true"), "b");
  EXPECT_EQ(of("evolution: none"), "");
  EXPECT_EQ(of("evolution: backward"), "b");
  EXPECT_EQ(of("evolution: forward"), "f");
  EXPECT_EQ(of("evolution: full"), "bf");
  EXPECT_EQ(of("evolution: backward_transitive"), "bt");
  EXPECT_EQ(of("evolution: forward_transitive"), "ft");
  EXPECT_EQ(of("evolution: full_transitive"), "bft");
}

// By path and by $id; what they say is part of what judges.
TEST(ContractFolder, ContractsReferToEachOther) {
  const std::string by_path = R"({"type": "object", "properties": {"age": {"$ref": "../common.json#/$defs/age"}}})";
  const std::string by_id =
      R"({"type": "object", "properties": {"age": {"$ref": "https://example.org/common#/$defs/age"}}})";
  const auto common = [](int most) {
    return R"({"$id": "https://example.org/common", "$defs": {"age": {"type": "integer", "maximum": )" +
           std::to_string(most) + "}}}";
  };
  for (const std::string& user : {by_path, by_id}) {
    const auto one = Read("user", {{"user/1.json", user}, {"common.json", common(1)}});
    ASSERT_TRUE(one->project) << one->errors();
    EXPECT_EQ(one->project->pipelines[0].contract->columns().fields[0].kind, record::Kind::kInt64);
    const auto two = Read("user", {{"user/1.json", user}, {"common.json", common(2)}});
    EXPECT_NE(one->project->pipelines[0].contract_checksum, two->project->pipelines[0].contract_checksum);
  }
  for (const char* outside : {"../../datahub.yaml", "/etc/hostname", "../none.json", "https://example.org/none"}) {
    const auto wrong = Read("user", {{"user/1.json", std::string(R"({"$ref": ")") + outside + "\"}"}});
    EXPECT_TRUE(wrong->Says("is another document")) << outside << wrong->errors();
  }
}

TEST(ContractFolder, SettingsThatAreWrong) {
  const auto says = [](const std::string& settings, const std::string& text) {
    const auto reading = Read("user", {{"user/1.json", kUserSchema}, {"user/contract.yaml", settings}});
    EXPECT_FALSE(reading->project);
    EXPECT_TRUE(reading->Says(text)) << reading->errors();
  };
  says("strickt: true", "contracts/user/contract.yaml:1:1: error[DH105]");
  says("strict: yes", "strict is one of true, false");
  says("evolution: sideways", "DH108");
  says("excess_digits: round", "truncate, reject");
  says("strict: [", "DH102");
}

TEST(ContractFolder, MistakesCarryThePlaceInTheContract) {
  const auto reading =
      Read("user", {{"user.json", "{\"type\": \"object\",\n \"properties\": {\"a\": {\"type\": \"strin\"}}}\n"}});
  EXPECT_FALSE(reading->project);
  EXPECT_TRUE(reading->Says("contracts/user.json:2:")) << reading->errors();
  EXPECT_TRUE(reading->Says("error[DH302]")) << reading->errors();
  EXPECT_TRUE(Read("user", {{"user.json", "{"}})->Says("contracts/user.json:1:"));
}

TEST(ContractFolder, UnusedOnesOnlyMatterWhenAskedFor) {
  const std::map<std::string, std::string> files = {{"user.json", kUserSchema}, {"draft.json", "{"}};
  EXPECT_TRUE(Read("user", files)->project);
  EXPECT_TRUE(Read("user", files, true)->Says("contracts/draft.json:1:"));
}

TEST(ContractFolder, WhatLiesThereMustBeUnderstood) {
  EXPECT_TRUE(Read("user", {})->Says("the contracts' folder contracts cannot be read"));
  EXPECT_TRUE(Read("user", {{"user.json", kUserSchema}, {"User-2.json", kUserSchema}})->Says("for example 'user_2'"));
  EXPECT_TRUE(
      Read("user", {{"user.json", kUserSchema}, {"user/1.json", kUserSchema}})->Says("both a file and a folder"));
  EXPECT_TRUE(Read("user", {{"user.json", kUserSchema}, {"user.yaml", "strict: false"}})->Says("DH301"));
  EXPECT_TRUE(Read("user", {{"user.json", kUserSchema}, {"order/one.json", kUserSchema}})->Says("for example 1.json"));
  EXPECT_TRUE(Read("user", {{"user.json", kUserSchema}, {"order/contract.yaml", ""}})->Says("without a version"));
  EXPECT_TRUE(Read("user", {{"user/01.json", kUserSchema}})->Says("DH301"));
  EXPECT_TRUE(Read("none", {})->project);
}

}  // namespace
}  // namespace datahub::app
