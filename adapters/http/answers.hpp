#pragma once

#include "adapters/http/client_stream.hpp"
#include "adapters/http/response_text.hpp"
#include "adapters/http/server.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <variant>

/// @file
/// The answers of one connection: given in any order, sent in the order of the
/// requests (RFC 9112, 9.3.2).

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

/// Requests of one connection that are not answered on the wire yet.
class answer_queue {
public:
  /// How the connection goes on after what `collect` wrote.
  enum class outcome : std::uint8_t { go_on, end, cut };

  /// Adds a request. @returns its number.
  std::uint64_t add(framing how, steady_time now);

  /// Answers a request, once; later answers are ignored.
  void give(std::uint64_t number, answer what);

  /// Moves what can be sent into `out`. With `last`, the answer that leaves
  /// nothing waiting says that the connection closes.
  outcome collect(std::string& out, std::string_view date, bool last);

  /// Answers the requests that wait since `since` or longer with a 504.
  void give_up(steady_time since);

  /// The client is gone: tells every stream that was opened for it.
  void drop();

  /// The stream the connection has become, if it has.
  [[nodiscard]] const std::shared_ptr<client_stream>& stream() const {
    return stream_;
  }

  [[nodiscard]] std::size_t size() const {
    return slots_.size();
  }

private:
  struct slot {
    framing how;
    steady_time since;
    bool ready = false;
    answer what;
  };

  std::deque<slot> slots_;
  std::uint64_t first_ = 0; // Number of the front slot.
  std::shared_ptr<client_stream> stream_;
};

} // namespace stravasync::http
