#include "adapters/http/session.hpp"

#include "adapters/http/shard.hpp"
#include "adapters/http/ticket.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <utility>

namespace stravasync::http {

namespace {

using phase = request_reader::phase;
using std::chrono::steady_clock;

/// Read at once: what most requests fit in, and more of a body.
constexpr auto read_bytes = std::size_t{4} * 1024;
constexpr auto read_body_bytes = std::size_t{16} * 1024;
/// Read ahead of a request that is not answered yet: less than that.
constexpr auto read_ahead_bytes = read_bytes;
/// For the one request of a connection above the limit to arrive.
constexpr auto surplus_patience = milliseconds{2'000};
/// What a slow reader of events may hold while memory is short.
constexpr auto slow_reader_bytes = std::size_t{64} * 1024;
/// How long we listen after the last answer: closing while the client still
/// sends would destroy what it has not read yet (RFC 9112, 9.6).
constexpr auto linger = milliseconds{250};

/// @returns who is connected: an address, or "unix".
std::string peer_of(const stream_socket& socket) {
  boost::system::error_code gone;
  auto from = socket.remote_endpoint(gone);
  if (gone || from.size() > sizeof(sockaddr_in6)
      || (from.protocol().family() != AF_INET
          && from.protocol().family() != AF_INET6))
    return "unix";
  asio::ip::tcp::endpoint address;
  std::memcpy(address.data(), from.data(), from.size());
  return address.address().to_string();
}

} // namespace

session::session(shard& home, stream_socket socket, bool surplus)
  : home_{home},
    socket_{std::move(socket)},
    peer_{peer_of(socket_)},
    reader_{home.options},
    surplus_{surplus},
    request_since_{steady_clock::now()},
    active_at_{request_since_},
    commented_at_{request_since_} {
  error_code ignored; // A socket that is broken fails at its first use.
  socket_.non_blocking(true, ignored);
}

bool session::receiving() const {
  return input_.size() > 0 || reader_.at() != phase::idle;
}

bool session::wants_requests() const {
  return !ending_ && !open_.stream();
}

bool session::is_over() const {
  if (open_.stream())
    return home_.draining();
  return !open_.waits() && (ending_ || (home_.draining() && !receiving()));
}

bool session::has_room() const {
  return !open_.waits() && output_.size() == 0;
}

bool session::wants_bytes() const {
  if (lingering_ || open_.stream())
    return true;
  return !ending_ && (has_room() || input_.size() < read_ahead_bytes);
}

bool session::too_much_is_held() const {
  return home_.loop()->counts->too_much_is_held();
}

void session::advance() {
  if (advancing_ || closed_)
    return;
  auto self = shared_from_this(); // Lest closing destroys what runs.
  advancing_ = true;
  auto again = true;
  while (again) {
    while (wants_requests() && has_room() && take_request()) {
    }
    // What is left is the beginning of a request whose end will not come.
    if (peer_done_ && has_room())
      ending_ = true;
    auto was_full = !has_room();
    collect();
    send();
    again = was_full && !closed_ && !writing_ && wants_requests() && has_room();
  }
  advancing_ = false;
  count_held_bytes();
  if (open_.stream() && output_.size() > slow_reader_bytes
      && too_much_is_held())
    close();
  if (!closed_)
    read();
}

bool session::take_request() {
  if (input_.size() == 0)
    return false;
  auto before = reader_.at();
  auto data = input_.cdata();
  input_.consume(
    reader_.feed({static_cast<const char*>(data.data()), data.size()}));
  if (before == phase::idle
      || (before == phase::header && reader_.at() == phase::body))
    request_since_ = active_at_;
  switch (reader_.at()) {
    case phase::idle:
    case phase::header:
      return false;
    case phase::body:
      if (before != phase::body) {
        continue_owed_ = reader_.expects_continue() && input_.size() == 0;
        return input_.size() > 0;
      }
      continue_owed_ = false; // It did not wait.
      if (too_much_is_held())
        fail(too_busy("too much is held in memory"));
      return false;
    case phase::done:
      hand_on();
      return true;
    case phase::failed:
      fail(reader_.fault());
      return false;
  }
  return false;
}

void session::hand_on() {
  continue_owed_ = false;
  auto what = reader_.take();
  what.keep_alive = what.keep_alive && !surplus_;
  what.peer = peer_;
  ending_ = !what.keep_alive;
  auto number = open_.begin({.http_1_0 = reader_.http_1_0(),
                             .keep_alive = what.keep_alive,
                             .with_body = what.method != "HEAD"},
                            active_at_);
  if (const auto* reached = limit_reached(what))
    return open_.give(number, to_response(too_busy(reached)));
  auto right = std::make_shared<ticket>(home_.loop(), weak_from_this(), number);
  try {
    home_.on_request(std::move(what), std::move(right));
  } catch (const std::exception& error) {
    // The dropped ticket has answered 500.
    home_.logger.error("a request handler failed", {{"error", error.what()}});
  }
}

/// @returns why the request cannot be served now, or nullptr.
const char* session::limit_reached(const request& what) const {
  const auto& options = home_.options;
  if (options.spared && options.spared(what))
    return nullptr;
  if (surplus_)
    return "too many connections";
  const auto& counts = *home_.loop()->counts;
  if (counts.in_flight.load(std::memory_order_relaxed) >= options.in_flight_max)
    return "too many requests in flight";
  if (too_much_is_held())
    return "too many answers wait for clients that do not read them";
  return nullptr;
}

void session::fail(const problem& why) {
  ending_ = true;
  open_.give(open_.begin({.keep_alive = false}, active_at_), to_response(why));
}

void session::take_answer(std::uint64_t number, answer what) {
  if (closed_) {
    if (auto* open = std::get_if<stream_answer>(&what))
      open->stream->close();
    return;
  }
  if (auto* open = std::get_if<stream_answer>(&what);
      open != nullptr
      && home_.loop()->counts->streams.load() >= home_.options.streams_max) {
    open->stream->close();
    what = to_response(too_busy("too many event streams"));
  }
  open_.give(number, std::move(what));
  count_held_bytes();
  advance();
}

void session::read() {
  if (reading_ || peer_done_ || !wants_bytes())
    return;
  reading_ = true;
  auto bytes = reader_.at() == phase::body ? read_body_bytes : read_bytes;
  socket_.async_read_some(
    input_.prepare(bytes),
    [self = shared_from_this()](const error_code& error, std::size_t count) {
      self->on_read(error, count);
    });
}

void session::on_read(const error_code& error, std::size_t bytes) {
  reading_ = false;
  if (closed_)
    return;
  if (error && error != asio::error::eof)
    return close();
  if (error) {
    peer_done_ = true;
    return lingering_ || open_.stream() ? close() : advance();
  }
  if (lingering_ || open_.stream())
    return advance(); // Nobody reads what comes after the last request.
  active_at_ = steady_clock::now();
  input_.commit(bytes);
  advance();
}

void session::drain() {
  if (!receiving() && !open_.waits() && output_.size() == 0 && !open_.stream())
    return close();
  advance();
}

void session::close() {
  if (closed_)
    return;
  closed_ = true;
  auto self = shared_from_this();
  error_code ignored; // There is nothing to be done about it.
  socket_.close(ignored);
  open_.drop();
  count_held_bytes();
  home_.remove(self);
}

void session::sweep(steady_time now) {
  const auto& options = home_.options;
  auto silent = now - active_at_;
  if (lingering_)
    return silent >= linger ? close() : void();
  if (writing_)
    return silent >= options.idle_timeout ? close() : void();
  if (open_.stream()) {
    if (now - commented_at_ < options.stream_comment_interval)
      return;
    commented_at_ = now;
    output_.text() += ":\n\n";
    return advance();
  }
  if (open_.waits() && options.answer_timeout.count() > 0)
    open_.give_up(now - options.answer_timeout);
  auto patience = reader_.at() == phase::header ? options.header_timeout
                                                : options.idle_timeout;
  if (surplus_)
    patience = std::min(patience, surplus_patience);
  if (!ending_ && !open_.waits()) {
    if (reader_.at() == phase::idle && silent >= patience)
      return close();
    if (reader_.at() != phase::idle && now - request_since_ >= patience)
      fail({.status = 408,
            .code = "request_too_slow",
            .detail = "the request took too long to arrive"});
  }
  advance();
}

} // namespace stravasync::http
