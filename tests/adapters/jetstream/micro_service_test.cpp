#include "adapters/jetstream/micro_service.hpp"

#include "tests/adapters/jetstream/jetstream_fixture.hpp"

#include <simdjson.h>

using namespace stravasync;
using namespace stravasync::test;
using namespace std::chrono_literals;

namespace {

jetstream::service_info some_service() {
  return {.name = "stravasync-consumer",
          .version = "0.1.0",
          .description = "Syncs \"athletes\"",
          .id = "node-1",
          .metadata = {{"roles", "consumer"}},
          .endpoints = {{"lease_token", "ask.lease_token", "api"}}};
}

struct micro_fixture : jetstream_fixture {
  /// @returns what the service answers; ends the test if it does not.
  simdjson::dom::element asked(const std::string& subject) {
    auto got = ask(*on.questions, subject, "", 5s);
    REQUIRE(got);
    simdjson::dom::element result;
    REQUIRE(parser.parse(*got).get(result) == simdjson::SUCCESS);
    return result;
  }

  std::shared_ptr<jetstream::micro_service>
  announce(const jetstream::service_info& what) {
    auto result = jetstream::announce(on, what, [] {
      return std::vector<jetstream::endpoint_statistics>{
        {"lease_token", 4, 1, "404:none", 2'000}};
    });
    REQUIRE(result);
    return *result;
  }

  jetstream::connection on = connect();
  simdjson::dom::parser parser;
};

std::string text(simdjson::dom::element in, const char* at) {
  return std::string{in.at_pointer(at).get_string().value()};
}

} // namespace

TEST_CASE_METHOD(micro_fixture, "an announced service is found",
                 "[jetstream]") {
  auto service = announce(some_service());
  for (const auto* subject : {"$SRV.PING", "$SRV.PING.stravasync-consumer",
                              "$SRV.PING.stravasync-consumer.node-1"}) {
    auto got = asked(subject);
    CHECK(text(got, "/type") == "io.nats.micro.v1.ping_response");
    CHECK(text(got, "/name") == "stravasync-consumer");
    CHECK(text(got, "/id") == "node-1");
    CHECK(text(got, "/version") == "0.1.0");
    CHECK(text(got, "/metadata/roles") == "consumer");
  }
  auto info = asked("$SRV.INFO.stravasync-consumer");
  CHECK(text(info, "/type") == "io.nats.micro.v1.info_response");
  CHECK(text(info, "/description") == "Syncs \"athletes\"");
  CHECK(text(info, "/endpoints/0/name") == "lease_token");
  CHECK(text(info, "/endpoints/0/subject") == "ask.lease_token");
  CHECK(text(info, "/endpoints/0/queue_group") == "api");
  auto stats = asked("$SRV.STATS");
  CHECK(text(stats, "/type") == "io.nats.micro.v1.stats_response");
  CHECK(text(stats, "/started").size() == 24);
  CHECK(text(stats, "/endpoints/0/last_error") == "404:none");
  auto number = [&](const char* at) {
    return stats.at_pointer(at).get_int64().value();
  };
  CHECK(number("/endpoints/0/num_requests") == 4);
  CHECK(number("/endpoints/0/num_errors") == 1);
  CHECK(number("/endpoints/0/processing_time") == 2'000);
  CHECK(number("/endpoints/0/average_processing_time") == 500);
}

TEST_CASE_METHOD(micro_fixture, "only who is asked answers", "[jetstream]") {
  auto service = announce(some_service());
  for (const auto* subject :
       {"$SRV.PING.other", "$SRV.PING.stravasync-consumer.node-2",
        "$SRV.PING.stravasync", "$SRV.NONE"})
    CHECK(failure_code(ask(*on.questions, subject, "", 300ms))
          == ec::timed_out);
  service.reset();
  CHECK(failure_code(ask(*on.questions, "$SRV.PING", "", 5s))
        == ec::unavailable);
}

TEST_CASE_METHOD(micro_fixture, "a service needs fitting names",
                 "[jetstream]") {
  auto refused = [&](const jetstream::service_info& what) {
    return failure_code(jetstream::announce(on, what, {}));
  };
  for (const auto* name : {"", "a b", "a.b", "ä"}) {
    auto what = some_service();
    what.name = name;
    CHECK(refused(what) == ec::invalid_argument);
    what = some_service();
    what.endpoints[0].name = name;
    CHECK(refused(what) == ec::invalid_argument);
  }
  for (const auto* version : {"", "1", "1.0", "1.0.0.0", "v1.0.0", "1..0",
                              "1.0.", "1.0.0-", "1.0.0 "}) {
    auto what = some_service();
    what.version = version;
    CAPTURE(version);
    CHECK(refused(what) == ec::invalid_argument);
  }
  for (const auto* version : {"1.0.0", "0.1.0-rc.1+build"}) {
    auto what = some_service();
    what.version = version;
    CHECK(refused(what) == ec::none);
  }
  auto what = some_service();
  what.id = "a.b";
  CHECK(refused(what) == ec::invalid_argument);
}
