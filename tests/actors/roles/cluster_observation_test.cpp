#include "actors/roles/cluster_observation.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>

using namespace stravasync;
using namespace std::chrono_literals;

namespace {

/// What a scrape reads of it.
std::string text_of(const cluster_figures& figures) {
  return telemetry::metrics{}.text(cluster_families(figures));
}

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\nstravasync_" + line + "\n") != std::string::npos;
}

cluster_figures answered() {
  cluster_figures result;
  result.answers = true;
  result.age = 1'500ms;
  return result;
}

} // namespace

TEST_CASE("a durable tells its lag, a stream its size, DLQ the dead letters",
          "[observation]") {
  auto known = answered();
  auto* jobs = known.streams.add_streams();
  jobs->set_name("JOBS");
  jobs->set_messages(5);
  jobs->set_bytes(1'000);
  auto* durable = jobs->add_durables();
  durable->set_name("consumer__x");
  durable->set_pending(3);
  durable->set_ack_pending(2);
  durable->set_redelivered(1);
  auto* letters = known.streams.add_streams();
  letters->set_name("DLQ");
  letters->set_messages(4);
  auto text = text_of(known);
  INFO(text);
  CHECK(has_line(text, R"(stream_messages{stream="JOBS"} 5)"));
  CHECK(has_line(text, R"(stream_bytes{stream="JOBS"} 1000)"));
  auto labels = std::string{R"({durable="consumer__x",stream="JOBS"} )"};
  CHECK(has_line(text, "durable_pending_messages" + labels + "3"));
  CHECK(has_line(text, "durable_ack_pending_messages" + labels + "2"));
  CHECK(has_line(text, "durable_redelivered_messages" + labels + "1"));
  CHECK(has_line(text, "dead_letters 4"));
  CHECK(has_line(text, "cluster_age_seconds 1.5"));
}

TEST_CASE("a limit that is not known yet is not told", "[observation]") {
  auto known = answered();
  auto* read = known.budget.add_gauges();
  read->set_name("short_read");
  read->set_limit(100);
  read->set_used(130);
  read->set_resets_at_ms(1'700'000'000'500);
  known.budget.add_gauges()->set_name("day_read");
  auto text = text_of(known);
  INFO(text);
  CHECK(has_line(text, R"(budget_limit_requests{window="short_read"} 100)"));
  CHECK(has_line(text, R"(budget_used_requests{window="short_read"} 130)"));
  CHECK(has_line(text, R"(budget_left_requests{window="short_read"} 0)"));
  CHECK(has_line(text, "budget_reset_timestamp_seconds{window=\"short_read\"} "
                       "1700000000.5"));
  CHECK(text.find("day_read") == std::string::npos);
}

TEST_CASE("a schedule tells when it ran and whether that failed",
          "[observation]") {
  auto known = answered();
  known.schedules.set_leader("w1");
  known.schedules.set_leader_renewed_at_ms(3'000);
  auto* failed = known.schedules.add_schedules();
  failed->set_name("daily");
  failed->set_next_slot_ms(2'000);
  failed->mutable_last_run()->set_started_at_ms(1'000);
  failed->mutable_last_run()->set_state(state::v1::RUN_STATE_FAILED);
  known.schedules.add_schedules()->set_name("fresh");
  auto text = text_of(known);
  INFO(text);
  CHECK(has_line(text,
                 R"(schedule_last_run_timestamp_seconds{schedule="daily"} 1)"));
  CHECK(has_line(text, R"(schedule_last_run_failed{schedule="daily"} 1)"));
  CHECK(has_line(text,
                 R"(schedule_next_run_timestamp_seconds{schedule="daily"} 2)"));
  CHECK(has_line(text, "schedule_leader_renewed_timestamp_seconds 3"));
  CHECK(text.find("fresh") == std::string::npos);
}

TEST_CASE("nodes are counted, not named", "[observation]") {
  auto known = answered();
  for (const auto* state : {"up", "up", "lost"}) {
    auto* node = known.nodes.add_nodes();
    node->set_id("secret");
    node->add_roles("consumer");
    node->set_state(state);
  }
  known.nodes.mutable_nodes(0)->add_roles("worker");
  auto text = text_of(known);
  INFO(text);
  CHECK(has_line(text, R"(nodes{role="consumer",state="up"} 2)"));
  CHECK(has_line(text, R"(nodes{role="consumer",state="lost"} 1)"));
  CHECK(has_line(text, R"(nodes{role="worker",state="up"} 1)"));
  CHECK(text.find("secret") == std::string::npos);
}

TEST_CASE("what was never answered is not told as zero", "[observation]") {
  CHECK(cluster_families({}).empty());
  auto numbers = telemetry::metrics{};
  CHECK(has_line(numbers.text({bus_family(false)}), "bus_up 0"));
  CHECK(has_line(numbers.text({bus_family(true)}), "bus_up 1"));
}
