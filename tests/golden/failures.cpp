#include "messages/error.hpp"
#include "tests/golden/http_case.hpp"

#include <caf/sec.hpp>

/// @file
/// What does not work although the request is fine, the ways of a browser to
/// connect an athlete, and what the edge tells of itself.

namespace stravasync::golden {

namespace {

using namespace std::chrono_literals;

http_case
failing(const std::string& id, const std::string& variant, caf::error why) {
  auto one = operation_of(id).request(variant);
  one.given = [why = std::move(why)](scene at) {
    fail_answers(at.service, why);
  };
  return one;
}

/// An error for each status that a service may lead to.
caf::error error_of(int status) {
  switch (status) {
    case 400:
      return make_failure(ec::invalid_argument,
                          "cursor: must be one that this API gave");
    case 404:
      return make_failure(ec::not_found, "there is no such \"thing\" é");
    case 409:
      return make_failure(ec::conflict, "it has changed meanwhile");
    case 500:
      return make_failure(ec::internal, "a secret of ours");
    case 502:
      return make_failure(ec::rejected, "Strava does not want that");
    case 503:
      return make_failure(ec::unavailable, "the store is down", 1'200ms);
    case 504:
      return make_failure(ec::timed_out, "nobody has answered in time");
    default:
      return make_failure(ec::full, "no room is left in JOBS", 30s);
  }
}

/// What the document says may go wrong beyond the edge.
void add_documented(http_cases& to) {
  for (const auto& each : operations())
    for (auto status : {400, 404, 409, 500, 502, 503, 504, 507})
      if (each.asks_service && each.documents(status))
        to.push_back(failing(each.id, "fails_" + std::to_string(status),
                             error_of(status)));
}

/// Every code, on a question and on a command: all routes map them alike.
void add_codes(http_cases& to) {
  for (const auto* id : {"getAthlete", "startSync"})
    for (auto i = 0; i <= static_cast<int>(last_ec); ++i) {
      auto code = static_cast<ec>(i);
      to.push_back(failing(id, "code_" + to_string(code),
                           make_failure(code, "it is " + to_string(code))));
    }
  const auto add = [&](const std::string& variant, caf::error why) {
    to.push_back(failing("getAthlete", variant, std::move(why)));
  };
  add("error_of_the_actor_system", caf::make_error(caf::sec::request_timeout));
  add("error_of_an_actor_that_is_gone",
      caf::make_error(caf::sec::request_receiver_down));
  add("field_named",
      make_failure(ec::invalid_argument, "sync.page_size: must be 1 to 200"));
  add("field_not_named", make_failure(ec::invalid_argument, "Not at all: no"));
  add("field_without_rule", make_failure(ec::invalid_argument, "limit: "));
  add("detail_empty", make_failure(ec::not_found, ""));
  add("detail_wild", make_failure(ec::not_found, wild_text() + "\xFF"));
  add("retry_after_0", make_failure(ec::exhausted, "full", 0ms));
  add("retry_after_1_ms", make_failure(ec::unavailable, "down", 1ms));
  add("retry_after_1_s", make_failure(ec::unavailable, "down", 1s));
  add("retry_after_an_hour", make_failure(ec::rate_limited, "wait", 1h));
}

/// One letter that could not be dealt with is a problem by its own code.
void add_letters(http_cases& to) {
  for (auto code :
       {ec::not_found, ec::conflict, ec::unavailable, ec::full, ec::internal}) {
    query::v1::DeadLettersSettled settled;
    settled.set_failed(1);
    auto& one = *settled.add_items();
    one.set_id(7);
    one.set_problem("it is " + to_string(code));
    one.set_code(static_cast<std::uint32_t>(code));
    for (const auto* id : {"retryDeadLetter", "dropDeadLetter"}) {
      auto what = operation_of(id).request("letter_" + to_string(code));
      what.given = [settled](scene at) {
        at.service.retry.give(settled);
        at.service.drop.give(settled);
      };
      to.push_back(std::move(what));
    }
  }
}

const auto browser
  = test::header_list{{"Accept", "text/html,application/xhtml+xml,*/*;q=0.8"}};

void add_connecting(http_cases& to) {
  const auto& connect = operation_of("connect");
  auto add = [&](const std::string& variant, const std::string& query,
                 test::header_list headers, http::site_options at) {
    auto one = connect.request(variant, query);
    one.headers = std::move(headers);
    one.at = std::move(at);
    one.given = [](scene in) { fill_answers(in.service, shape::full); };
    to.push_back(std::move(one));
  };
  const auto plain = http::site_options{.public_url = "http://127.0.0.1"};
  const auto far
    = http::site_options{.public_url = "https://sync.example.org/strava"};
  add("browser", "", browser, plain);
  add("moved", "moved=1", browser, far);
  add("moved_wrong", "moved=12", {}, plain);
  add("moved_wrong_in_browser", "moved=12", browser, plain);
  add("browser_by_another_name", "", browser, far);
  add("program_by_another_name", "", {}, far);
  add("unknown_parameter_in_browser", "colour=%3Cred%3E", browser, plain);
  auto real = connect.request("real_state");
  real.given = [](scene in) {
    query::v1::ConnectUrl begun;
    begun.set_url("https://www.strava.com/oauth/authorize?state=0af.99.sig");
    begun.set_state("0af.99.sig");
    begun.set_proof("p1");
    begun.set_lifetime_s(1'800);
    in.service.begin_connect.give(begun);
  };
  to.push_back(real);
  real.name = "connect/real_state_by_tls";
  real.at = far;
  to.push_back(std::move(real));
}

void add_callbacks(http_cases& to) {
  struct variant {
    std::string name;
    std::string query;
  };
  for (const auto& [name, query] : {
         variant{"no_state", "code=c"},
         variant{"empty_state", "state=&code=c"},
         variant{"no_code", "state=s"},
         variant{"empty_code", "state=s&code="},
         variant{"state_again", "state=s&state=s&code=c"},
         variant{"code_again", "state=s&code=c&code=d"},
         variant{"scope_again", "state=s&code=c&scope=a&scope=b"},
         variant{"error_again", "state=s&error=a&error=b"},
         variant{"refused", "state=s&error=access_denied"},
         variant{"with_more", "state=s%2B1&code=c&scope=read&other=1"},
       })
    for (auto in_browser : {false, true}) {
      auto one = operation_of("oauthCallback")
                   .request(name + (in_browser ? "_in_browser" : ""));
      one.target = "/oauth/callback?" + query;
      if (in_browser)
        one.headers = browser;
      to.push_back(std::move(one));
    }
  auto proven = operation_of("oauthCallback").request("with_its_cookie");
  proven.headers
    = {{"Cookie", "stravasync_connect_1=p0; stravasync_connect_0af=p1"}};
  proven.at.public_url = "http://127.0.0.1/strava";
  to.push_back(std::move(proven));
  for (auto status : {400, 409, 500, 502, 503, 504, 507}) {
    auto variant = "fails_" + std::to_string(status) + "_in_browser";
    to.push_back(failing("oauthCallback", variant, error_of(status)));
    to.back().headers = browser;
  }
  for (auto status : {500, 503, 504}) {
    auto variant = "fails_" + std::to_string(status) + "_in_browser";
    to.push_back(failing("connect", variant, error_of(status)));
    to.back().headers = browser;
  }
}

/// Below a public path, and by all the names that a node may have.
void add_sites(http_cases& to) {
  const auto below
    = http::site_options{.public_url = "https://sync.example.org/strava",
                         .allowed_hosts = {"box.lan", "other.lan:81"}};
  auto add = [&](const std::string& name, const std::string& method,
                 const std::string& target, test::header_list headers,
                 const std::string& body = {}) {
    to.push_back({.name = "site/" + name,
                  .method = method,
                  .target = target,
                  .headers = std::move(headers),
                  .body = body,
                  .at = below});
  };
  const auto as_json = test::header_list{{"Content-Type", "application/json"}};
  add("bare_path", "GET", "/strava", {});
  add("with_path", "GET", "/strava/api/v1/athletes", {});
  add("without_path", "GET", "/api/v1/athletes", {});
  add("other_path", "GET", "/stravas/api/v1/athletes", {});
  add("location_has_path", "POST", "/strava/api/v1/athletes/7/sync", as_json,
      R"({"mode":"relist"})");
  add("callback_has_path", "GET", "/oauth/callback?state=0af&code=c", {});
  add("callback_page_has_path", "GET", "/oauth/callback", browser);
  add("public_host", "GET", "/api/v1/athletes", {{"Host", "sync.example.org"}});
  add("allowed_host", "GET", "/api/v1/athletes", {{"Host", "BOX.lan.:8080"}});
  add("loopback", "GET", "/api/v1/athletes", {{"Host", "[::1]:8080"}});
  add("no_host", "GET", "/api/v1/athletes", {{"Host", ""}});
  add("wild_host", "GET", "/api/v1/athletes", {{"Host", "a\"b<c>"}});
  add("probe_by_any_host", "GET", "/strava/healthz", {{"Host", "10.0.0.1"}});
  add("origin_of_an_allowed_host", "DELETE", "/api/v1/athletes/7",
      {{"Origin", "https://other.lan:81"}});
  add("origin_of_another_port", "DELETE", "/api/v1/athletes/7",
      {{"Origin", "https://other.lan:82"}});
  add("origin_null", "DELETE", "/api/v1/athletes/7", {{"Origin", "null"}});
  add("navigation_from_elsewhere", "GET", "/api/v1/athletes",
      {{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Mode", "navigate"}});
}

void add_readiness(http_cases& to) {
  auto add = [&](const std::string& variant, std::vector<readiness> parts) {
    auto one = operation_of("getReadiness").request(variant);
    one.given = [parts = std::move(parts)](scene at) { at.parts = parts; };
    to.push_back(std::move(one));
  };
  add("ready", {{"store", ""}, {"bus", ""}});
  add("nothing_needed", {});
  add("not_ready", {{.part = "store",
                     .problem = "no \"connection\" é",
                     .since_ms = some_time_ms,
                     .last_ok_at_ms = some_time_ms - 1'000},
                    {.part = "bus", .problem = ""}});
  add("ready_without", {{.part = "store", .problem = "", .since_ms = 1},
                        {.part = "schedules",
                         .problem = "should have run",
                         .needed = false,
                         .since_ms = some_time_ms,
                         .last_ok_at_ms = 0}});
  add("works_and_is_not_needed", {{.part = "schedules",
                                   .problem = "",
                                   .needed = false,
                                   .last_ok_at_ms = some_time_ms}});
  to.push_back(operation_of("getHealth").request("alive"));
  to.push_back(operation_of("getMetrics").request("scraped"));
  auto full = operation_of("watchEvents").request("too_many_streams");
  full.limits.streams_max = 0;
  to.push_back(std::move(full));
}

} // namespace

http_cases failures() {
  http_cases all;
  add_documented(all);
  add_codes(all);
  add_letters(all);
  add_connecting(all);
  add_callbacks(all);
  add_sites(all);
  add_readiness(all);
  return all;
}

} // namespace stravasync::golden
