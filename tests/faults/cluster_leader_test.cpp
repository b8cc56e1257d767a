// Two workers of whom one leads, while the leader is paused past its lease or
// killed.

#include "adapters/jetstream/jetstream.hpp"
#include "messages/jobs.pb.h"
#include "tests/support/node_cluster.hpp"
#include "tests/support/silent_log.hpp"

#include <boost/json/serialize.hpp>
#include <catch2/catch_test_macros.hpp>

#include <csignal>
#include <future>
#include <map>
#include <set>
#include <string>
#include <thread>

using namespace stravasync;
using namespace std::chrono_literals;

namespace {

constexpr auto first_athlete = 80'000'001;
constexpr auto athletes = 30;
constexpr auto lease = 2s;
constexpr auto slot = 2'000ms;

::test::node_cluster::settings settings_of_test() {
  return {.sim = {{"STRAVASYNC_SIM_LIMITS", "20000,200000,10000,100000"},
                  {"STRAVASYNC_SIM_LATENCY", "5ms"},
                  {"STRAVASYNC_SIM_ACTIVITIES", "20"}},
          .nodes = {{"STRAVASYNC_SYNC_INCREMENTAL_EVERY", "2s"},
                    {"STRAVASYNC_WORKER_LEASE", "2s"},
                    {"STRAVASYNC_WORKER_PUBLISHERS", "1"}},
          .bus_url = {}};
}

struct leading {
  std::string node; // Empty: nobody.
  std::int64_t token = 0;
};

leading leader_of(::test::node_cluster& all) {
  auto list = all.get("api", "/api/v1/admin/schedules");
  const auto& leader = list.at("leader");
  if (leader.is_null())
    return {};
  return {std::string{leader.at("node").as_string()},
          leader.at("token").to_number<std::int64_t>()};
}

struct run {
  std::string slot;
  std::string state;
  std::string leader;
};

std::vector<run> runs_of(::test::node_cluster& all) {
  auto list = all.get("api", "/api/v1/admin/schedules/incremental/runs");
  std::vector<run> result;
  auto text = [](const boost::json::value& x) {
    return x.is_null() ? std::string{} : std::string{x.as_string()};
  };
  for (const auto& one : list.at("items").as_array())
    result.push_back(
      {text(one.at("slot")), text(one.at("state")), text(one.at("leader"))});
  return result;
}

std::size_t finished_by(::test::node_cluster& all, const std::string& leader) {
  auto runs = runs_of(all);
  return static_cast<std::size_t>(std::ranges::count_if(runs, [&](auto& one) {
    return one.leader == leader && one.state == "finished";
  }));
}

/// Whose slot the run of a name "incremental-<athlete>-<slot>" is, with how
/// many first jobs it has in JOBS.
std::map<std::string, int> first_jobs(const ::test::nats_server& of) {
  ::test::silent_log journal;
  auto on = jetstream::open({.urls = {of.url()}, .name = "test"}, journal);
  REQUIRE(on);
  std::map<std::string, int> result;
  auto next = std::uint64_t{1};
  for (;;) {
    std::promise<caf::expected<std::vector<stored_message>>> got;
    on->messages->read(
      {.stream = "JOBS", .from_sequence = next, .limit = 1'000},
      [&](auto found) { got.set_value(std::move(found)); });
    auto found = got.get_future().get();
    REQUIRE(found);
    if (found->empty())
      return result;
    for (const auto& one : *found) {
      jobs::v1::SyncAthlete job;
      REQUIRE(decode(one.message, job));
      if (job.page_number() == 1)
        ++result[job.run_id()];
    }
    next = found->back().sequence + 1;
  }
}

/// Sleeps until so long after the start of a slot.
void wait_for_slot(std::chrono::milliseconds after) {
  using clock = std::chrono::system_clock;
  auto now = std::chrono::floor<std::chrono::milliseconds>(clock::now());
  auto since = now.time_since_epoch() % slot;
  std::this_thread::sleep_until(now - since + slot + after);
}

struct fixture {
  fixture() {
    REQUIRE_CLUSTER();
    all.emplace(settings_of_test());
    all->add("api", "api");
    all->add("consumer", "consumer");
    for (const auto* name : {"one", "two"})
      all->add(name, "worker", {{"STRAVASYNC_NODE_ID", name}});
    for (const auto* name : {"api", "consumer", "one", "two"})
      all->start(name);
    for (auto i = 0; i < athletes; ++i)
      all->connect(first_athlete + i, "api", "api");
    REQUIRE(::test::eventually([&] { return all_complete(); }, 60s));
    REQUIRE(::test::eventually(
      [&] { return finished_by(*all, leader_of(*all).node) > 0; }, 20s));
  }

  bool all_complete() {
    for (auto i = 0; i < athletes; ++i)
      if (all->state_of("api", first_athlete + i) != "complete")
        return false;
    return true;
  }

  /// Waits until another node than `before` leads, and has run a slot.
  leading wait_for_another(const leading& before) {
    auto now = before;
    auto took_over = [&] {
      now = leader_of(*all);
      return now.token > before.token && !now.node.empty();
    };
    CHECK(::test::eventually(took_over, lease + 8s));
    CHECK(now.node != before.node);
    CHECK(now.token == before.token + 1);
    auto had = finished_by(*all, now.node);
    CHECK(::test::eventually(
      [&] { return finished_by(*all, now.node) > had + 1; }, 20s));
    return now;
  }

  /// Each slot was run once, and each of its runs has one first job.
  void check_runs() {
    std::set<std::string> slots;
    for (const auto& one : runs_of(*all)) {
      INFO(one.slot << ' ' << one.state << ' ' << one.leader);
      CHECK(slots.insert(one.slot).second);
      CHECK((one.state == "finished" || slots.size() == 1));
    }
    CHECK(slots.size() > 3);
    auto jobs = first_jobs(all->nats());
    CHECK(jobs.size() > slots.size() * athletes / 2);
    for (const auto& [run_id, count] : jobs) {
      INFO(run_id);
      CHECK(count == 1);
    }
  }

  std::optional<::test::node_cluster> all;
};

} // namespace

TEST_CASE_METHOD(fixture,
                 "a leader that was paused past its lease changes nothing more",
                 "[faults][cluster]") {
  // In the middle of its work, with luck: a little after a slot began.
  for (auto after : {10ms, 40ms, 80ms}) {
    auto before = leader_of(*all);
    auto& paused = all->at(before.node).program();
    wait_for_slot(after);
    paused.kill(SIGSTOP);
    auto now = wait_for_another(before);
    paused.kill(SIGCONT);
    CHECK(::test::eventually([&] { return all->ready(before.node); }, 10s));
    auto had = finished_by(*all, now.node);
    CHECK(::test::eventually([&] { return finished_by(*all, now.node) > had; },
                             20s));
    // It woke up with a word that is not valid any more, and knows.
    auto later = leader_of(*all);
    CHECK(later.node == now.node);
    CHECK(later.token == now.token);
  }
  check_runs();
}

TEST_CASE_METHOD(fixture, "a leader that dies is followed within seconds",
                 "[faults][cluster]") {
  auto before = leader_of(*all);
  wait_for_slot(20ms);
  all->at(before.node).kill_hard();
  auto died = std::chrono::steady_clock::now();
  auto now = leading{};
  CHECK(::test::eventually(
    [&] {
      now = leader_of(*all);
      return now.token > before.token;
    },
    15s));
  // The lease, a look at it, and a busy machine.
  CHECK(std::chrono::steady_clock::now() - died < lease + 4s);
  CHECK(now.node != before.node);
  wait_for_another(before);
  // Back again, it follows.
  all->start(before.node);
  auto had = finished_by(*all, now.node);
  CHECK(
    ::test::eventually([&] { return finished_by(*all, now.node) > had; }, 20s));
  CHECK(leader_of(*all).token == now.token);
  check_runs();
}
