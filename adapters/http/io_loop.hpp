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
  std::atomic<std::size_t> connections{0}; // Open, event streams aside.
  std::atomic<std::size_t> streams{0};     // Connections that became one.
  /// Of requests and answers that sessions hold or are to get.
  std::atomic<std::size_t> held_bytes{0};
  std::size_t held_bytes_max = 0;

  [[nodiscard]] bool too_much_is_held() const {
    return held_bytes.load(std::memory_order_relaxed) > held_bytes_max;
  }

  /// So much was held that freed memory is worth giving back.
  std::atomic<bool> trim_due{false};
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
