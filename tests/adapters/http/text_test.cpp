#include "adapters/http/html_text.hpp"
#include "adapters/http/json_text.hpp"
#include "adapters/http/problem.hpp"
#include "adapters/http/router.hpp"
#include "adapters/http/times.hpp"
#include "adapters/http/url.hpp"
#include "messages/error.hpp"

#include <catch2/catch_test_macros.hpp>

#include <limits>

namespace stravasync::http {

TEST_CASE("percent escapes are undone, and broken ones refused") {
  CHECK(percent_decode("/a%20b%2F", plus::literal) == "/a b/");
  CHECK(percent_decode("a+b", plus::literal) == "a+b");
  CHECK(percent_decode("a+b", plus::space) == "a b");
  CHECK(percent_decode("", plus::space) == "");
  for (const auto* broken : {"%", "%4", "%4g", "%00", "%ff", "\xff", "%e2%82"})
    CHECK_FALSE(percent_decode(broken, plus::literal));
  CHECK(percent_encode("a b&\xC3\xA9~") == "a%20b%26%C3%A9~");
}

TEST_CASE("HTML shows text as it is") {
  CHECK(html_escaped(R"(<a href="x" id='y'>&amp;é</a>)")
        == "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;amp;é&lt;/a&gt;");
}

TEST_CASE("forms keep order and repetition") {
  auto form = parse_form("a=1&&b=x%3Dy&a=2&c&=d");
  REQUIRE(form);
  CHECK(
    *form
    == form_fields{{"a", "1"}, {"b", "x=y"}, {"a", "2"}, {"c", ""}, {"", "d"}});
  CHECK(find_field(*form, "a") == "1");
  CHECK_FALSE(find_field(*form, "z"));
  CHECK_FALSE(parse_form("a=%zz"));
}

TEST_CASE("times are read with their offset") {
  CHECK(parse_time("1970-01-01")->unix_ms == 0);
  CHECK(parse_time("1970-01-01")->date_only);
  CHECK(parse_time("2023-09-03T22:29:20Z")->unix_ms == 1'693'780'160'000);
  CHECK(parse_time("2023-09-03T18:29:20-04:00")->unix_ms == 1'693'780'160'000);
  CHECK(parse_time("1969-12-31T23:59:59Z")->unix_ms == -1'000);
  CHECK(parse_time("2024-02-29"));
  CHECK_FALSE(parse_time("2023-02-29"));
  CHECK_FALSE(parse_time("2023-09-03T22:29:20"));
  CHECK_FALSE(parse_time("2023-09-03T22:29:20.5Z"));
}

TEST_CASE("JSON text escapes what has to be") {
  std::string out;
  append_json_string(out, std::string_view{"a\"\\\n\t\x01\x00/\xC3\xA9", 10});
  CHECK(out == "\"a\\\"\\\\\\n\\t\\u0001\\u0000/\xC3\xA9\"");
  out.clear();
  append_json_number(out, 0.1);
  out += ' ';
  append_json_number(out, 1e300);
  out += ' ';
  append_json_number(out, std::numeric_limits<double>::infinity());
  out += ' ';
  append_json_number(out, std::numeric_limits<std::int64_t>::min());
  CHECK(out == "0.1 1e+300 null -9223372036854775808");
  out.clear();
  append_json_time(out, -1'000);
  append_json_time(out, 1'693'780'160'999);
  CHECK(out == "\"1969-12-31T23:59:59Z\"\"2023-09-03T22:29:20Z\"");
  out.clear();
  { json_object nothing{out}; }
  CHECK(out == "{}");
}

TEST_CASE("every error code has a status that says who has to act") {
  auto status = [](ec code) {
    return problem_of(make_failure(code, "x")).status;
  };
  CHECK(status(ec::invalid_argument) == 400);
  CHECK(status(ec::malformed) == 400);
  CHECK(status(ec::not_found) == 404);
  CHECK(status(ec::already_exists) == 409);
  CHECK(status(ec::conflict) == 409);
  CHECK(status(ec::needs_reauth) == 409);
  CHECK(status(ec::scope_missing) == 409);
  CHECK(status(ec::unavailable) == 503);
  CHECK(status(ec::exhausted) == 503);
  CHECK(status(ec::rate_limited) == 503);
  CHECK(status(ec::denied) == 503);
  CHECK(status(ec::timed_out) == 504);
  CHECK(status(ec::upstream_failed) == 502);
  CHECK(status(ec::rejected) == 502);
  CHECK(status(ec::forbidden) == 502);
  CHECK(status(ec::full) == 507);
  CHECK(status(ec::internal) == 500);
}

TEST_CASE("a problem is valid JSON whatever its detail quotes") {
  auto answer = to_response({.status = 400, .detail = "bad \xff \"name\"\n"});
  CHECK(answer.body.find("bad \xEF\xBF\xBD \\\"name\\\"\\n")
        != std::string::npos);
  auto later = to_response({.status = 503, .retry_after = milliseconds{1}});
  CHECK(later.headers.at(0).second == "1");
}

namespace {

/// Keeps what it is sent.
class kept_answer final : public responder {
public:
  void send(response answer) override {
    kept = std::move(answer);
  }
  std::shared_ptr<event_stream> open_stream() override {
    return nullptr;
  }
  void abort(std::string) override {
  }

  response kept;
};

} // namespace

TEST_CASE("the first route that fits takes the request, with its values") {
  router routes;
  routes.add("GET", "/a/fixed",
             [](call asked) { asked.reply->send({.body = "fixed"}); });
  routes.add("GET", "/a/{x}", [](call asked) {
    asked.reply->send({.body = "x=" + std::string{asked.path_value("x")}
                               + std::string{asked.path_value("none")}});
  });
  routes.add("GET", "/a/{x}/b/{y}", [](call asked) {
    asked.reply->send({.body = asked.path_values.at(0).second + "+"
                               + asked.path_values.at(1).second});
  });
  auto ask = [&](std::string method, std::string path) {
    auto answer = std::make_shared<kept_answer>();
    request what;
    what.method = std::move(method);
    what.path = std::move(path);
    routes.serve(std::move(what), answer);
    return answer->kept;
  };
  CHECK(ask("GET", "/a/fixed").body == "fixed");
  CHECK(ask("GET", "/a/other thing").body == "x=other thing");
  CHECK(ask("HEAD", "/a/1/b/2").body == "1+2");
  CHECK(ask("GET", "/a/").status == 404);
  CHECK(ask("POST", "/a/1").status == 405);
  CHECK(ask("OPTIONS", "*").status == 204);
}

} // namespace stravasync::http
