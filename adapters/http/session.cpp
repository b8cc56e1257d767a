#include "adapters/http/session.hpp"

#include "adapters/http/shard.hpp"
#include "adapters/http/ticket.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>

#include <exception>
#include <utility>

namespace stravasync::http {

namespace {

using phase = request_reader::phase;
using std::chrono::steady_clock;

/// Read at once: what most requests fit in, and more of a body.
constexpr auto read_bytes = std::size_t{4} * 1024;
constexpr auto read_body_bytes = std::size_t{16} * 1024;
/// Pipelined requests of one client that may wait for their answers, and the
/// bytes of answers that may wait for the client, before we stop reading.
constexpr auto waiting_max = std::size_t{32};
constexpr auto output_bytes_max = std::size_t{1024} * 1024;
/// How long we listen after the last answer: closing while the client still
/// sends would destroy what it has not read yet (RFC 9112, 9.6).
constexpr auto linger = milliseconds{250};

/// A limit is reached; the next second may be better.
response busy(std::string detail) {
  return to_response({.status = 503,
                      .code = "exhausted",
                      .detail = std::move(detail),
                      .retry_after = milliseconds{1'000}});
}

} // namespace

session::session(shard& home, stream_socket socket)
  : home_{home},
    socket_{std::move(socket)},
    reader_{home.options},
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
  return !ending_ && !answers_.stream();
}

bool session::is_over() const {
  if (answers_.stream())
    return home_.draining();
  return answers_.size() == 0
         && (ending_ || (home_.draining() && !receiving()));
}

bool session::has_room() const {
  return answers_.size() < waiting_max && output_.size() < output_bytes_max;
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
    auto was_full = !has_room();
    collect();
    send();
    again = was_full && !closed_ && !writing_ && wants_requests() && has_room();
  }
  advancing_ = false;
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
  ending_ = !what.keep_alive;
  auto number = answers_.add({.http_1_0 = reader_.http_1_0(),
                              .keep_alive = what.keep_alive,
                              .with_body = what.method != "HEAD"},
                             active_at_);
  auto& counts = *home_.loop()->counts;
  if (counts.in_flight.load(std::memory_order_relaxed)
      >= home_.options.in_flight_max) {
    answers_.give(number, busy("too many requests in flight"));
    return;
  }
  auto right = std::make_shared<ticket>(home_.loop(), weak_from_this(), number);
  try {
    home_.on_request(std::move(what), std::move(right));
  } catch (const std::exception& error) {
    // The dropped ticket has answered 500.
    home_.logger.error("a request handler failed", {{"error", error.what()}});
  }
}

void session::fail(const problem& why) {
  ending_ = true;
  answers_.give(answers_.add({.keep_alive = false}, active_at_),
                to_response(why));
}

void session::refuse() {
  ending_ = true;
  answers_.give(answers_.add({.keep_alive = false}, active_at_),
                busy("too many connections"));
  advance();
}

void session::take_answer(std::uint64_t number, answer what) {
  if (closed_) {
    if (auto* open = std::get_if<stream_answer>(&what))
      open->stream->close();
    return;
  }
  answers_.give(number, std::move(what));
  advance();
}

void session::read() {
  auto wanted = lingering_ || answers_.stream() || (!ending_ && has_room());
  if (reading_ || peer_done_ || !wanted)
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
  if (error || lingering_ || answers_.stream()) {
    // Nobody reads what comes after the last request.
    peer_done_ = error.failed();
    ending_ = true;
    if (peer_done_ && (lingering_ || answers_.stream()))
      return close();
    return advance();
  }
  active_at_ = steady_clock::now();
  input_.commit(bytes);
  advance();
}

void session::drain() {
  if (!receiving() && answers_.size() == 0 && output_.size() == 0
      && !answers_.stream())
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
  answers_.drop();
  home_.remove(self);
}

void session::sweep(steady_time now) {
  const auto& options = home_.options;
  auto silent = now - active_at_;
  if (lingering_)
    return silent >= linger ? close() : void();
  if (writing_)
    return silent >= options.idle_timeout ? close() : void();
  if (answers_.stream()) {
    if (now - commented_at_ < options.stream_comment_interval)
      return;
    commented_at_ = now;
    output_.text() += ":\n\n";
    return advance();
  }
  if (answers_.size() > 0 && options.answer_timeout.count() > 0)
    answers_.give_up(now - options.answer_timeout);
  auto patience = reader_.at() == phase::header ? options.header_timeout
                                                : options.idle_timeout;
  if (!ending_ && answers_.size() == 0) {
    if (reader_.at() == phase::idle && silent >= options.idle_timeout)
      return close();
    if (reader_.at() != phase::idle && now - request_since_ >= patience)
      fail({.status = 408,
            .code = "request_too_slow",
            .detail = "the request took too long to arrive"});
  }
  advance();
}

} // namespace stravasync::http
