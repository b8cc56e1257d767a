#include "tests/contracts/bus_streams.hpp"

using namespace stravasync;
using namespace stravasync::test;
using namespace std::chrono_literals;

TEST_CASE_METHOD(streams_fixture, "a stream is read from where one likes",
                 "[bus]") {
  make(jobs);
  for (const auto* subject : {"jobs.a.1", "jobs.b.1", "jobs.a.2", "jobs.a.1"})
    REQUIRE(bus.publish(message(subject, subject)));
  auto read = [&](read_options options) {
    options.stream = "JOBS";
    return payloads(bus.read(options));
  };
  CHECK(read({.from_sequence = 3}) == texts{"jobs.a.2", "jobs.a.1"});
  CHECK(read({.from_sequence = 2, .limit = 1}) == texts{"jobs.b.1"});
  CHECK(read({.filter_subject = "jobs.a.1"}) == texts{"jobs.a.1", "jobs.a.1"});
  CHECK(read({.filter_subject = "jobs.*.1", .from_sequence = 2})
        == texts{"jobs.b.1", "jobs.a.1"});
  CHECK(read({.filter_subject = "jobs.a.>", .limit = 2})
        == texts{"jobs.a.1", "jobs.a.2"});
  CHECK(read({.filter_subject = "jobs.c.>"}).empty());
  CHECK(read({.from_sequence = 5}).empty());
  auto nowhere = await<std::vector<stored_message>>(
    [&](auto done) { bus.raw().read({.stream = "NONE"}, done); });
  CHECK(failure_code(nowhere) == ec::not_found);
}

TEST_CASE_METHOD(streams_fixture, "a stream is read from a time on", "[bus]") {
  make(jobs);
  REQUIRE(bus.publish(message("jobs.a", "one")));
  REQUIRE(bus.publish(message("jobs.a", "two")));
  auto stored = bus.read({.stream = "JOBS"}).back().stored_at_ms;
  // The next one has to be of a later millisecond.
  REQUIRE(eventually([&] { return system_wall_clock()() > stored + 5; }));
  REQUIRE(bus.publish(message("jobs.a", "three")));
  CHECK(payloads(bus.read({.stream = "JOBS", .from_time_ms = stored + 3}))
        == texts{"three"});
  auto all = bus.read({.stream = "JOBS", .from_time_ms = stored - 60'000});
  CHECK(all.size() == 3);
  CHECK(bus.read({.stream = "JOBS", .from_time_ms = stored + 60'000}).empty());
}

TEST_CASE_METHOD(streams_fixture, "the last message of a subject is found",
                 "[bus]") {
  make(jobs);
  for (const auto* subject : {"jobs.a.1", "jobs.a.2", "jobs.b.1"})
    for (const auto* payload : {"old", "new"})
      REQUIRE(bus.publish(message(subject, payload)));
  auto last = [&](const char* filter) {
    auto found = bus.last("JOBS", filter);
    REQUIRE(found);
    return found->has_value()
             ? (*found)->message.subject + " " + (*found)->message.payload
             : std::string{"none"};
  };
  CHECK(last("jobs.a.1") == "jobs.a.1 new");
  CHECK(last("jobs.a.>") == "jobs.a.2 new");
  CHECK(last("jobs.*.1") == "jobs.b.1 new");
  CHECK(last("jobs.>") == "jobs.b.1 new");
  CHECK(last("jobs.a") == "none");
  CHECK(last("jobs.c.>") == "none");
  CHECK(failure_code(bus.last("NONE", "a.b")) == ec::not_found);
}
