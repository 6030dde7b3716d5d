#include "datahub/app/contract_folder.h"

#include <gtest/gtest.h>

#include "datahub/app/project_fixture.h"

namespace datahub::app {
namespace {

// A project whose pipeline names `contract`, beside these files.
std::unique_ptr<ProjectReading> ReadFolder(const std::string& contract, const std::map<std::string, std::string>& files,
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
  const auto highest = ReadFolder("user", files);
  ASSERT_TRUE(highest->project) << highest->errors();
  EXPECT_EQ(highest->project->pipelines[0].contract->version(), 10);
  ASSERT_EQ(highest->project->contracts.size(), 3u);
  EXPECT_EQ(highest->project->contracts[0].compiled, nullptr);  // not used, not asked for
  const auto pinned = ReadFolder("user@2", files, true);
  ASSERT_TRUE(pinned->project) << pinned->errors();
  EXPECT_EQ(pinned->project->pipelines[0].contract->version(), 2);
  EXPECT_NE(pinned->project->contracts[0].compiled, nullptr);
  EXPECT_TRUE(ReadFolder("user@3", files)->Says("there are versions 1, 2, 10"));
  EXPECT_TRUE(ReadFolder("user@", files)->Says("DH201"));
  EXPECT_TRUE(ReadFolder("user@x", files)->Says("DH201"));
}

TEST(ContractFolder, Settings) {
  const auto loose =
      ReadFolder("user", {{"user/1.json", kUserSchema},
                          {"user/contract.yaml", "strict: false\nexcess_digits: reject\nevolution: backward\n"}});
  ASSERT_TRUE(loose->project) << loose->errors();
  EXPECT_FALSE(loose->project->pipelines[0].contract->options().strict);
  EXPECT_TRUE(loose->project->pipelines[0].contract->options().reject_excess_digits);
  const auto strict = ReadFolder("user", {{"user.json", kUserSchema}});
  ASSERT_TRUE(strict->project);
  EXPECT_TRUE(strict->project->pipelines[0].contract->options().strict);
  EXPECT_FALSE(strict->project->pipelines[0].contract->options().reject_excess_digits);
  EXPECT_NE(strict->project->pipelines[0].contract_checksum, loose->project->pipelines[0].contract_checksum)
      << "settings decide verdicts as the text does";
}

TEST(ContractFolder, Evolution) {
  const auto of = [](const std::string& settings) {
    const auto reading = ReadFolder("user", {{"user/1.json", kUserSchema}, {"user/contract.yaml", settings}});
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
    const auto one = ReadFolder("user", {{"user/1.json", user}, {"common.json", common(1)}});
    ASSERT_TRUE(one->project) << one->errors();
    EXPECT_EQ(one->project->pipelines[0].contract->columns().fields[0].kind, record::Kind::kInt64);
    const auto two = ReadFolder("user", {{"user/1.json", user}, {"common.json", common(2)}});
    EXPECT_NE(one->project->pipelines[0].contract_checksum, two->project->pipelines[0].contract_checksum);
  }
  for (const char* outside : {"../../datahub.yaml", "/etc/hostname", "../none.json", "https://example.org/none"}) {
    const auto wrong = ReadFolder("user", {{"user/1.json", std::string(R"({"$ref": ")") + outside + "\"}"}});
    EXPECT_TRUE(wrong->Says("is another document")) << outside << wrong->errors();
  }
}

// A project with `contracts` as written, beside these files.
std::unique_ptr<ProjectReading> ReadWith(const std::string& contracts,
                                         const std::map<std::string, std::string>& files) {
  auto reading = std::make_unique<ProjectReading>();
  reading->folder.Write("datahub.yaml",
                        "project: p\nlake: {location: ./lake}\nsources: {a: {kind: files, path: ./a}}\n"
                        "tables: {t: {}}\npipelines: {p: {from: a, to: t, contract: user}}\ncontracts: " +
                            contracts + "\n");
  for (const auto& [name, text] : files) reading->folder.Write(name, text);
  reading->Read();
  return reading;
}

constexpr const char* kRegistry = "{registry: {\"https://schemas.example/\": ./vendor}}";

std::string RefersTo(const std::string& address) {
  return R"({"type": "object", "properties": {"a": {"$ref": ")" + address + "\"}}}";
}

TEST(ContractFolder, RefersToTheRegistry) {
  const auto with = [](const std::string& age) {
    return std::map<std::string, std::string>{
        {"contracts/user.json", RefersTo("https://schemas.example/common/person.json#/$defs/person")},
        // Relative to its own address: by way of the registry too.
        {"vendor/common/person.json",
         R"({"$defs": {"person": {"type": "object", "properties": {"age": {"$ref": "../age.json"}}}}})"},
        {"vendor/age.json", age}};
  };
  const auto one = ReadWith(kRegistry, with(R"({"type": "integer"})"));
  ASSERT_TRUE(one->project) << one->errors();
  ASSERT_EQ(one->project->registry.size(), 1u);
  EXPECT_EQ(one->project->registry[0].folder, one->folder.path() + "/vendor");
  EXPECT_EQ(record::ToString(one->project->pipelines[0].contract->columns().fields[0]), "struct<age: int64>");
  const auto two = ReadWith(kRegistry, with(R"({"type": "integer", "maximum": 1})"));
  ASSERT_TRUE(two->project) << two->errors();
  EXPECT_NE(one->project->pipelines[0].contract_checksum, two->project->pipelines[0].contract_checksum);
  // What is not used is no part of it.
  auto more = with(R"({"type": "integer"})");
  more["vendor/other.json"] = "{";
  EXPECT_EQ(ReadWith(kRegistry, more)->project->pipelines[0].contract_checksum,
            one->project->pipelines[0].contract_checksum);
}

TEST(ContractFolder, TheRegistryBesideAnotherFolder) {
  const auto reading = ReadWith(
      "{folder: ./schemas, registry: {\"https://schemas.example/\": ./vendor, \"https://schemas.example/v2/\": ./v2}}",
      {{"schemas/user.json", RefersTo("https://schemas.example/v2/age.json")},
       {"vendor/v2/age.json", R"({"type": "string"})"},
       {"v2/age.json", R"({"type": "integer"})"}});
  ASSERT_TRUE(reading->project) << reading->errors();
  EXPECT_EQ(reading->project->pipelines[0].contract->columns().fields[0].kind, record::Kind::kInt64)
      << "the longest beginning decides";
}

TEST(ContractFolder, NothingLeavesTheRegistry) {
  const auto refuses = [](const std::string& address, const std::string& said) {
    auto reading = std::make_unique<ProjectReading>();
    reading->folder.Write("vendor/inside.json", "true");
    reading->folder.Write("secret.json", "true");
    std::filesystem::create_symlink("../secret.json", reading->folder.path() + "/vendor/link.json");
    std::filesystem::create_directory_symlink("..", reading->folder.path() + "/vendor/up");
    std::filesystem::create_symlink("inside.json", reading->folder.path() + "/vendor/same.json");
    reading->folder.Write(
        "datahub.yaml", std::string("project: p\nlake: {location: ./lake}\nsources: {a: {kind: files, path: ./a}}\n"
                                    "tables: {t: {}}\npipelines: {p: {from: a, to: t, contract: user}}\ncontracts: ") +
                            kRegistry + "\n");
    reading->folder.Write("contracts/user.json", "{\n\"properties\": {\"a\": {\"$ref\": \"" + address + "\"}}}");
    reading->Read();
    if (said.empty()) {
      EXPECT_TRUE(reading->project) << reading->errors();
    } else {
      EXPECT_FALSE(reading->project) << address;
      EXPECT_TRUE(reading->Says(said)) << address << reading->errors();
      EXPECT_TRUE(reading->Says("contracts/user.json:2:")) << reading->errors();
    }
  };
  refuses("https://schemas.example/inside.json", "");
  refuses("https://schemas.example/same.json", "");
  refuses("https://schemas.example/none.json", "./vendor/none.json is not there");
  refuses("https://schemas.example/link.json", "./vendor/link.json is not there or cannot be read");
  refuses("https://schemas.example/up/secret.json", "./vendor/up/secret.json is not there or cannot be read");
  refuses("https://schemas.example/..%2fsecret.json", "is another document");
  refuses("https://schemas.example/", "is another document");
  refuses("https://schemas.example.org/inside.json", "lies in no folder that datahub.yaml names");
  refuses("urn:x:inside.json", "lies in no folder");
}

TEST(ContractFolder, RegistriesThatAreWrong) {
  const auto says = [](const std::string& contracts, const std::string& text) {
    const auto reading = ReadWith(contracts, {{"contracts/user.json", kUserSchema}, {"vendor/a.json", "true"}});
    EXPECT_FALSE(reading->project) << contracts;
    EXPECT_TRUE(reading->Says(text)) << contracts << reading->errors();
  };
  says("{registry: ./vendor}", "registry is a mapping from addresses to folders, here it is text");
  says("{registry: {\"https://schemas.example\": ./vendor}}", "is not the beginning of addresses");
  says("{registry: {\"schemas/\": ./vendor}}", "is not the beginning of addresses");
  says("{registry: {\"https://schemas.example/#a/\": ./vendor}}", "is not the beginning of addresses");
  says("{registry: {\"https://schemas.example/\": }}", "registry is text");
  says("{registry: {\"https://schemas.example/\": ./none}}", "the registry's folder ./none cannot be read");
  says("{registry: {\"https://schemas.example/\": \"https://schemas.example/\"}}", "only local folders");
  says("{registry: {\"https://schemas.example/\": ./lake}}", "cannot be read");
  says("{registry: {\"https://schemas.example/\": .}}", "the lake and the registry overlap");
  says("{registries: {}}", "contracts has no field 'registries'");
  says("[./contracts]", "contracts is text");
}

TEST(ContractFolder, MasksAreRefusedForTables) {
  const auto with = [](const std::string& mask) {
    return std::map<std::string, std::string>{
        {"contracts/user.json", R"({"type": "object", "properties": {"mail": {"type": "string", "x-datahub-pii": {)"
                                R"("class": "email", "mask": ")" +
                                    mask + "\"}}}}"}};
  };
  const auto plain = ReadWith("./contracts", with("none"));
  ASSERT_TRUE(plain->project) << plain->errors();
  EXPECT_EQ(plain->project->pipelines[0].contract->annotations().personal.size(), 1u);
  for (const char* mask : {"hash", "redact", "last4"}) {
    const auto refused = ReadWith("./contracts", with(mask));
    EXPECT_FALSE(refused->project);
    EXPECT_TRUE(refused->Says(std::string("user@1: column mail is to be masked (") + mask +
                              "), which is not supported by this version"))
        << refused->errors();
    EXPECT_TRUE(refused->Says("datahub.yaml:5:")) << refused->errors();
  }
}

