#include "actors/roles/observation.hpp"

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
