#include "tests/adapters/strava/calls.hpp"
#include "tests/adapters/strava/scripted_server.hpp"

#include <catch2/generators/catch_generators.hpp>

using namespace stravasync;
using namespace stravasync::test;

namespace {

constexpr auto one_activity
  = R"([{"id":1,"start_date":"1970-01-01T00:00:10Z"}])";

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// What a client makes of one raw answer.
page_result answered(const std::string& bytes) {
  scripted_server server{[&bytes](peer& client) {
    if (client.read_request())
      client.write(bytes);
  }};
  auto api = api_with(options_for(server.address()));
  return await(list(*api));
}

} // namespace

TEST_CASE("a request carries token, page and position") {
  scripted_server server{always(http_answer(200, one_activity))};
  auto options = options_for(server.address());
  options.user_agent = "stravasync/1.2";
  auto api = api_with(options);
  auto request = first_page();
  request.position.set_before_s(1'700'000'000);
  request.per_page = 50;
  REQUIRE(await(list(*api, request)).value);
  request.position.clear_before_s();
  request.position.set_after_s(17);
  request.position.set_page(3);
  REQUIRE(await(list(*api, request)).value);
  request.position.Clear();
  REQUIRE(await(list(*api, request)).value);

  auto sent = server.requests();
  REQUIRE(sent.size() == 3);
  CHECK(sent[0].starts_with("GET /api/v3/athlete/activities?before=1700000000"
                            "&page=1&per_page=50 HTTP/1.1\r\n"));
  CHECK(holds(sent[0], "Authorization: Bearer the-access-token\r\n"));
  CHECK(holds(sent[0], "Host: " + server.address() + "\r\n"));
  CHECK(holds(sent[0], "User-Agent: stravasync/1.2\r\n"));
  CHECK(sent[1].starts_with(
    "GET /api/v3/athlete/activities?after=17&page=3&per_page=50 "));
  CHECK(
    sent[2].starts_with("GET /api/v3/athlete/activities?page=1&per_page=50 "));
}

TEST_CASE("a request that breaks its own rules is not sent") {
  scripted_server server{always(http_answer(200, "[]"))};
  auto api = api_with(options_for(server.address()));
  auto bad_size = first_page();
  bad_size.per_page = GENERATE(0U, 201U);
  auto two_bounds = first_page();
  two_bounds.position.set_before_s(2);
  two_bounds.position.set_after_s(1);
  auto negative = first_page();
  negative.position.set_after_s(-1);
  auto injected = first_page();
  injected.access_token = GENERATE("", "a b", "a\r\nX-Evil: b", "\xc3\xa9");
  for (const auto& request : {bad_size, two_bounds, negative, injected}) {
    auto result = await(list(*api, request));
    CHECK(failure_of(result.value) == ec::invalid_argument);
    CHECK_FALSE(result.report.sent);
  }
  CHECK(server.connections() == 0);
}

TEST_CASE("the report tells status, rate headers in any case, and date") {
  auto result = answered(http_answer(
    200, one_activity,
    "X-Ratelimit-Limit: 200,2000\r\nx-ratelimit-USAGE: 79, 222\r\n"
    "X-ReadRateLimit-Limit: 100,1000\r\nX-Readratelimit-Usage: ,\r\n"
    "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"));
  REQUIRE(result.value);
  CHECK(result.value->items.at(0).id == 1);
  CHECK(result.report.sent);
  CHECK(result.report.sent_count == 1);
  CHECK(result.report.status == 200);
  const auto& usage = result.report.usage;
  CHECK(usage.overall_limit.short_window == 200U);
  CHECK(usage.overall_limit.day == 2'000U);
  CHECK(usage.overall_used.short_window == 79U);
  CHECK(usage.overall_used.day == 222U);
  CHECK(usage.read_limit.day == 1'000U);
  CHECK_FALSE(usage.read_used.short_window);
  CHECK_FALSE(usage.read_used.day);
  CHECK(usage.date_ms == 784'111'777'000);
}

TEST_CASE("absent rate headers leave the usage empty") {
  auto usage = answered(http_answer(200, "[]")).report.usage;
  CHECK_FALSE(usage.overall_limit.short_window);
  CHECK_FALSE(usage.overall_used.day);
  CHECK(usage.date_ms == 0);
}

TEST_CASE("a chunked answer and one that ends with the connection are read") {
  auto head = std::string{"HTTP/1.1 200 OK\r\n"};
  auto chunked = answered(head
                          + "Transfer-Encoding: chunked\r\n\r\n"
                            "5;x=y\r\n[{\"id\r\n"
                            "27\r\n\":1,\"start_date\":\"1970-01-01T00:00:10"
                            "Z\"\r\n2\r\n}]\r\n0\r\n\r\n");
  REQUIRE(chunked.value);
  CHECK(chunked.value->items.at(0).start_s == 10);
  auto until_close
    = answered("HTTP/1.0 200 OK\r\n\r\n" + std::string{one_activity});
  REQUIRE(until_close.value);
  CHECK(until_close.value->items.size() == 1);
}

TEST_CASE("interim answers are passed over") {
  auto result = answered("HTTP/1.1 100 Continue\r\n\r\n"
                         "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
                         + http_answer(200, one_activity));
  REQUIRE(result.value);
  CHECK(result.report.status == 200);
}

TEST_CASE("a refusal is told apart by status, resource and field") {
  struct sample {
    int status;
    std::string_view body;
    ec code;
    std::string_view detail;
  };
  auto [status, body, code, detail] = GENERATE(
    sample{401,
           R"({"message":"Authorization Error","errors":[{"resource":)"
           R"("Athlete","field":"access_token","code":"invalid"}]})",
           ec::needs_reauth, "Athlete access_token invalid"},
    sample{401,
           R"({"message":"Authorization Error","errors":[{"resource":)"
           R"("Application","field":"","code":"invalid"}]})",
           ec::needs_reauth, "Application"},
    sample{401, "", ec::needs_reauth, "401"},
    sample{401,
           R"({"message":"Authorization Error","errors":[{"resource":)"
           R"("AccessToken","field":"activity:read_permission",)"
           R"("code":"missing"}]})",
           ec::scope_missing, "the scope activity:read"},
    sample{403,
           R"({"message":"Forbidden","errors":[{"resource":"Application",)"
           R"("field":"Status","code":"Inactive"}]})",
           ec::forbidden, "Application Status Inactive"},
    sample{403, "<html>Request blocked</html>", ec::upstream_failed, "403"},
    sample{403,
           R"({"message":"Forbidden","errors":[{"resource":"Athlete",)"
           R"("field":"","code":"hidden"}]})",
           ec::rejected, "Athlete  hidden"},
    sample{403, R"({"message":"Forbidden"})", ec::forbidden, "Forbidden"},
    sample{404,
           R"({"message":"Record Not Found","errors":[{"resource":)"
           R"("resource","field":"path","code":"invalid"}]})",
           ec::not_found, "Record Not Found"},
    sample{429,
           R"({"message":"Rate Limit Exceeded","errors":[{"resource":)"
           R"("Application","field":"overall rate limit","code":)"
           R"("exceeded"}]})",
           ec::rate_limited, "overall rate limit exceeded"},
    sample{429,
           R"({"errors":"Rate Limit Exceeded","status":429,"message":)"
           R"("Too Many Requests"})",
           ec::rate_limited, "Too Many Requests"},
    sample{429, "<html>slow down</html>", ec::rate_limited, "429"},
    sample{429, "", ec::rate_limited, "429"},
    sample{429, R"({"errors":[1,null,{"code":7}]})", ec::rate_limited, "429"},
    sample{400, R"({"message":"Bad Request"})", ec::rejected, "Bad Request"},
    sample{407, "", ec::upstream_failed, "a proxy on the way to Strava"},
    sample{408, "", ec::upstream_failed, "408"},
    sample{422, "[]", ec::rejected, "422"},
    sample{500, R"({"message":"error"})", ec::upstream_failed, "error"},
    sample{502, "<html>Bad gateway</html>", ec::upstream_failed, "502"},
    sample{503, "", ec::upstream_failed, "503"},
    sample{599, "x", ec::upstream_failed, "599"},
    sample{202, "[]", ec::upstream_failed, "202"});
  CAPTURE(status, body);
  auto result
    = answered(http_answer(status, body, "X-Ratelimit-Usage: 200,2000\r\n"));
  CHECK(failure_of(result.value) == code);
  CAPTURE(text_of(result.value));
  CHECK(holds(text_of(result.value), detail));
  CHECK(result.report.sent);
  CHECK(result.report.status == status);
  CHECK(result.report.usage.overall_used.day == 2'000U);
}

TEST_CASE("a redirect is not followed and says where it points") {
  auto result = answered(
    http_answer(301, "", "Location: https://api-v3.strava.com/x?token=t\r\n"));
  CHECK(failure_of(result.value) == ec::rejected);
  CHECK(holds(text_of(result.value), "https://api-v3.strava.com/x'"));
  CHECK_FALSE(holds(text_of(result.value), "token=t"));
}

TEST_CASE("an error's text neither repeats the token nor control characters") {
  auto result = answered(http_answer(
    400, R"({"message":"no the-access-token\r\n\u001b[31m\u00e9 for you"})"));
  auto text = text_of(result.value);
  CHECK(holds(text, "no ***"));
  CHECK_FALSE(holds(text, "the-access-token"));
  CHECK(std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; }));
  auto lengthy = answered(http_answer(
    400, R"({"message":")" + std::string(190, 'x') + R"(the-access-token"})"));
  CHECK_FALSE(holds(text_of(lengthy.value), "the-acc"));
}

TEST_CASE("a 200 that is not a page is an answer that cannot be read") {
  auto body = GENERATE("", "<html></html>", R"({"message":"ok"})", "[{\"id\":");
  auto result = answered(http_answer(200, body, "X-Ratelimit-Usage: 1,2\r\n"));
  REQUIRE(result.value);
  REQUIRE(result.value->unreadable);
  CHECK(result.value->unreadable->excerpt == body);
  CHECK(result.report.status == 200);
  CHECK(result.report.usage.overall_used.short_window == 1U);
}

TEST_CASE("what is kept of an answer does not repeat the token") {
  auto result = answered(http_answer(200, "no list for the-access-token"));
  REQUIRE(result.value);
  REQUIRE(result.value->unreadable);
  CHECK(result.value->unreadable->excerpt == "no list for ***");
  CHECK_FALSE(holds(result.value->unreadable->reason, "the-access-token"));
}

TEST_CASE("a rate limit of before 2017 is one of today, to the permit, too") {
  auto body
    = GENERATE(R"({"message":"Rate Limit Exceeded","errors":[{"resource":)"
               R"("Application","field":"rate limit","code":"exceeded"}]})",
               R"({"message":"Forbidden","errors":[{"resource":"Application",)"
               R"("field":"Rate Limit","code":"Exceeded"}]})",
               R"({"message":"rate limit exceeded"})",
               "<html>403 Forbidden (Rate Limit Exceeded)</html>");
  CAPTURE(body);
  auto result = answered(http_answer(403, body));
  CHECK(failure_of(result.value) == ec::rate_limited);
  CHECK(result.report.status == 429);
}

TEST_CASE("a rate header that is nonsense is ignored and named") {
  auto result = answered(http_answer(200, "[]",
                                     "X-RateLimit-Limit: 0,2000\r\n"
                                     "X-RateLimit-Usage: 4294967295,7\r\n"));
  CHECK_FALSE(result.report.usage.overall_limit.short_window);
  CHECK(result.report.usage.overall_limit.day == 2'000U);
  CHECK_FALSE(result.report.usage.overall_used.short_window);
  CHECK(result.report.usage.overall_used.day == 7U);
  CHECK(result.report.usage.nonsense == "X-RateLimit-Usage: 4294967295,7");
}
