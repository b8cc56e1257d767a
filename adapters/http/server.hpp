#pragma once

#include "actors/ports/log.hpp"

#include <caf/error.hpp>
#include <caf/expected.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// @file
/// The HTTP server of the product and of the simulator: HTTP/1.1 over TCP and
/// unix sockets. Boost stays behind this header.

namespace stravasync::http {

using std::chrono::milliseconds;

struct request {
  std::string method; // Upper case, as sent.
  std::string target; // As sent, with the query.
  /// Percent-decoded, without the query. An encoded slash stays encoded: it is
  /// part of a name and separates nothing.
  std::string path;
  /// Percent-decoded, in order of appearance; a key may repeat.
  std::vector<std::pair<std::string, std::string>> query;
  /// Names in lower case.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  bool keep_alive = true;
  /// Who is connected: an address, or "unix".
  std::string peer;

  /// @returns the first value, if there is one.
  [[nodiscard]] std::optional<std::string_view>
  query_value(std::string_view name) const;
  [[nodiscard]] std::string_view header_or_empty(std::string_view name) const;
};

struct response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

/// An open event stream (text/event-stream). Copies refer to the same stream;
/// thread-safe.
class event_stream {
public:
  virtual ~event_stream() = default;

  /// Queues `text` to be written. @returns false if the client is gone or so
  /// slow that more than 1 MiB waits (it is then disconnected; it will connect
  /// again and read the current state).
  virtual bool write(std::string_view text) = 0;

  /// Calls `gone` once when the client has gone, or at once if it has.
  virtual void on_close(std::function<void()> gone) = 0;
};

/// Answers one request, exactly once, from any thread. If it is dropped without
/// an answer the client gets a 500.
class responder {
public:
  virtual ~responder() = default;

  virtual void send(response answer) = 0;

  /// Answers 200 with a stream instead; sends `headers` at once. The server
  /// sends a comment line every 15 s (`stream_comment_interval`) so that
  /// proxies keep it open. Above `streams_max` the client gets a 503, and the
  /// stream is one whose client has gone.
  virtual std::shared_ptr<event_stream> open_stream() = 0;

  /// Cuts the connection without an answer; `garbage`, if any, is written
  /// first, raw. For the simulator's faults.
  virtual void abort(std::string garbage = {}) = 0;
};

using handler = std::function<void(request, std::shared_ptr<responder>)>;

struct server_options {
  /// "127.0.0.1:8080", "[::1]:8080", "unix:/path"; port 0 picks a free one.
  std::vector<std::string> listen;
  /// Who may connect to a socket file, as chmod has it, and the group that it
  /// gets, a name or a number; empty: the process's. Nobody else can connect
  /// at any moment.
  std::uint32_t socket_mode = 0660;
  std::string socket_group;
  std::uint32_t io_threads = 1;
  std::size_t header_bytes_max = std::size_t{16} * 1024;
  std::size_t body_bytes_max = std::size_t{1024} * 1024;
  milliseconds header_timeout{10'000}; // From the first byte to the last.
  milliseconds idle_timeout{60'000};   // Keep-alive, and slow bodies/readers.
  /// A handler that takes longer is answered for with 504; 0: no limit.
  milliseconds answer_timeout{60'000};
  milliseconds stream_comment_interval{15'000};
  /// Event streams aside. Above, one request is read; `spared` ones are
  /// answered, others with 503, and the connection ends.
  std::size_t connections_max = 1'024;
  std::size_t streams_max = 512;   // Event streams; above: 503 + Retry-After.
  std::size_t in_flight_max = 512; // Requests; above: 503 + Retry-After.
  /// Bytes of requests and answers that are held for clients, all together;
  /// what would go beyond is answered 503 + Retry-After. Must hold the largest
  /// answer there is.
  std::size_t held_bytes_max = std::size_t{64} * 1024 * 1024;
  /// Which requests are served whatever the limits: cheap ones that tell how
  /// the process is. Empty: none.
  std::function<bool(const request&)> spared;
  /// Of every answer that does not set them itself.
  std::vector<std::pair<std::string, std::string>> headers;
};

/// A running server. The requests of one connection are handed on one after
/// the other, each when the answer before is with the client's system: what a
/// client sends ahead waits unread. Errors it answers by itself, as problem
/// documents (RFC 9457, `application/problem+json`): 400 broken request, 408
/// slow request, 413 body, 417 unknown expectation, 431 header, 500 dropped
/// responder, 501 transfer codings it does not know, 503 too many, 504 slow
/// handler.
class server {
public:
  virtual ~server() = default; // Stops at once.

  /// Where it listens, with the ports that were picked.
  [[nodiscard]] virtual std::vector<std::string> addresses() const = 0;

  /// Takes no new connection, finishes requests in flight within `deadline`
  /// (each answer then says `Connection: close`), closes event streams, ends.
  /// Blocks; call once.
  virtual void stop(milliseconds deadline) = 0;

  /// Requests handed to the handler and not answered yet.
  [[nodiscard]] virtual std::size_t in_flight() const = 0;

  /// What `held_bytes_max` limits.
  [[nodiscard]] virtual std::size_t held_bytes() const = 0;
};

/// Starts listening. `on_request` runs on an I/O thread and must not block.
/// Fails with `ec::unavailable` (address in use or not permitted; the detail
/// names it) or `ec::invalid_argument` (no such address form).
[[nodiscard]] caf::expected<std::unique_ptr<server>>
start_server(server_options options, handler on_request, log& log);

} // namespace stravasync::http
