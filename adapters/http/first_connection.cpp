#include "adapters/http/first_connection.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <list>
#include <utility>

namespace stravasync::http {

namespace asio = boost::asio;
using boost::system::error_code;
using protocol = asio::generic::stream_protocol;
using std::chrono::steady_clock;

namespace {

/// RFC 8305's Connection Attempt Delay.
constexpr auto delay_most
  = steady_clock::duration{std::chrono::milliseconds{250}};

/// How long an address is alone, so that each of `left` has its turn.
steady_clock::duration
delay_before_next(steady_clock::time_point until, std::size_t left) {
  auto rest = until - steady_clock::now();
  return std::min(delay_most, rest / static_cast<std::int64_t>(left + 1));
}

} // namespace

error_code
connect_first(asio::io_context& loop,
              const std::vector<protocol::endpoint>& addresses,
              steady_clock::time_point until, protocol::socket& socket) {
  std::list<protocol::socket> attempts;
  protocol::socket* reached = nullptr;
  auto silent = std::size_t{0};
  auto why = error_code{asio::error::host_not_found};
  auto run_until = [&](steady_clock::time_point end) {
    loop.restart();
    while (reached == nullptr && silent > 0 && loop.run_one_until(end) > 0) {
    }
  };
  auto left = addresses.size();
  for (const auto& address : addresses) {
    auto* attempt = &attempts.emplace_back(loop);
    ++silent;
    attempt->async_connect(address, [&, attempt](const error_code& error) {
      --silent;
      if (error)
        why = error;
      else if (reached == nullptr)
        reached = attempt;
    });
    run_until(steady_clock::now() + delay_before_next(until, left--));
    if (reached != nullptr)
      break;
  }
  run_until(until);
  auto result = silent > 0 ? error_code{asio::error::timed_out} : why;
  if (reached != nullptr) {
    socket = std::move(*reached);
    result = {};
  }
  attempts.clear();
  loop.restart();
  loop.poll(); // The handlers of what was given up.
  return result;
}

} // namespace stravasync::http
