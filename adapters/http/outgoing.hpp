#pragma once

#include "adapters/http/io_loop.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace stravasync::http {

/// Bytes on their way to a client. What is appended while some are being sent
/// waits for its turn.
class outgoing {
public:
  enum class outcome : std::uint8_t { all_sent, blocked, broken };

  /// To append to.
  [[nodiscard]] std::string& text() {
    return waiting_;
  }

  /// Bytes that the socket has not taken.
  [[nodiscard]] std::size_t size() const {
    return waiting_.size() + sending_.size() - sent_;
  }

  /// Memory that they take: what is sent of a text goes with its rest.
  [[nodiscard]] std::size_t held_bytes() const {
    return size() == 0 ? 0 : waiting_.capacity() + sending_.capacity();
  }

  /// Gives the socket what it takes without waiting; `sent` grows by that.
  /// When blocked, wait for the socket with `rest` and tell `add_sent`.
  outcome send(stream_socket& socket, std::size_t& sent);

  [[nodiscard]] boost::asio::const_buffer rest() const {
    return boost::asio::buffer(sending_) + sent_;
  }

  void add_sent(std::size_t bytes) {
    sent_ += bytes;
  }

private:
  std::string waiting_;
  std::string sending_; // Not touched while the socket has it.
  std::size_t sent_ = 0;
};

} // namespace stravasync::http
