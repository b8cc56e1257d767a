// How long a working cluster takes to be back at full speed after one part of
// it is killed.

#include "tests/faults/cluster_load.hpp"
#include "tests/support/node_cluster.hpp"

#include <boost/json/value.hpp>
#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <iomanip>
#include <iostream>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

namespace {

using clock_type = std::chrono::steady_clock;
using std::chrono::milliseconds;
using ::test::goes_on;
using ::test::load;
using ::test::progress;

constexpr auto look_every = 50ms;
constexpr auto give_up_after = 120s;
/// Of a recovery that takes longer it is told what was not back.
constexpr auto remarkable = 15s;

const auto nodes = std::vector<std::pair<std::string, std::string>>{
  {"api-1", "api"},           {"api-2", "api"},
  {"consumer-1", "consumer"}, {"consumer-2", "consumer"},
  {"worker-1", "worker"},     {"worker-2", "worker"}};

/// Kills of each kind: 2, or a fifth of what TEST_KILLS says.
int kills_of_a_kind() {
  constexpr auto kinds = 5;
  const auto* text = std::getenv("TEST_KILLS");
  return text == nullptr ? 2 : std::max(1, std::atoi(text) / kinds);
}

/// A kill that takes longer is a fault: many kills have a quiet machine, a few
/// are made on one with other work as well.
std::chrono::seconds worst_allowed() {
  return std::getenv("TEST_KILLS") == nullptr ? 30s : 15s;
}

/// @returns whether this kind is killed: TEST_KILL_ONLY names the only one.
bool is_killed(const std::string& kind) {
  const auto* only = std::getenv("TEST_KILL_ONLY");
  return only == nullptr || only == kind;
}

/// Every setting that decides how fast a cluster recovers is the product's
/// own. Strava's limits are out of the way, and pages small, so that every
/// athlete always has work under way.
::test::node_cluster::settings settings_of_test() {
  return {.sim = {{"STRAVASYNC_SIM_LIMITS", "1000000,10000000,500000,5000000"},
                  {"STRAVASYNC_SIM_LATENCY", "150ms"},
                  {"STRAVASYNC_SIM_ACTIVITIES", "1500"}},
          .nodes = {{"STRAVASYNC_SYNC_PAGE_SIZE", "5"}},
          .bus_url = {}};
}

/// @returns what the first node that is not ready says; empty: all are ready.
std::string unready(::test::node_cluster& all) {
  for (const auto& [name, role] : nodes)
    try {
      auto said = all.http(name).get("/readyz");
      if (said.status != 200)
        return name + ": " + said.body;
    } catch (const std::exception&) {
      return name + " does not answer";
    }
  return {};
}

/// @returns how often the lease of the schedules was given to a new holder,
/// and when it was renewed last.
std::pair<std::int64_t, std::string> lease_of(::test::node_cluster& all) {
  auto list = all.get("api-1", "/api/v1/admin/schedules");
  const auto& leader = list.at("leader");
  if (!leader.is_object())
    return {};
  return {leader.at("token").to_number<std::int64_t>(),
          std::string{leader.at("renewed_at").as_string()}};
}

/// Something that is killed, and brought back as whoever watches over it would.
struct victim {
  std::string kind;
  std::function<void()> kill;
};

std::vector<victim> victims_of(::test::node_cluster& all) {
  std::vector<victim> result;
  for (auto i = 0; i < kills_of_a_kind(); ++i) {
    for (auto first : {0, 2, 4}) {
      const auto& [name, role] = nodes[static_cast<std::size_t>(first + i % 2)];
      result.push_back({role, [&all, who = name] {
                          all.at(who).kill_hard();
                          all.launch(who);
                        }});
    }
    result.push_back({"broker", [&all] {
                        all.nats().kill_hard();
                        all.nats().start();
                      }});
    result.push_back({"database", [&all] {
                        all.postgres().kill();
                        all.postgres().start();
                      }});
  }
  std::erase_if(result, [](const auto& x) { return !is_killed(x.kind); });
  std::ranges::shuffle(result, std::mt19937{20'261'201});
  return result;
}

/// Times from a kill until something was as before, for good.
struct recovery {
  milliseconds syncs{0};     // Every athlete's goes on.
  milliseconds nodes{0};     // All are ready.
  milliseconds schedules{0}; // A worker leads.
  std::string lagging;       // What it is that takes remarkably long.

