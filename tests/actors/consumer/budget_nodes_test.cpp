#include "actors/consumer/budget.hpp"
#include "messages/error.hpp"
#include "tests/support/actor_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

using namespace stravasync;
using namespace std::chrono_literals;

namespace {

constexpr auto window_ms = unix_ms{900'000};
constexpr auto window_limit = 100u;
constexpr auto day_limit = 5'000u;
constexpr auto backfill = lease_permit{jobs::v1::LANE_BACKFILL};

/// How Strava counts: reads at arrival, by its own clock.
class strava_model {
public:
  rate_usage count(unix_ms at) {
    rate_usage result;
    auto window = ++windows_[at / window_ms];
    auto day = ++days_[at / 86'400'000];
    refused_ += window > window_limit || day > day_limit ? 1 : 0;
    result.date_ms = at / 1'000 * 1'000;
    result.read_limit = {window_limit, day_limit};
    result.read_used = {window, day};
    result.overall_limit = {2 * window_limit, 2 * day_limit};
    result.overall_used = {window, day};
    return result;
  }

  /// Requests that a 429 would have answered.
  [[nodiscard]] int refused() const {
    return refused_;
  }

  /// Share of the permits used, over the whole windows from `begin` to `end`.
  [[nodiscard]] double used_share(unix_ms begin, unix_ms end) const {
    auto count = 0u;
    auto whole = 0u;
    for (auto i = begin / window_ms; i < end / window_ms; ++i, ++whole)
      if (auto found = windows_.find(i); found != windows_.end())
        count += found->second;
    return static_cast<double>(count) / (whole * window_limit);
  }

private:
  std::map<unix_ms, std::uint32_t> windows_;
  std::map<unix_ms, std::uint32_t> days_;
  int refused_ = 0;
};

/// A node with a clock of its own, always with work to do.
struct node {
  struct flight {
    std::string permit;
    unix_ms arrives = 0; // By Strava's clock, as the others.
    unix_ms answers = 0;
    call_report report;
    bool counted = false;
  };
  std::string name;
  unix_ms skew = 0;
  budget_actor actor;
  std::vector<test::eventual<permit>> asked;
  std::vector<flight> flying;
  unix_ms asks_again_at = 0;
  int lives = 0;
};

struct fixture : test::actor_fixture {
  static constexpr auto in_flight = std::size_t{4};

  budget_config config{.rules = {.window = milliseconds{window_ms},
                                 .short_overall = 2 * window_limit,
                                 .day_overall = 2 * day_limit,
                                 .short_read = window_limit,
                                 .day_read = day_limit,
                                 .lease_max = 60s},
                       .clock_skew_max = 30s};
  strava_model strava;
  std::minstd_rand random{7};
  std::vector<node> nodes;

  unix_ms below(unix_ms limit) {
    return static_cast<unix_ms>(random()) % limit;
  }

  actor_context clocked(const std::string& name, unix_ms skew) const {
    auto result = context(name);
    result.now = [clock = now, skew] { return *clock + skew; };
    return result;
  }

  budget_actor start_at(const std::string& name, unix_ms skew) {
    config.steady = [clock = now] { return milliseconds{*clock}; };
    return system().spawn(budget, clocked(name, skew),
                          std::shared_ptr<key_value>{bus}, config);
  }

  void start(node& which) {
    which.actor = start_at(which.name + "." + std::to_string(++which.lives),
                           which.skew);
    which.asked.clear();
    which.flying.clear();
    which.asks_again_at = 0;
  }

  /// SIGKILL and a new start: what it sent is counted, nobody hears of it.
  void kill(node& which) {
    for (const auto& one : which.flying)
      if (!one.counted)
        orphans.push_back(one.arrives);
    stop(which.actor, caf::exit_reason::kill);
    start(which);
  }

  void employ(node& which) {
    if (*now < which.asks_again_at)
      return;
    while (which.asked.size() + which.flying.size() < in_flight)
      which.asked.push_back(ask_later<permit>(which.actor, backfill));
  }

  void take_answers(node& which) {
    std::erase_if(which.asked, [&](const test::eventual<permit>& one) {
      if (!one.came())
        return false;
      if (**one.slot) {
        auto arrives = *now + below(400);
        which.flying.push_back(
          {(**one.slot)->id, arrives, arrives + below(1'500), {}, false});
      } else if (auto wait = retry_after_of(one.error())) {
        which.asks_again_at = std::max(which.asks_again_at,
                                       *now + wait->count());
      }
      return true;
    });
  }

  void travel(node& which) {
    for (auto& one : which.flying)
      if (!one.counted && one.arrives <= *now) {
        one.counted = true;
        one.report = {.sent = true, .status = 200, .sent_count = 1};
        one.report.usage = strava.count(one.arrives);
        if (below(50) == 0) // Lost on its way back.
          one.report = {.sent = true, .status = 0, .sent_count = 1};
      }
    std::erase_if(which.flying, [&](const node::flight& one) {
      if (!one.counted || one.answers > *now)
        return false;
      self()->send(which.actor, settle_permit{one.permit, one.report});
      return true;
    });
  }

  [[nodiscard]] ledger book() const {
    ledger result;
    result.ParseFromString(bus->value(budget_bucket, budget_key));
    return result;
  }

  void put(const ledger& book) {
    bus->set(budget_bucket, budget_key, book.SerializeAsString());
  }

  /// Confirmed, and nothing left in the window.
  [[nodiscard]] ledger full_book() const {
    auto result = new_ledger(config.rules, t0);
    result.set_confirmed(true);
    result.mutable_short_read()->set_used(window_limit);
    return result;
  }

  void step(milliseconds by) {
    std::ranges::sort(orphans);
    while (!orphans.empty() && orphans.front() <= *now) {
      strava.count(orphans.front());
      orphans.erase(orphans.begin());
    }
    std::ranges::shuffle(nodes, random);
    for (auto& one : nodes) {
      travel(one);
      employ(one);
    }
    run();
    for (auto& one : nodes)
      take_answers(one);
    pass(by);
  }

  ~fixture() {
    for (auto& one : nodes)
      self()->send_exit(one.actor, caf::exit_reason::kill);
    run();
  }

  std::vector<unix_ms> orphans; // Arrivals of what dead nodes sent.
};

} // namespace

TEST_CASE_METHOD(fixture,
                 "nodes whose clocks differ never exceed Strava's windows, and "
                 "use them up",
                 "[budget]") {
  for (auto skew : {-30'000, 0, 30'000, 12'345})
    nodes.push_back({"n" + std::to_string(skew), skew, {}, {}, {}, 0, 0});
  for (auto& one : nodes)
    start(one);
  auto end = t0 + 30 * window_ms;
  while (*now < end) {
    step(150ms);
    if (below(4'000) == 0)
      kill(nodes[static_cast<std::size_t>(below(4))]);
    if (below(4'000) == 0)
      bus->fail("put", make_failure(ec::unavailable, "the bus is away"), 3);
  }
  CHECK(strava.refused() == 0);
  CHECK(strava.used_share(t0, end) >= 0.95);
}

TEST_CASE_METHOD(fixture,
                 "a node that has heard nothing from Strava begins no window "
                 "by a clock that is ahead",
                 "[budget]") {
  put(full_book());
  *now = t0 + window_ms - 20'000;
  auto ahead = keep(start_at("n1", 30'000));
  auto refused = ask<permit>(ahead, backfill);
  CHECK(code_of(refused.error()) == ec::exhausted);
  CHECK(book().window_start_ms() == t0);
  SECTION("until it surely is over") {
    *now = t0 + window_ms;
    CHECK(ask<permit>(ahead, backfill));
    CHECK(book().window_start_ms() == t0 + window_ms);
  }
  SECTION("or another node knew that it is") {
    auto known = book();
    known.set_as_of_ms(t0 + window_ms + 1);
    put(known);
    *now = t0 + window_ms + 2;
    auto behind = keep(start_at("n2", -30'000));
    CHECK(ask<permit>(behind, backfill));
  }
}

TEST_CASE_METHOD(fixture, "nobody is refused by an old copy of the ledger",
                 "[budget]") {
  put(full_book());
  auto uut = keep(start_at("n1", 0));
  CHECK(code_of(ask<permit>(uut, backfill).error()) == ec::exhausted);
  auto settled = book();
  settled.mutable_short_read()->set_used(3);
  put(settled);
  CHECK(ask<permit>(uut, backfill));
}

TEST_CASE_METHOD(fixture,
                 "a settlement is written when the bus is back, though nobody "
                 "asks for anything",
                 "[budget]") {
  auto ready = full_book();
  ready.mutable_short_read()->set_used(0);
  put(ready);
  auto uut = keep(start_at("n1", 0));
  auto got = ask<permit>(uut, backfill);
  REQUIRE(got);
  bus->fail("put", make_failure(ec::unavailable, "the bus is away"), 2);
  CHECK_FALSE(tell(uut, settle_permit{got->id, {.sent = false}}));
  pass(1s);
  CHECK(book().leases_size() == 1);
  pass(1s);
  CHECK(book().leases_size() == 0);
  CHECK(book().short_read().used() == 0);
}
