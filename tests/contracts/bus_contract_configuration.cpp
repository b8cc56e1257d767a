#include "tests/contracts/bus_consumers.hpp"
#include "tests/contracts/bus_streams.hpp"

using namespace stravasync;
using namespace stravasync::test;
using namespace std::chrono_literals;

namespace {

/// @returns whether something was created or changed. Fails if `got` did.
bool changed(const caf::expected<bool>& got) {
  INFO((got ? "" : detail_of(got.error())));
  REQUIRE(got);
  return *got;
}

/// @returns the sentence of a conflict, or nothing.
template <class T>
std::string conflict_of(const caf::expected<T>& got) {
  CHECK(failure_code(got) == ec::conflict);
  return got ? "" : detail_of(got.error());
}

bool has(const std::string& text, const std::string& part) {
  INFO(text);
  return text.find(part) != std::string::npos;
}

delivery_callback ignore() {
  return [](const delivery&) {};
}

} // namespace

TEST_CASE_METHOD(streams_fixture, "a stream is ensured once", "[bus]") {
  auto config = jobs;
  config.max_age = 60s;
  config.dedupe_window = 30s;
  config.max_bytes = 500'000;
  config.refuse_when_full = true;
  CHECK(changed(bus.ensure(config)));
  REQUIRE(bus.publish(message("jobs.a")));
  CHECK_FALSE(changed(bus.ensure(config)));
  reopen();
  CHECK_FALSE(changed(bus.ensure(config)));
  CHECK(bus.describe("JOBS").messages == 1);
}