  [[nodiscard]] milliseconds full_speed() const {
    return std::max({syncs, nodes, schedules});
  }
};

/// Watches a cluster since a kill.
class watcher {
public:
  watcher(::test::node_cluster& all, load& work)
    : all_{all},
      work_{work},
      before_{work.look()} {
    REQUIRE(before_.size() == load::athletes);
  }

  /// @returns whether all is as before, and keeps since when.
  bool is_back() {
    auto syncs = note(found_.syncs, goes_on(before_, work_.look()));
    auto lacking = unready(all_);
    auto nodes_are = note(found_.nodes, lacking.empty());
    if (since_kill() > remarkable && found_.lagging.empty())
      found_.lagging = lacking + "\n" + work_.state();
    auto schedules = note(found_.schedules, leads());
    return syncs && nodes_are && schedules;
  }

  [[nodiscard]] milliseconds since_kill() const {
    return std::chrono::duration_cast<milliseconds>(clock_type::now()
                                                    - killed_at_);
  }

  [[nodiscard]] const recovery& found() const {
    return found_;
  }

private:
  /// A leader is one that renews its lease after the kill.
  bool leads() {
    try {
      auto now = lease_of(all_);
      if (!lease_)
        lease_ = now;
      leads_ = leads_ || now != *lease_;
    } catch (const std::exception&) {
      return false; // The node that was asked is not back.
    }
    return leads_;
  }

  [[nodiscard]] bool note(milliseconds& at, bool is) const {
    if (!is || at == 0ms)
      at = is ? since_kill() : 0ms;
    return is;
  }

  ::test::node_cluster& all_;
  load& work_;
  std::vector<progress> before_;
  clock_type::time_point killed_at_ = clock_type::now();
  std::optional<std::pair<std::int64_t, std::string>> lease_;
  bool leads_ = false;
  recovery found_;
};

recovery
recovery_from(const victim& what, ::test::node_cluster& all, load& work) {
  watcher watch{all, work};
  what.kill();
  while (!watch.is_back()) {
    if (watch.since_kill() > give_up_after) {
      for (const auto& [name, role] : nodes)
        UNSCOPED_INFO(name << ":\n" << all.at(name).output());
      FAIL("no full speed after a kill of kind " << what.kind);
    }
    std::this_thread::sleep_for(look_every);
  }
  return watch.found();
}

double seconds(milliseconds x) {
  constexpr auto ms_per_s = 1e3;
  return static_cast<double>(x.count()) / ms_per_s;
}

void print(const std::string& kind, std::vector<recovery> times) {
  std::ranges::sort(times, {}, &recovery::full_speed);
  auto upper = times[times.size() / 2].full_speed();
  auto lower = times[(times.size() - 1) / 2].full_speed();
  const auto& worst = times.back();
  std::cout << std::left << std::setw(10) << kind << std::right << std::setw(4)
            << times.size() << " kills, back at full speed after (s): median "
            << std::fixed << std::setprecision(1)
            << (seconds(lower) + seconds(upper)) / 2 << ", worst "
            << seconds(worst.full_speed()) << " (syncs " << seconds(worst.syncs)
            << ", nodes " << seconds(worst.nodes) << ", schedules "
            << seconds(worst.schedules) << ")\n"
            << worst.lagging;
}

} // namespace

TEST_CASE("after each kill a cluster is soon back at full speed",
          "[faults][cluster]") {
  REQUIRE_CLUSTER();
  ::test::node_cluster all{settings_of_test()};
  for (const auto& [name, role] : nodes)
    all.add(name, role);
  for (const auto& [name, role] : nodes)
    all.start(name);
  for (auto i = 0; i < load::athletes; ++i)
    all.connect(load::first_athlete + i, "api-1", "api-2");
  load work{all};
  auto begun = work.look();
  REQUIRE(::test::eventually([&] { return goes_on(begun, work.look()); }, 60s));

  auto times = std::map<std::string, std::vector<recovery>>{};
  for (const auto& one : victims_of(all)) {
    auto took = recovery_from(one, all, work);
    times[one.kind].push_back(took);
    times["all"].push_back(took);
  }
  for (const auto& [kind, all_of_it] : times)
    print(kind, all_of_it);
  auto slowest = std::ranges::max(times["all"], {}, &recovery::full_speed);
  CHECK(slowest.full_speed() < worst_allowed());
  auto stats = all.ask_sim("/sim/stats");
  CHECK(stats.at("rate_limited") == 0);
}
