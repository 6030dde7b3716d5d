#include "datahub/serve/message.h"

#include <gtest/gtest.h>

#include "datahub/serve/access.h"
#include "datahub/serve/route.h"

namespace datahub::serve {
namespace {

TEST(Target, PathsAndQueriesAreDecoded) {
  Request request;
  ASSERT_TRUE(ParseTarget("/v1/events/users%5Fhttp?wait=commit&x=a%20b+c&flag", &request));
  EXPECT_EQ(request.path, "/v1/events/users_http");
  EXPECT_EQ(request.Query("wait"), "commit");
  EXPECT_EQ(request.Query("x"), "a b c");
  EXPECT_EQ(request.query.count("flag"), 1u);
  for (const char* bad : {"", "*", "http://x/", "/%", "/%4", "/%zz", "/a%00b", "/a?x=%f", "/a?x=1&x=1"}) {
    Request other;
    EXPECT_FALSE(ParseTarget(bad, &other)) << bad;
  }
}

TEST(Accept, TheMostWantedIsChosen) {
  static constexpr std::string_view kOffered[] = {"application/json", "text/csv"};
  for (const auto& [accept, expected] : {std::pair<const char*, const char*>{"", "application/json"},
                                         {"*/*", "application/json"},
                                         {"text/*", "text/csv"},
                                         {"TEXT/CSV", "text/csv"},
                                         {"text/csv;q=0.9, application/json;q=0.8", "text/csv"},
                                         {"application/*;q=0.2, */*;q=0.1", "application/json"},
                                         {"*/*, application/json;q=0", "text/csv"},
                                         {"text/html, */*; q=0.1", "application/json"},
                                         {"text/csv;charset=utf-8", "text/csv"},
                                         {"text/html", ""},
                                         {"application/json;q=0", ""},
                                         {"application/json;q=x", ""},
                                         {",;,=,/", ""},
                                         {"text", ""}}) {
    EXPECT_EQ(ChooseMedia(accept, kOffered), expected) << accept;
  }
}

TEST(Route, ParametersThatItDoesNotNameAreToldWithThoseItDoes) {
  Route route;
  Request request;
  EXPECT_EQ(UnknownParameter(route, request), "");
  request.query["limt"] = "1";
  EXPECT_EQ(UnknownParameter(route, request), "the parameter 'limt' is not known here; there is none");
  route.parameters = {{"limit", "query", "{}", ""}, {"after", "query", "{}", ""}, {"limt", "header", "{}", ""}};
  EXPECT_EQ(UnknownParameter(route, request), "the parameter 'limt' is not known here; those are: limit, after");
}

TEST(Route, PatternsTakeWholeParts) {
  PathArguments arguments;
  EXPECT_TRUE(Matches("/v1/tables/{table}/files", "/v1/tables/users/files", &arguments));
  EXPECT_EQ(arguments["table"], "users");
  for (const char* other : {"/v1/tables/users", "/v1/tables//files", "/v1/tables/users/files/",
                            "/v1/tables/users/files/x", "/v2/tables/users/files", "/", ""}) {
    EXPECT_FALSE(Matches("/v1/tables/{table}/files", other, &arguments)) << other;
  }
}

// Every role against every token, and none.
TEST(Access, TokensMayWhatTheirRolesSay) {
  const std::string ingest = "ingest-token-0000";
  const std::string read = "read-token-00000000";
  const std::string admin = "admin-token-0000000000";
  const Access access({{"i", ingest, {Role::kIngest}}, {"r", read, {Role::kRead}}, {"a", admin, {Role::kAdmin}}});
  using Verdict = Access::Verdict;
  struct Row {
    std::string header;
    Verdict nobody, ingest, read, admin;
  };
  const Row rows[] = {
      {"", Verdict::kAllowed, Verdict::kUnknown, Verdict::kUnknown, Verdict::kUnknown},
      {"Bearer wrong", Verdict::kAllowed, Verdict::kUnknown, Verdict::kUnknown, Verdict::kUnknown},
      {"Bearer ", Verdict::kAllowed, Verdict::kUnknown, Verdict::kUnknown, Verdict::kUnknown},
      {"Basic " + admin, Verdict::kAllowed, Verdict::kUnknown, Verdict::kUnknown, Verdict::kUnknown},
      {"Bearer " + ingest, Verdict::kAllowed, Verdict::kAllowed, Verdict::kForbidden, Verdict::kForbidden},
      {"bearer " + read, Verdict::kAllowed, Verdict::kForbidden, Verdict::kAllowed, Verdict::kForbidden},
      {"Bearer " + admin, Verdict::kAllowed, Verdict::kAllowed, Verdict::kAllowed, Verdict::kAllowed},
      {"Bearer " + admin + "x", Verdict::kAllowed, Verdict::kUnknown, Verdict::kUnknown, Verdict::kUnknown},
      {"Bearer " + admin.substr(1), Verdict::kAllowed, Verdict::kUnknown, Verdict::kUnknown, Verdict::kUnknown},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(access.Check(row.header, Role::kNobody), row.nobody) << row.header;
    EXPECT_EQ(access.Check(row.header, Role::kIngest), row.ingest) << row.header;
    EXPECT_EQ(access.Check(row.header, Role::kRead), row.read) << row.header;
    EXPECT_EQ(access.Check(row.header, Role::kAdmin), row.admin) << row.header;
  }
  EXPECT_EQ(Access({}).Check("", Role::kAdmin), Verdict::kAllowed) << "without tokens everybody may all";
}

}  // namespace
}  // namespace datahub::serve
