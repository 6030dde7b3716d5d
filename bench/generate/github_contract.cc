#include <initializer_list>
#include <string_view>
#include <utility>

#include "github_events.h"

namespace datahub::bench {
namespace {

struct Member {
  std::string_view name;
  std::string schema;
  bool optional = false;
};

std::string Object(std::initializer_list<Member> members) {
  std::string properties;
  std::string required;
  for (const Member& member : members) {
    properties += (properties.empty() ? "\"" : ",\n\"") + std::string(member.name) + "\":" + member.schema;
    if (!member.optional) required += (required.empty() ? "\"" : ",\"") + std::string(member.name) + "\"";
  }
  return "{\"type\":\"object\",\"required\":[" + required + "],\"properties\":{\n" + properties + "}}";
}

std::string List(const std::string& element) { return R"({"type":"array","items":)" + element + "}"; }

const std::string kText = R"({"type":"string"})";
const std::string kTextOrNull = R"({"type":["string","null"]})";
const std::string kCount = R"({"type":"integer","minimum":0})";
const std::string kScore = R"({"type":"number","minimum":0})";
const std::string kFlag = R"({"type":"boolean"})";
const std::string kFlagOrNull = R"({"type":["boolean","null"]})";
const std::string kTime = R"({"type":"string","format":"date-time"})";
const std::string kTimeOrNull = R"({"type":["string","null"],"format":"date-time"})";
const std::string kSha = R"({"type":"string","minLength":40,"maxLength":40})";

std::string Actor() {
  return Object({{"id", kCount},
                 {"login", kText},
                 {"display_login", kText},
                 {"gravatar_id", kText},
                 {"url", kText},
                 {"avatar_url", kText}});
}

std::string User() {
  return Object({{"login", kText},
                 {"id", kCount},
                 {"avatar_url", kText},
                 {"html_url", kText},
                 {"type", kText},
                 {"site_admin", kFlag}});
}

std::string Branch() {
  const std::string repo = Object({{"id", kCount},
                                   {"full_name", kText},
                                   {"private", kFlag},
                                   {"fork", kFlag},
                                   {"description", kTextOrNull},
                                   {"language", kTextOrNull},
                                   {"size", kCount},
                                   {"stargazers_count", kCount},
                                   {"forks_count", kCount},
                                   {"open_issues_count", kCount},
                                   {"score", kScore},
                                   {"topics", List(kText)},
                                   {"default_branch", kText},
                                   {"pushed_at", kTime}});
  return Object({{"label", kText}, {"ref", kText}, {"sha", kSha}, {"user", User()}, {"repo", repo}});
}

std::string Labels() { return List(Object({{"id", kCount}, {"name", kText}, {"color", kText}, {"default", kFlag}})); }

std::string Commits() {
  return List(Object({{"sha", kSha},
                      {"author", Object({{"email", kText}, {"name", kText}})},
                      {"message", kText},
                      {"distinct", kFlag},
                      {"url", kText}}));
}

std::string Issue() {
  const std::string milestone = Object({{"id", kCount}, {"title", kText}, {"due_on", kTimeOrNull}});
  const std::string reactions =
      Object({{"total_count", kCount}, {"plus_one", kCount}, {"minus_one", kCount}, {"heart", kCount}});
  return Object({{"id", kCount},
                 {"number", kCount},
                 {"title", kText},
                 {"user", User()},
                 {"labels", Labels()},
                 {"state", R"({"enum":["open","closed"]})"},
                 {"locked", kFlag},
                 {"assignees", List(User())},
                 {"milestone", milestone, true},
                 {"comments", kCount},
                 {"created_at", kTime},
                 {"updated_at", kTime},
                 {"closed_at", kTimeOrNull},
                 {"body", kTextOrNull},
                 {"reactions", reactions}});
}

std::string Comment() {
  return Object({{"id", kCount},
                 {"user", User()},
                 {"created_at", kTime},
                 {"updated_at", kTime},
                 {"author_association", kText},
                 {"body", kText}});
}

std::string PullRequest() {
  return Object({{"id", kCount},
                 {"number", kCount},
                 {"state", R"({"enum":["open","closed"]})"},
                 {"title", kText},
                 {"user", User()},
                 {"body", kText},
                 {"labels", Labels()},
                 {"created_at", kTime},
                 {"merged_at", kTimeOrNull},
                 {"head", Branch()},
                 {"base", Branch()},
                 {"merged", kFlag},
                 {"mergeable", kFlagOrNull},
                 {"commits", kCount},
                 {"additions", kCount},
                 {"deletions", kCount},
                 {"changed_files", kCount}});
}

}  // namespace

std::string GithubContract() {
  const std::string payload = Object({{"action", kText, true},
                                      {"push_id", kCount, true},
                                      {"size", kCount, true},
                                      {"distinct_size", kCount, true},
                                      {"ref", kText, true},
                                      {"head", kSha, true},
                                      {"before", kSha, true},
                                      {"commits", Commits(), true},
                                      {"number", kCount, true},
                                      {"issue", Issue(), true},
                                      {"comment", Comment(), true},
                                      {"pull_request", PullRequest(), true}});
  const std::string organization =
      Object({{"id", kCount}, {"login", kText}, {"gravatar_id", kText}, {"url", kText}, {"avatar_url", kText}});
  std::string event = Object({{"id", kText},
                              {"type", kText},
                              {"actor", Actor()},
                              {"repo", Object({{"id", kCount}, {"name", kText}, {"url", kText}})},
                              {"payload", payload},
                              {"public", kFlag},
                              {"created_at", kTime},
                              {"org", organization, true}});
  return R"({"$schema":"https://json-schema.org/draft/2020-12/schema",)" + event.substr(1) + "\n";
}

}  // namespace datahub::bench
