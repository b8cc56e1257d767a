#pragma once

#include "adapters/jetstream/jetstream.hpp"
#include "messages/error.hpp"
#include "tests/adapters/embedded_bus/log_lines.hpp"
#include "tests/contracts/bus_probe.hpp"
#include "tests/support/nats_server.hpp"

#include <catch2/catch_test_macros.hpp>

#include <memory>
#include <string>
#include <utility>

namespace stravasync::test {

/// A nats-server of the test's own, and connections to it.
struct jetstream_fixture {
  jetstream_fixture() : jetstream_fixture(::test::nats_server::options{}) {
  }

  explicit jetstream_fixture(::test::nats_server::options how) {
    if (!::test::nats_server::installed())
      SKIP("nats-server is not installed");
    server = std::make_unique<::test::nats_server>(std::move(how));
  }

  /// Ends the test if it cannot.
  jetstream::connection connect() {
    return connect({.urls = {server->url()}, .name = "node"});
  }

  jetstream::connection connect(const jetstream::options& how) {
    auto result = jetstream::open(how, log);
    INFO((result ? "" : detail_of(result.error())));
    REQUIRE(result);
    return *result;
  }

  /// @returns why it cannot be connected to.
  caf::error refused(const jetstream::options& how) {
    auto result = jetstream::open(how, log);
    REQUIRE_FALSE(result);
    return result.error();
  }

  log_lines log;
  std::unique_ptr<::test::nats_server> server;
};

inline const auto jobs = stream_config{.name = "JOBS", .subjects = "jobs.>"};

[[nodiscard]] inline caf::expected<std::string>
ask(requests& whom, const std::string& subject, const std::string& question,
    milliseconds deadline) {
  return await<std::string>(
    [&](auto done) { whom.ask(subject, question, deadline, done); });
}

/// Throws if it fails.
[[nodiscard]] inline std::shared_ptr<responder_place>
serve(requests& where, const std::string& subject, const std::string& group,
      question_callback answer) {
  auto result = await<std::shared_ptr<responder_place>>(
    [&](auto done) { where.serve(subject, group, std::move(answer), done); });
  if (!result)
    throw std::runtime_error(detail_of(result.error()));
  return *result;
}

} // namespace stravasync::test
