#include "actors/api/operations.hpp"

#include "actors/nodes/presence.hpp"
#include "messages/error.hpp"
#include "messages/state.pb.h"
#include "tests/adapters/embedded_bus/log_lines.hpp"
#include "tests/support/actor_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <limits>

using namespace stravasync;
using query::v1::ActorTree;
using query::v1::Budget;
using query::v1::GetActors;
using query::v1::GetBudget;
using query::v1::GetNodes;
using query::v1::GetStreams;
using query::v1::NodeList;
using query::v1::StreamList;

namespace {

constexpr auto window_ms = unix_ms{900'000};

struct fixture : ::test::actor_fixture {
  kit::actor_tree tree;
  operations_actor uut;

  std::shared_ptr<stravasync::test::log_lines> lines
    = std::make_shared<stravasync::test::log_lines>();

  operations_actor start() {
    auto known = context();
    known.journal = lines;
    uut = keep(system().spawn(
      stravasync::operations, known, std::shared_ptr<stravasync::bus>{bus},
      known_actors{"n1", tree, context().statistics},
      std::shared_ptr<requests>{},
      operations_config{.budget_bucket = "BUDGET",
                        .budget_key = "strava",
                        .limits = {111, 222, 1'111, 2'222}}));
    run();
    return uut;
  }

  void store_ledger() {
    state::v1::BudgetLedger book;
    book.set_window_start_ms(t0);
    book.set_day_start_ms(t0);
    book.mutable_short_read()->set_limit(100);
    book.mutable_short_read()->set_used(40);
    book.mutable_day_read()->set_limit(1'000);
    book.mutable_day_read()->set_used(400);
    book.set_confirmed(true);
    auto* one = book.add_leases();
    one->set_id("n1/1/0");
    one->set_expires_at_ms(t0 + 5'000);
    bus->set("BUDGET", "strava", book.SerializeAsString());
  }

  /// The limits of the settings, in the order of the gauges.
  static void check_configured_limits(const Budget& shown) {
    REQUIRE(shown.gauges_size() == 4);
    CHECK(shown.gauges(0).limit() == 111);
    CHECK(shown.gauges(1).limit() == 222);
    CHECK(shown.gauges(2).limit() == 1'111);
    CHECK(shown.gauges(3).limit() == 2'222);
  }

  void announce(const std::string& id) {
    NodeList::Node node;
    node.set_id(id);
    bus->set(nodes_bucket, id, node.SerializeAsString());
    run();
  }

  int nodes_shown() {
    auto got = ask<NodeList>(uut, GetNodes{});
    REQUIRE(got);
    return got->nodes_size();
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "the budget is shown as the ledger has it",
                 "[operations]") {
  start();
  store_ledger();
  auto got = ask<Budget>(uut, GetBudget{});
  REQUIRE(got);
  REQUIRE(got->gauges_size() == 4);
  CHECK(got->gauges(0).name() == "short_read");
  CHECK(got->gauges(0).used() == 40);
  CHECK(got->gauges(0).limit() == 100);
  CHECK(got->gauges(0).resets_at_ms() == t0 + window_ms);
  CHECK(got->confirmed());
  CHECK(got->in_flight() == 1);
}

TEST_CASE_METHOD(fixture, "a window that is over has nothing used",
                 "[operations]") {
  start();
  store_ledger();
  pass(std::chrono::milliseconds{window_ms});
  auto got = ask<Budget>(uut, GetBudget{});
  REQUIRE(got);
  CHECK(got->gauges(0).used() == 0);
  CHECK(got->gauges(0).resets_at_ms() == t0 + 2 * window_ms);
  CHECK(got->gauges(2).name() == "day_read");
  CHECK(got->gauges(2).used() == 400);
}

TEST_CASE_METHOD(fixture, "a ledger of the future is shown as one of now",
                 "[operations]") {
  start();
  constexpr auto years = 3 * 365 * unix_ms{86'400'000};
  for (auto ahead : {years, std::numeric_limits<unix_ms>::max() - t0}) {
    store_ledger();
    state::v1::BudgetLedger book;
    book.ParseFromString(bus->value("BUDGET", "strava"));
    book.set_window_start_ms(t0 + ahead);
    book.set_day_start_ms(t0 + ahead);
    book.add_closed()->set_window_start_ms(t0 + ahead);
    book.add_closed()->set_window_start_ms(-ahead);
    book.add_closed()->set_window_start_ms(t0 - window_ms);
    bus->set("BUDGET", "strava", book.SerializeAsString());
    auto got = ask<Budget>(uut, GetBudget{});
    REQUIRE(got);
    CHECK(got->gauges(0).used() == 40);
    CHECK(got->gauges(0).resets_at_ms() == t0 + window_ms);
    CHECK(got->gauges(2).resets_at_ms() == t0 + 86'400'000);
    REQUIRE(got->closed_size() == 1);
    CHECK(got->closed(0).start_ms() == t0 - window_ms);
  }
}

TEST_CASE_METHOD(fixture,
                 "a reset forgets all but what is in flight, and says who did",
                 "[operations]") {
  start();
  store_ledger();
  query::v1::ResetBudget reset;
  reset.set_asked_by("192.0.2.7");
  SECTION("at once") {
  }
  SECTION("though others write at the same time") {
    bus->fail("put", make_failure(ec::conflict, "another node wrote"), 3);
  }
  SECTION("whatever it was") {
    bus->set("BUDGET", "strava", "\xff");
  }
  auto got = ask<Budget>(uut, reset);
  REQUIRE(got);
  CHECK_FALSE(got->confirmed());
  for (const auto& gauge : got->gauges())
    CHECK(gauge.used() == 0);
  check_configured_limits(*got);
  state::v1::BudgetLedger book;
  REQUIRE(book.ParseFromString(bus->value("BUDGET", "strava")));
  CHECK_FALSE(book.has_short_read());
  CHECK(book.window_start_ms() == 0);
  CHECK(static_cast<std::uint32_t>(book.leases_size()) == got->in_flight());
  CHECK(lines->count(log_level::warning) == 1);
}

TEST_CASE_METHOD(fixture, "a reset that cannot be written says so",
                 "[operations]") {
  start();
  store_ledger();
  bus->fail("put", make_failure(ec::unavailable, "no server"), 1);
  auto got = ask<Budget>(uut, query::v1::ResetBudget{});
  REQUIRE_FALSE(got);
  CHECK(code_of(got.error()) == ec::unavailable);
  CHECK(lines->count(log_level::warning) == 0);
}

TEST_CASE_METHOD(fixture, "no ledger, or one that cannot be read, is none",
                 "[operations]") {
  start();
  SECTION("there is none yet") {
  }
  SECTION("half of it is rubbish") {
    store_ledger();
    bus->set("BUDGET", "strava", bus->value("BUDGET", "strava") + "\xff");
  }
  auto got = ask<Budget>(uut, GetBudget{});
  REQUIRE(got);
  CHECK_FALSE(got->confirmed());
  CHECK(got->in_flight() == 0);
  for (const auto& gauge : got->gauges())
    CHECK(gauge.used() == 0);
  check_configured_limits(*got);
}

TEST_CASE_METHOD(fixture, "while the bus is away the actors are still shown",
                 "[operations]") {
  tree.note({.path = "/api/tokens", .actor_class = "tokens"});
  start();
  bus->fail("get", make_failure(ec::unavailable, "no server"));
  bus->fail("describe", make_failure(ec::unavailable, "no server"));
  auto budget = ask<Budget>(uut, GetBudget{});
  auto streams = ask<StreamList>(uut, GetStreams{});
  REQUIRE_FALSE(budget);
  REQUIRE_FALSE(streams);
  CHECK(code_of(budget.error()) == ec::unavailable);
  CHECK(code_of(streams.error()) == ec::unavailable);
  auto actors = ask<ActorTree>(uut, GetActors{});
  REQUIRE(actors);
  REQUIRE(actors->nodes_size() == 1);
  CHECK(actors->nodes(0).path() == "/api/tokens");
  // It was not for good.
  CHECK(ask<Budget>(uut, GetBudget{}));
  auto all = ask<StreamList>(uut, GetStreams{});
  REQUIRE(all);
  CHECK(all->streams_size() == 4);
}

TEST_CASE_METHOD(fixture, "one who waits for the bus holds up nobody",
                 "[operations]") {
  start();
  bus->hold("get");
  auto first = ask_later<Budget>(uut, GetBudget{});
  auto second = ask_later<Budget>(uut, GetBudget{});
  run();
  CHECK_FALSE(first.came());
  CHECK(ask<ActorTree>(uut, GetActors{}));
  SECTION("both are answered in the end") {
    bus->release();
    run();
    CHECK(first.came());
    CHECK(second.came());
  }
  SECTION("if it ends meanwhile, they hear of it") {
    stop(uut, caf::exit_reason::kill);
    bus->release();
    run();
    CHECK(code_of(first.error()) == ec::unavailable);
    CHECK(code_of(second.error()) == ec::unavailable);
  }
}

TEST_CASE_METHOD(fixture, "nodes are shown from what they write",
                 "[operations]") {
  announce("n1");
  start();
  announce("n2");
  bus->set(nodes_bucket, "n3", "\xff rubbish");
  bus->set(nodes_bucket, "n4", "");
  run();
  CHECK(nodes_shown() == 2);
  bus->erase(nodes_bucket, "n1", [](auto&&) {});
  run();
  CHECK(nodes_shown() == 1);
}

TEST_CASE_METHOD(fixture, "a bus that is away at the start is asked again",
                 "[operations]") {
  announce("n1");
  bus->fail("watch", make_failure(ec::unavailable, "no server"), 2);
  start();
  CHECK(nodes_shown() == 0);
  pass(std::chrono::seconds{2});
  CHECK(nodes_shown() == 0);
  pass(std::chrono::seconds{2});
  CHECK(nodes_shown() == 1);
  CHECK(bus->calls("watch") == 3);
}
