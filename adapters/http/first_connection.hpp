#pragma once

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <vector>

namespace stravasync::http {

/// Connects `socket` to whichever address answers first. One that is silent
/// holds the next one up for a moment only, and is given up when another one
/// has answered (RFC 8305). Each has its turn before `until`, however many
/// there are. Runs `loop` and blocks, at most until `until`.
/// @returns the error of the address that failed last; `timed_out` if one was
/// silent to the end.
[[nodiscard]] boost::system::error_code connect_first(
  boost::asio::io_context& loop,
  const std::vector<boost::asio::generic::stream_protocol::endpoint>& addresses,
  std::chrono::steady_clock::time_point until,
  boost::asio::generic::stream_protocol::socket& socket);

} // namespace stravasync::http