TEST_CASE_METHOD(streams_fixture, "ensure refuses what differs and says how",
                 "[bus]") {
  auto config = jobs;
  config.max_bytes = 500'000;
  make(config);
  auto other = jobs;
  other.max_bytes = 1'000'000;
  auto why = conflict_of(bus.ensure(other));
  CHECK(has(why, "JOBS"));
  CHECK(has(why, "max_bytes"));
  CHECK(has(why, "500000"));
  CHECK(has(why, "1000000"));
  CHECK_FALSE(has(why, "max_age"));
  CHECK_FALSE(has(why, "subjects"));

  other = config;
  other.refuse_when_full = true;
  other.max_age = 60s;
  other.dedupe_window = 30s;
  why = conflict_of(bus.ensure(other));
  for (const auto* field : {"refuse_when_full", "max_age", "dedupe_window"})
    CHECK(has(why, field));
  CHECK_FALSE(has(why, "max_bytes"));

  other = config;
  other.subjects = "work.>";
  why = conflict_of(bus.ensure(other));
  CHECK(has(why, "jobs.>"));
  CHECK(has(why, "work.>"));

  auto now = bus.describe("JOBS").config;
  CHECK(now.subjects == "jobs.>");
  CHECK(now.max_bytes == 500'000);
  CHECK(now.max_age == 0ms);
  CHECK(now.dedupe_window == jobs.dedupe_window);
  CHECK_FALSE(now.refuse_when_full);
}

TEST_CASE_METHOD(streams_fixture, "apply creates a stream and changes it",
                 "[bus]") {
  CHECK(changed(bus.apply(jobs)));
  CHECK_FALSE(changed(bus.apply(jobs)));
  REQUIRE(bus.publish(message("jobs.a")));
  auto config = jobs;
  config.refuse_when_full = true;
  config.max_bytes = 1'000'000;
  config.max_age = 60s;
  config.dedupe_window = 30s;
  CHECK(changed(bus.apply(config)));
  CHECK_FALSE(changed(bus.apply(config)));
  reopen();
  CHECK_FALSE(changed(bus.ensure(config)));
  auto now = bus.describe("JOBS");
  CHECK(now.messages == 1);
  CHECK(now.config.refuse_when_full);
  CHECK(now.config.max_bytes == 1'000'000);
  CHECK(now.config.max_age == 60s);
  CHECK(now.config.dedupe_window == 30s);
}

TEST_CASE_METHOD(streams_fixture, "a lower limit drops the oldest at once",
                 "[bus]") {
  make(jobs);
  for (auto i = 0; i < 20; ++i)
    REQUIRE(bus.publish(message("jobs.a", std::string(10'000, 'x'))));
  auto config = jobs;
  config.max_bytes = 64 * 1024;
  CHECK(changed(bus.apply(config)));
  CHECK(eventually([&] { return bus.describe("JOBS").messages <= 6; }));
  auto now = bus.describe("JOBS");
  CHECK(now.messages >= 5);
  CHECK(now.last_sequence == 20);
  CHECK(now.first_sequence == 21 - now.messages);
}

TEST_CASE_METHOD(streams_fixture, "apply never takes a stream's subjects away",
                 "[bus]") {
  make(jobs);
  auto other = jobs;
  other.subjects = "work.>";
  auto why = conflict_of(bus.apply(other));
  CHECK(has(why, "jobs.>"));
  CHECK(has(why, "work.>"));
  CHECK(bus.describe("JOBS").config.subjects == "jobs.>");
}

TEST_CASE_METHOD(streams_fixture, "two streams cannot take the same subject",
                 "[bus]") {
  make(jobs);
  auto other = stream_config{.name = "OTHER", .subjects = "jobs.a.*"};
  CHECK(failure_code(bus.ensure(other)) == ec::conflict);
  CHECK(failure_code(bus.apply(other)) == ec::conflict);
}

TEST_CASE_METHOD(consumers_fixture, "joining otherwise is refused and says how",
                 "[bus]") {
  publish(1);
  auto options = durable("d");
  options.ack_wait = 20s;
  options.max_ack_pending = 50;
  options.max_deliver = 7;
  bus.join(options).on.reset();

  auto other = options;
  other.max_ack_pending = 60;
  auto why = conflict_of(bus.subscribe(other, ignore()));
  CHECK(has(why, "d"));
  CHECK(has(why, "max_ack_pending"));
  CHECK(has(why, "50"));
  CHECK(has(why, "60"));
  CHECK_FALSE(has(why, "ack_wait"));
  CHECK_FALSE(has(why, "max_deliver"));

  other = options;
  other.ack_wait = 30s;
  other.max_deliver = 0;
  why = conflict_of(bus.subscribe(other, ignore()));
  CHECK(has(why, "ack_wait"));
  CHECK(has(why, "max_deliver"));
  CHECK_FALSE(has(why, "max_ack_pending"));

  other = options;
  other.filter_subject = "jobs.a.>";
  CHECK(has(conflict_of(bus.subscribe(other, ignore())), "jobs.a.>"));

  reopen();
  // Where it begins is no difference.
  options.start = {.from = start_position::kind::next_new};
  CHECK(bus.join(options, 1).in->at(0).sequence == 1);
}

TEST_CASE_METHOD(consumers_fixture, "apply creates a durable and changes it",
                 "[bus]") {
  publish(2);
  auto options = durable("d");
  options.ack_wait = 100s;
  CHECK(changed(bus.apply(options)));
  CHECK(state("d").pending == 2);
  CHECK_FALSE(changed(bus.apply(options)));
  options.ack_wait = 300ms;
  options.max_ack_pending = 1;
  options.max_deliver = 5;
  CHECK(changed(bus.apply(options)));
  CHECK_FALSE(changed(bus.apply(options)));
  CHECK(state("d").pending == 2);
  auto one = bus.join(options, 10);
  // It comes again by the new ack wait, before the other.
  CHECK(one.in->at(1).sequence == 1);
  CHECK(one.in->at(1).delivered == 2);
}

TEST_CASE_METHOD(consumers_fixture, "apply cannot change a durable's filter",
                 "[bus]") {
  auto options = durable("d");
  options.filter_subject = "jobs.a";
  CHECK(changed(bus.apply(options)));
  options.filter_subject = "jobs.b";
  auto why = conflict_of(bus.apply(options));
  CHECK(has(why, "jobs.a"));
  CHECK(has(why, "jobs.b"));
  CHECK(state("d").filter_subject == "jobs.a");
  options.stream = "NONE";
  CHECK(failure_code(bus.apply(options)) == ec::not_found);
}
