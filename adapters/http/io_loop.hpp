#pragma once

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>

#include <atomic>
#include <cstddef>
#include <memory>

namespace stravasync::http {

namespace asio = boost::asio;

/// Counted over all loops of a server.
struct load {
  std::atomic<std::size_t> in_flight{0};   // Requests the handler has.
  std::atomic<std::size_t> connections{0}; // Open.
};

/// The event loop of one I/O thread. Responders and streams share it, because
/// they may outlive the server: what they post then is never run.
struct io_loop {
  asio::io_context context{1}; // One thread runs it.
  std::shared_ptr<load> counts;
};

using io_executor = asio::io_context::executor_type;

/// TCP or unix.
using stream_socket
  = asio::basic_stream_socket<asio::generic::stream_protocol, io_executor>;

} // namespace stravasync::http
