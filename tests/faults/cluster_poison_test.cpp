// One job in the middle of 1,000 that cannot be done, on real nodes.

#include "adapters/jetstream/jetstream.hpp"
#include "messages/jobs.pb.h"
#include "tests/support/node_cluster.hpp"
#include "tests/support/silent_log.hpp"

#include <boost/json/serialize.hpp>
#include <catch2/catch_test_macros.hpp>

#include <future>
#include <set>
#include <string>
#include <vector>

using namespace stravasync;
using namespace std::chrono_literals;

namespace {

constexpr auto well = std::int64_t{80'000'001};
constexpr auto ill = std::int64_t{80'000'002};
constexpr auto job_count = 1'000;
constexpr auto poisoned = 500;

::test::node_cluster::settings settings_of_test() {
  return {.sim = {{"STRAVASYNC_SIM_LIMITS", "20000,200000,10000,100000"},
                  {"STRAVASYNC_SIM_LATENCY", "1ms"},
                  {"STRAVASYNC_SIM_ACTIVITIES", "20"}},
          .nodes = {{"STRAVASYNC_CONSUMER_ATTEMPTS_MAX", "3"},
                    {"STRAVASYNC_CONSUMER_BACKOFF_MIN", "50ms"},
                    {"STRAVASYNC_CONSUMER_BACKOFF_MAX", "100ms"}},
          .bus_url = {}};
}

/// Looks whether there is anything new for an athlete: one call to Strava.
envelope make_job(int number, std::int64_t athlete) {
  jobs::v1::SyncAthlete job;
  job.set_athlete_id(athlete);
  job.set_run_id("poison-" + std::to_string(number));
  job.set_mode(jobs::v1::SYNC_MODE_INCREMENTAL);
  job.set_lane(jobs::v1::LANE_USER);
  job.set_page_number(1);
  job.mutable_position()->set_after_s(4'000'000'000);
  job.mutable_position()->set_page(1);
  job.set_run_started_at_ms(system_wall_clock()());
  return make_envelope(job, {.message_id = job.run_id()});
}

void publish_jobs(const ::test::nats_server& to, const envelope& bad) {
  ::test::silent_log journal;
  auto on = jetstream::open({.urls = {to.url()}, .name = "test"}, journal);
  REQUIRE(on);
  std::vector<std::promise<caf::expected<publish_ack>>> acks(job_count);
  for (auto i = 0; i < job_count; ++i)
    on->messages->publish(i == poisoned ? bad : make_job(i, well),
                          [&ack = acks[static_cast<std::size_t>(i)]](auto got) {
                            ack.set_value(std::move(got));
                          });
  for (auto& ack : acks)
    REQUIRE(ack.get_future().get());
}

struct fixture {
  fixture() {
    REQUIRE_CLUSTER();
    all.emplace(settings_of_test());
    all->add("api", "api");
    all->add("one", "consumer");
    all->add("two", "consumer");
    for (const auto* name : {"api", "one", "two"})
      all->start(name);
    for (auto who : {well, ill}) {
      all->connect(who, "api", "api");
      REQUIRE(::test::eventually(
        [&] { return all->state_of("api", who) == "complete"; }, 20s));
    }
  }

  /// Jobs that were published here and are done, by what they recorded.
  std::size_t done() {
    ::test::silent_log journal;
    auto on = jetstream::open({.urls = {all->nats().url()}, .name = "test"},
                              journal);
    REQUIRE(on);
    std::set<std::string> subjects;
    for (auto next = std::uint64_t{1};;) {
      std::promise<caf::expected<std::vector<stored_message>>> got;
      on->messages->read({.stream = "INGEST",
                          .filter_subject = "ingest.activities.>",
                          .from_sequence = next,
                          .limit = 1'000},
                         [&](auto x) { got.set_value(std::move(x)); });
      auto found = got.get_future().get();
      REQUIRE(found);
      if (found->empty())
        return subjects.size();
      for (const auto& one : *found)
        if (one.message.subject.find(".poison-") != std::string::npos)
          subjects.insert(one.message.subject);
      next = found->back().sequence + 1;
    }
  }

  std::uint64_t open_jobs() {
    auto streams = all->get("api", "/api/v1/admin/streams");
    auto result = std::uint64_t{0};
    for (const auto& one : streams.at("items").as_array())
      if (one.at("name") == "JOBS")
        for (const auto& durable : one.at("durables").as_array())
          result += durable.at("pending").to_number<std::uint64_t>()
                    + durable.at("ack_pending").to_number<std::uint64_t>();
    return result;
  }

  std::string dlq(std::vector<std::string> what) {
    what.insert(what.begin(), "dlq");
    what.insert(what.end(), {"--url", all->address("api")});
    auto [code, text] = all->run(std::move(what));
    INFO(text);
    CHECK(code == 0);
    return text;
  }

  /// 999 jobs are done, and one is a dead letter that says why.
  void check_one_died(const std::string& why) {
    REQUIRE(::test::eventually([&] { return open_jobs() == 0; }, 60s));
    CHECK(done() == job_count - 1);
    auto dead = all->get("api", "/api/v1/admin/dlq").at("items").as_array();
    INFO(boost::json::serialize(dead));
    REQUIRE(dead.size() == 1);
    CHECK(std::string{dead[0].at("reason").as_string()}.find(why)
          != std::string::npos);
    CHECK(dlq({"list"}).find(std::to_string(ill)) != std::string::npos);
  }

  std::optional<::test::node_cluster> all;
};

} // namespace

TEST_CASE_METHOD(fixture, "a job that always fails is done after the fix",
                 "[faults][cluster]") {
  auto sim = ::test::http_client{all->sim_address()};
  auto fault = R"({"mode":"error500","path":"/athlete/activities",)"
               R"("athlete_id":)"
               + std::to_string(ill) + "}";
  REQUIRE(sim.post("/sim/faults", fault).status < 300);
  publish_jobs(all->nats(), make_job(poisoned, ill));
  check_one_died("500");

  REQUIRE(sim.post("/sim/faults", R"({"mode":"none"})").status < 300);
  dlq({"retry", "--all"});
  CHECK(::test::eventually([&] { return done() == job_count; }, 30s));
  CHECK(::test::eventually([&] { return open_jobs() == 0; }, 10s));
  CHECK(all->get("api", "/api/v1/admin/dlq").at("items").as_array().empty());
  CHECK(::test::eventually(
    [&] { return all->state_of("api", ill) == "complete"; }, 10s));
}

TEST_CASE_METHOD(fixture, "a job that cannot be read is dropped by an operator",
                 "[faults][cluster]") {
  auto bad = make_job(poisoned, ill);
  bad.payload = "\xff\xff";
  publish_jobs(all->nats(), bad);
  check_one_died("SyncAthlete");
  dlq({"drop", "--all"});
  CHECK(all->get("api", "/api/v1/admin/dlq").at("items").as_array().empty());
}
