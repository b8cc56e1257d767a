#include "actors/roles/observation.hpp"

#include "messages/error.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>

using namespace stravasync;
using namespace std::chrono_literals;

namespace {

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\nstravasync_" + line + "\n") != std::string::npos;
}

kit::actor_event
event(const std::string& path, kit::run_state state, std::uint64_t restarts) {
  kit::actor_event result;
  result.path = path;
  result.actor_class = "store-session";
  result.to = state;
  result.restarts = restarts;
  return result;
}

} // namespace

TEST_CASE("actors are told of by class, never by path", "[observation]") {
  kit::actor_tree tree;
  tree.note(event("/api/store-reader", kit::run_state::up, 2));
  tree.note(event("/api/store-writer", kit::run_state::down, 3));
  kit::actor_statistics statistics;
  auto meter = statistics.meter_for("store-session");
  meter->count(1'500ms, 7);
  meter->count_failure();
  auto text = telemetry::metrics{}.text(actor_families(tree, statistics));
  INFO(text);
  CHECK(has_line(text, R"(actors{class="store-session"} 2)"));
  CHECK(has_line(text, R"(actors_up{class="store-session"} 1)"));
  CHECK(has_line(text, R"(actor_restarts_total{class="store-session"} 5)"));
  CHECK(has_line(text, R"(actor_messages_total{class="store-session"} 1)"));
  CHECK(has_line(text, R"(actor_failures_total{class="store-session"} 1)"));
  CHECK(
    has_line(text, R"(actor_busy_seconds_total{class="store-session"} 1.5)"));
  CHECK(has_line(text, R"(actor_mailbox_messages{class="store-session"} 7)"));
  CHECK(text.find("/api") == std::string::npos);
}

TEST_CASE("an actor that begins when it is needed matters once it has failed",
          "[observation]") {
  kit::actor_tree tree;
  auto now = system_wall_clock()();
  auto look = [&] { return readiness_of(tree, {{"reads", "/r", true}}, now); };
  CHECK(look().empty());
  tree.note(event("/r", kit::run_state::starting, 0));
  CHECK(look().empty());
  tree.note(event("/r", kit::run_state::up, 0));
  CHECK(look().empty());
  auto down = event("/r", kit::run_state::down, 0);
  down.reason = make_failure(ec::unavailable, "no disk");
  tree.note(down);
  REQUIRE(look().size() == 1);
  CHECK_FALSE(look().front().works());
  tree.note(event("/r", kit::run_state::up, 1));
  CHECK(look().empty());
}

TEST_CASE("a part that one actor stands for is as that actor",
          "[observation]") {
  kit::actor_tree tree;
  tree.note(event("/a", kit::run_state::up, 0));
  auto down = event("/b", kit::run_state::down, 1);
  down.reason = make_failure(ec::unavailable, "no disk");
  tree.note(event("/b", kit::run_state::up, 0));
  tree.note(down);
  auto now = system_wall_clock()();
  auto parts = readiness_of(
    tree, {{"first", "/a"}, {"second", "/b"}, {"third", "/c"}}, now);
  REQUIRE(parts.size() == 3);
  CHECK(parts[0].works());
  CHECK(parts[0].last_ok_at_ms == now);
  CHECK(parts[1].problem == "no disk");
  CHECK(parts[1].since_ms > 0);
  CHECK(parts[1].since_ms <= now);
  CHECK(parts[1].last_ok_at_ms == parts[1].since_ms);
  CHECK(parts[2].problem == "has not started yet");
  CHECK(parts[2].since_ms == 0);
}

TEST_CASE("an actor that tries again and again is down since the first time",
          "[observation]") {
  kit::actor_tree tree;
  tree.note(event("/a", kit::run_state::up, 0));
  tree.note(event("/a", kit::run_state::down, 1));
  auto since = tree.snapshot()[0].since;
  tree.note(event("/a", kit::run_state::probing, 1));
  tree.note(event("/a", kit::run_state::down, 2));
  CHECK(tree.snapshot()[0].since == since);
}

TEST_CASE("a part works if all who know of it say so", "[observation]") {
  std::vector<readiness> parts{{"a", ""}, {"b", ""}, {"c", "down"}};
  merge(parts, {{"b", "read-only"}, {"c", "full"}, {"d", ""}});
  REQUIRE(parts.size() == 4);
  CHECK(parts[0].works());
  CHECK(parts[1].problem == "read-only");
  CHECK(parts[2].problem == "down; full");
  CHECK(parts[3].part == "d");
}
