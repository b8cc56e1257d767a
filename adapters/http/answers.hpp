#pragma once

#include "adapters/http/client_stream.hpp"
#include "adapters/http/response_text.hpp"
#include "adapters/http/server.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

/// @file
/// The answer of a connection's one request: requests are handed on one after
/// the other, so that no client holds more memory than one answer takes.

namespace stravasync::http {

using steady_time = std::chrono::steady_clock::time_point;

/// Cuts the connection after these bytes.
struct abort_answer {
  std::string garbage;
};

/// The connection becomes this event stream.
struct stream_answer {
  std::shared_ptr<client_stream> stream;
};

using answer = std::variant<response, stream_answer, abort_answer>;

/// The request of one connection that is not answered on the wire yet.
class open_request {
public:
  /// How the connection goes on after what `collect` wrote.
  enum class outcome : std::uint8_t { go_on, end, cut };

  /// Takes the next request; there must be none. @returns its number.
  std::uint64_t begin(framing how, steady_time now);

  /// Answers a request, once; later answers are ignored.
  void give(std::uint64_t number, answer what);

  /// Moves an answer that is there into `out`; then there is no request. With
  /// `last` it says that the connection closes.
  outcome collect(std::string& out, response_writer& writer, bool last);

  /// Answers a request that waits since `since` or longer with a 504.
  void give_up(steady_time since);

  /// The client is gone: tells the stream that was opened for it.
  void drop();

  /// The stream the connection has become, if it has.
  [[nodiscard]] const std::shared_ptr<client_stream>& stream() const {
    return stream_;
  }

  /// Whether there is one.
  [[nodiscard]] bool waits() const {
    return waits_;
  }

  /// Of an answer that is there and was not collected.
  [[nodiscard]] std::size_t held_bytes() const;

private:
  bool waits_ = false;
  std::uint64_t number_ = 0; // Of the last request.
  framing how_;
  steady_time since_;
  std::optional<answer> what_;
  std::shared_ptr<client_stream> stream_;
};

} // namespace stravasync::http
