#pragma once

#include "adapters/http/answers.hpp"
#include "adapters/http/io_loop.hpp"
#include "adapters/http/outgoing.hpp"
#include "adapters/http/problem.hpp"
#include "adapters/http/request_reader.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/system/error_code.hpp>

#include <chrono>
#include <cstdint>
#include <memory>

namespace stravasync::http {

class shard;

/// One connection. Belongs to its shard's thread. Its requests are handed on
/// one after the other.
class session : public std::enable_shared_from_this<session> {
public:
  /// When more than that was held, freed memory is given back.
  static constexpr auto worth_trimming_bytes = std::size_t{8} * 1024 * 1024;

  /// @param surplus Whether it is above the limit on connections.
  session(shard& home, stream_socket socket, bool surplus);

  /// Does what can be done: reads, hands requests to the handler, sends.
  void advance();

  void take_answer(std::uint64_t number, answer what);

  /// Looks at the deadlines.
  void sweep(steady_time now);

  /// Takes no request any more but the one that is being received; ends when
  /// all are answered.
  void drain();

  /// Ends at once.
  void close();

  /// Whether it has become an event stream.
  [[nodiscard]] bool streams() const {
    return streams_;
  }

private:
  using error_code = boost::system::error_code;

  bool take_request();
  void hand_on();
  [[nodiscard]] const char* limit_reached(const request& what) const;
  void fail(const problem& why);
  void collect();
  void send();
  void send_rest();
  void note_sent(std::size_t bytes);
  void count_held_bytes();
  void read();
  void on_read(const error_code& error, std::size_t bytes);
  void finish();
  [[nodiscard]] bool receiving() const;
  [[nodiscard]] bool wants_requests() const;
  [[nodiscard]] bool has_room() const;
  [[nodiscard]] bool wants_bytes() const;
  [[nodiscard]] bool too_much_is_held() const;
  [[nodiscard]] bool is_over() const;

  shard& home_;
  stream_socket socket_;
  std::string peer_;
  request_reader reader_;
  open_request open_;
  boost::beast::flat_buffer input_;
  outgoing output_;

  const bool surplus_;
  std::size_t counted_bytes_ = 0; // What it added to `load::held_bytes`.
  bool streams_ = false;
  bool advancing_ = false; // Keeps `advance` from calling itself.
  bool reading_ = false;
  bool writing_ = false; // `send_rest` waits for the socket.
  bool ending_ = false;  // No more requests.
  bool cutting_ = false; // Close without waiting for the client.
  bool lingering_ = false;
  bool peer_done_ = false; // The client will send no more.
  bool closed_ = false;
  bool continue_owed_ = false; // "100 Continue".

  steady_time request_since_; // First byte; in the body: end of the header.
  steady_time active_at_;     // Last byte in or out.
  steady_time commented_at_;
};

} // namespace stravasync::http
