#pragma once

#include "adapters/http/api.hpp"
#include "tests/adapters/http/scripted_service.hpp"
#include "tests/adapters/http/test_server.hpp"
#include "tests/support/http_client.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

namespace stravasync::http {

/// The API with the page, before a service that says what a test wants.
class api_fixture {
public:
  explicit api_fixture(site_options at = {.public_url = "http://127.0.0.1"},
                       server_options limits = {})
    : here{std::move(at)},
      server{[this](request what, std::shared_ptr<responder> reply) {
               if (auto refused = refuse(here, what))
                 return reply->send(*std::move(refused));
               routes.serve(std::move(what), std::move(reply));
             },
             with_headers(std::move(limits))} {
    mount_api(routes,
              {.service = service,
               .feed = feed,
               .where = here,
               .ready = [this] { return parts; },
               .metrics_text = [](const text_receiver& to) { to("up 1\n"); }});
    mount_page(routes, here);
  }

  /// Checks that the answer is a problem of this kind.
  static void check_problem(const test::http_reply& reply, int status,
                            const std::string& code) {
    INFO(reply.body);
    CHECK(reply.status == status);
    REQUIRE(reply.header("content-type") == "application/problem+json");
    auto problem = boost::json::parse(reply.body);
    CHECK(std::string{problem.at("type").as_string()}
          == "urn:stravasync:problem:" + code);
    CHECK(problem.at("status") == status);
    CHECK_FALSE(problem.at("title").as_string().empty());
    CHECK_FALSE(problem.at("detail").as_string().empty());
  }

  /// Checks that it is a 400 that names this field, and what it must be.
  static void
  check_bad_field(const test::http_reply& reply, const std::string& field) {
    check_problem(reply, 400, "invalid_argument");
    auto problem = boost::json::parse(reply.body);
    REQUIRE(problem.as_object().contains("field"));
    CHECK(std::string{problem.at("field").as_string()} == field);
    CHECK_FALSE(problem.at("rule").as_string().empty());
  }

  site here;
  scripted_service service;
  manual_feed feed;
  std::vector<readiness> parts{{"store", ""}, {"bus", ""}};
  router routes;
  test_server server;
  test::http_client client{server.address()};

private:
  static server_options with_headers(server_options limits) {
    limits.headers = common_headers();
    return limits;
  }
};

/// 2023-09-03T22:29:20Z, the start of the samples.
constexpr auto sample_start_ms = std::int64_t{1'693'780'160'000};

inline query::v1::Activity sample_activity() {
  query::v1::Activity result;
  result.set_id(9'000'781'210);
  result.set_athlete_id(70'000'001);
  result.set_name("Evening \"Run\"\n\\ \xC3\xA9");
  result.set_sport_type("Run");
  result.set_start_at_ms(sample_start_ms);
  result.set_start_local_at_ms(sample_start_ms - 14'400'000);
  result.set_timezone("(GMT-05:00) America/New_York");
  result.set_utc_offset_s(-14'400);
  result.set_distance_m(5'053.8);
  result.set_moving_time_s(1'678);
  result.set_elapsed_time_s(1'709);
  result.set_total_elevation_gain_m(28);
  result.set_visibility("everyone");
  result.set_gear_id("g8000008");
  result.set_summary_polyline("g~njEh`rpG]Gm@o@");
  result.set_average_speed_mps(3.012);
  result.set_fetched_at_ms(sample_start_ms);
  return result;
}

inline events::v1::SyncStatus sample_status() {
  events::v1::SyncStatus result;
  result.set_athlete_id(70'000'001);
  result.set_run_id("run-1");
  result.set_mode(jobs::v1::SYNC_MODE_BACKFILL);
  result.set_state(events::v1::SYNC_STATE_WAITING);
  result.set_reason("out of requests for this window");
  result.set_activities_stored(400);
  result.set_expected(700);
  result.set_pages_stored(2);
  result.set_started_at_ms(sample_start_ms);
  result.set_updated_at_ms(sample_start_ms + 1'000);
  result.set_resumes_at_ms(sample_start_ms + 2'000);
  result.set_eta_s(30);
  result.add_missing_scopes("profile:read_all");
  result.set_failed(3);
  result.set_missing_activities(3);
  result.set_missing_since_ms(sample_start_ms);
  result.set_missing_doubted(true);
  result.set_hidden_activities(2);
  return result;
}

inline query::v1::DeadLetter sample_letter() {
  query::v1::DeadLetter result;
  result.set_id(1);
  result.set_durable("consumer__job");
  result.set_subject("jobs.sync_athlete.70000001");
  result.set_stream("JOBS");
  result.set_sequence(9);
  result.set_reason("Strava \"said\" no");
  result.set_attempts(3);
  result.set_dead_since_ms(sample_start_ms);
  result.set_athlete_id(70'000'001);
  result.set_bytes(12);
  return result;
}

inline query::v1::Athlete sample_athlete() {
  query::v1::Athlete result;
  result.set_id(70'000'001);
  result.set_name("Jo Doe");
  result.set_city("New York");
  result.set_scope("read,activity:read_all");
  result.set_connected_at_ms(sample_start_ms);
  *result.mutable_sync() = sample_status();
  return result;
}

} // namespace stravasync::http
