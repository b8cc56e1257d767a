#include "adapters/strava/dialer.hpp"

#include "tests/support/silent_address.hpp"

#include <catch2/catch_test_macros.hpp>

#include <optional>

using namespace stravasync::strava;
using std::chrono::milliseconds;
using tcp = boost::asio::ip::tcp;

namespace {

struct dialer_fixture {
  /// @returns what came of it, at most after `timeout`.
  void dial(std::vector<tcp::endpoint> addresses, milliseconds timeout) {
    auto on = std::make_shared<dialer>(io, timeout);
    auto began = std::chrono::steady_clock::now();
    on->dial(std::move(addresses), [&](std::string why, tcp::socket got) {
      problem = std::move(why);
      if (got.is_open())
        reached = got.remote_endpoint();
      took = std::chrono::duration_cast<milliseconds>(
        std::chrono::steady_clock::now() - began);
    });
    io.restart();
    io.run_for(timeout);
    on->cancel();
    io.restart();
    io.run_for(milliseconds{100});
  }

  tcp::endpoint refused() {
    return tcp::acceptor{io, tcp::endpoint{test::loopback, 0}}.local_endpoint();
  }

  boost::asio::io_context io;
  tcp::acceptor server{io, tcp::endpoint{test::loopback, 0}};
  std::optional<std::string> problem;
  tcp::endpoint reached;
  milliseconds took{0};
};

} // namespace

TEST_CASE_METHOD(dialer_fixture, "an address that is silent holds the next one "
                                 "up for a moment only") {
  test::silent_address first{io};
  test::silent_address second{io};
  dial({first.endpoint(), second.endpoint(), server.local_endpoint()},
       milliseconds{20'000});
  CHECK(problem == "");
  CHECK(reached == server.local_endpoint());
  // Twice 250 ms; a SYN sent again would take a second.
  CHECK(took >= milliseconds{400});
  CHECK(took < milliseconds{15'000});
}

TEST_CASE_METHOD(dialer_fixture, "an address that refuses does not hold the "
                                 "next one up") {
  dial({refused(), refused(), server.local_endpoint()}, milliseconds{20'000});
  CHECK(problem == "");
  CHECK(reached == server.local_endpoint());
}

TEST_CASE_METHOD(dialer_fixture, "every address has its turn within a short "
                                 "time-out") {
  test::silent_address silent{io};
  auto addresses = std::vector<tcp::endpoint>(20, silent.endpoint());
  addresses.push_back(server.local_endpoint());
  dial(std::move(addresses), milliseconds{2'000});
  CHECK(problem == "");
  CHECK(reached == server.local_endpoint());
}

TEST_CASE_METHOD(dialer_fixture, "when no address answers the last reason is "
                                 "told") {
  dial({refused(), refused()}, milliseconds{20'000});
  REQUIRE(problem);
  CHECK(*problem == "Connection refused (none of 2 addresses answers)");
  problem.reset();
  dial({refused()}, milliseconds{20'000});
  CHECK(problem == "Connection refused");
}

TEST_CASE("address families take turns") {
  auto at = [](const char* address) {
    return tcp::endpoint{boost::asio::ip::make_address(address), 443};
  };
  CHECK(in_turn({at("::1"), at("::2"), at("::3"), at("1.1.1.1"), at("1.1.1.2")})
        == std::vector{at("::1"), at("1.1.1.1"), at("::2"), at("1.1.1.2"),
                       at("::3")});
  CHECK(in_turn({at("1.1.1.1")}) == std::vector{at("1.1.1.1")});
}
