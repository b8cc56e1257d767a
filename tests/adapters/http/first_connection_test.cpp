#include "adapters/http/first_connection.hpp"

#include "tests/support/silent_address.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace stravasync::http;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using tcp = boost::asio::ip::tcp;

namespace {

struct connection_fixture {
  boost::system::error_code
  connect(const std::vector<tcp::endpoint>& addresses, milliseconds deadline) {
    auto until = steady_clock::now() + deadline;
    auto all = std::vector<boost::asio::generic::stream_protocol::endpoint>{};
    for (const auto& each : addresses)
      all.emplace_back(each);
    auto failed = connect_first(loop, all, until, socket);
    in_time = steady_clock::now() < until;
    return failed;
  }

  tcp::endpoint refused() {
    return tcp::acceptor{loop, tcp::endpoint{test::loopback, 0}}
      .local_endpoint();
  }

  boost::asio::io_context loop;
  tcp::acceptor server{loop, tcp::endpoint{test::loopback, 0}};
  boost::asio::generic::stream_protocol::socket socket{loop};
  bool in_time = false;
};

} // namespace

TEST_CASE_METHOD(connection_fixture, "an address that is silent does not use "
                                     "up the time of the next one") {
  test::silent_address silent{loop};
  CHECK_FALSE(connect(
    {silent.endpoint(), refused(), silent.endpoint(), server.local_endpoint()},
    milliseconds{30'000}));
  CHECK(in_time);
  CHECK(socket.remote_endpoint() == server.local_endpoint());
}

TEST_CASE_METHOD(connection_fixture, "every address has its turn within a "
                                     "short deadline") {
  test::silent_address silent{loop};
  auto addresses = std::vector<tcp::endpoint>(20, silent.endpoint());
  addresses.push_back(server.local_endpoint());
  CHECK_FALSE(connect(std::move(addresses), milliseconds{2'000}));
  CHECK(socket.remote_endpoint() == server.local_endpoint());
}

TEST_CASE_METHOD(connection_fixture, "the deadline holds for all addresses") {
  test::silent_address silent{loop};
  CHECK(
    connect({silent.endpoint(), refused(), silent.endpoint()}, milliseconds{50})
    == boost::asio::error::timed_out);
  CHECK_FALSE(in_time);
}

TEST_CASE_METHOD(connection_fixture, "addresses that all refuse are told of "
                                     "at once") {
  CHECK(connect({refused(), refused()}, milliseconds{30'000})
        == boost::asio::error::connection_refused);
  CHECK(in_time);
}
