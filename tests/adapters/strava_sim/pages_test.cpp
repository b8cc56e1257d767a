#include "adapters/strava_sim/pages.hpp"

#include "tests/adapters/strava_sim/fixture.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>

using namespace stravasync::strava_sim;
using namespace test::sim;

namespace {

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("the consent page offers athletes and the scopes asked for") {
  auto of = fixture{};
  auto answer = of.send("GET", std::string{authorize_target}).response;
  CHECK(answer.status == 200);
  CHECK(answer.content_type == "text/html; charset=utf-8");
  CHECK(contains(answer.body, R"(value="80000001" checked)"));
  CHECK(contains(answer.body, "600 activities"));
  CHECK(contains(answer.body, R"(value="activity:read_all" checked)"));
  CHECK_FALSE(contains(answer.body, R"(value="activity:write")"));
}

TEST_CASE("what comes from the address is shown as text, never as HTML") {
  auto page = consent_page({.action = "/x?a=\"><script>",
                            .client_id = "<b>'&",
                            .scopes = {"read"},
                            .athletes = {},
                            .problem = "<i>"});
  CHECK_FALSE(contains(page, "<script>"));
  CHECK_FALSE(contains(page, "<b>'&"));
  CHECK(contains(page, "&lt;b&gt;&#39;&amp;"));
  CHECK_FALSE(contains(page, "<i>"));
}

TEST_CASE("the first page lists at most forty athletes") {
  auto with = simulator_options{};
  with.synthetic_athletes = 1'000;
  auto of = fixture{with};
  auto body = of.send("GET", "/").response.body;
  CHECK(contains(body, "80000040"));
  CHECK_FALSE(contains(body, "80000041"));
  CHECK(contains(body, "1,000 athletes"));
}