TEST(ContractFolder, SettingsThatAreWrong) {
  const auto says = [](const std::string& settings, const std::string& text) {
    const auto reading = ReadFolder("user", {{"user/1.json", kUserSchema}, {"user/contract.yaml", settings}});
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
      ReadFolder("user", {{"user.json", "{\"type\": \"object\",\n \"properties\": {\"a\": {\"type\": \"strin\"}}}\n"}});
  EXPECT_FALSE(reading->project);
  EXPECT_TRUE(reading->Says("contracts/user.json:2:")) << reading->errors();
  EXPECT_TRUE(reading->Says("error[DH302]")) << reading->errors();
  EXPECT_TRUE(ReadFolder("user", {{"user.json", "{"}})->Says("contracts/user.json:1:"));
}

TEST(ContractFolder, UnusedOnesOnlyMatterWhenAskedFor) {
  const std::map<std::string, std::string> files = {{"user.json", kUserSchema}, {"draft.json", "{"}};
  EXPECT_TRUE(ReadFolder("user", files)->project);
  EXPECT_TRUE(ReadFolder("user", files, true)->Says("contracts/draft.json:1:"));
}

TEST(ContractFolder, WhatLiesThereMustBeUnderstood) {
  EXPECT_TRUE(ReadFolder("user", {})->Says("the contracts' folder contracts cannot be read"));
  EXPECT_TRUE(
      ReadFolder("user", {{"user.json", kUserSchema}, {"User-2.json", kUserSchema}})->Says("for example 'user_2'"));
  EXPECT_TRUE(
      ReadFolder("user", {{"user.json", kUserSchema}, {"user/1.json", kUserSchema}})->Says("both a file and a folder"));
  EXPECT_TRUE(ReadFolder("user", {{"user.json", kUserSchema}, {"user.yaml", "strict: false"}})->Says("DH301"));
  EXPECT_TRUE(
      ReadFolder("user", {{"user.json", kUserSchema}, {"order/one.json", kUserSchema}})->Says("for example 1.json"));
  EXPECT_TRUE(ReadFolder("user", {{"user.json", kUserSchema}, {"order/contract.yaml", ""}})->Says("without a version"));
  EXPECT_TRUE(ReadFolder("user", {{"user/01.json", kUserSchema}})->Says("DH301"));
  EXPECT_TRUE(ReadFolder("none", {})->project);
}

}  // namespace
}  // namespace datahub::app
