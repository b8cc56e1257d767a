#include "adapters/http/session.hpp"

#include "adapters/http/problem.hpp"
#include "adapters/http/shard.hpp"
#include "adapters/http/ticket.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/socket_base.hpp>

#include <exception>
#include <utility>

namespace stravasync::http {

namespace {

using phase = request_reader::phase;
using std::chrono::steady_clock;

/// Read at once.
constexpr auto read_bytes = std::size_t{8} * 1024;
/// Pipelined requests of one client that may wait for their answers, and the
/// bytes of answers that may wait for the client, before we stop reading.
constexpr auto waiting_max = std::size_t{32};
constexpr auto output_bytes_max = std::size_t{1024} * 1024;
/// A buffer that grew beyond this is given back.
constexpr auto kept_bytes_max = std::size_t{64} * 1024;
/// How long we listen after the last answer: closing while the client still
/// sends would destroy what it has not read yet (RFC 9112, 9.6).
constexpr auto linger = milliseconds{250};

std::string code_of_fault(int status) {
  switch (status) {
    case 408:
      return "request_too_slow";
    case 413:
      return "body_too_large";
    case 417:
      return "expectation_failed";
    case 431:
      return "header_too_large";
    case 501:
      return "not_implemented";
    default:
      return "bad_request";
  }
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
  return answers_.size() < waiting_max
         && output_.size() + sending_.size() < output_bytes_max;
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
      fail(reader_.fault().status, reader_.fault().detail);
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
    answers_.give(number, to_response({.status = 503,
                                       .code = "exhausted",
                                       .detail = "too many requests in flight",
                                       .retry_after = milliseconds{1'000}}));
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

void session::fail(int status, std::string detail) {
  ending_ = true;
  auto number = answers_.add({.http_1_0 = false, .keep_alive = false},
                             active_at_);
  answers_.give(number, to_response({.status = status,
                                     .code = code_of_fault(status),
                                     .detail = std::move(detail)}));
}

void session::refuse() {
  ending_ = true;
  auto number = answers_.add({.keep_alive = false}, active_at_);
  answers_.give(number, to_response({.status = 503,
                                     .code = "exhausted",
                                     .detail = "too many connections",
                                     .retry_after = milliseconds{1'000}}));
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

void session::collect() {
  if (cutting_ || lingering_)
    return;
  if (!answers_.stream()) {
    auto last = ending_ || (home_.draining() && !receiving());
    switch (answers_.collect(output_, home_.date.now(), last)) {
      case answer_queue::outcome::cut:
        cutting_ = true;
        ending_ = true;
        return;
      case answer_queue::outcome::end:
        ending_ = true;
        break;
      case answer_queue::outcome::go_on:
        break;
    }
    if (continue_owed_ && answers_.size() == 0) {
      output_ += "HTTP/1.1 100 Continue\r\n\r\n";
      continue_owed_ = false;
    }
  }
  if (answers_.stream())
    answers_.stream()->take(output_);
}

void session::send() {
  if (writing_ || closed_)
    return;
  while (!output_.empty()) {
    sending_.swap(output_);
    sent_ = 0;
    // Mostly the socket takes all at once, and the loop is not needed.
    error_code error;
    sent_ = socket_.write_some(asio::buffer(sending_), error);
    if (error && error != asio::error::would_block)
      return close();
    if (sent_ < sending_.size())
      return send_rest();
    all_sent();
  }
  if (cutting_ || is_over())
    finish();
}

void session::send_rest() {
  writing_ = true;
  auto rest = asio::buffer(sending_) + sent_;
  socket_.async_write_some(
    rest, [self = shared_from_this()](const error_code& error, std::size_t n) {
      self->writing_ = false;
      if (self->closed_)
        return;
      if (error)
        return self->close();
      self->active_at_ = steady_clock::now();
      self->sent_ += n;
      if (self->sent_ < self->sending_.size())
        return self->send_rest();
      self->all_sent();
      self->advance();
    });
}

void session::all_sent() {
  active_at_ = steady_clock::now();
  if (answers_.stream())
    answers_.stream()->sent(sending_.size());
  if (sending_.capacity() > kept_bytes_max)
    sending_ = {};
  sending_.clear();
}

void session::read() {
  auto wanted = lingering_ || answers_.stream() || (!ending_ && has_room());
  if (reading_ || peer_done_ || !wanted)
    return;
  reading_ = true;
  socket_.async_read_some(
    input_.prepare(read_bytes),
    [self = shared_from_this()](const error_code& error, std::size_t bytes) {
      self->on_read(error, bytes);
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

void session::finish() {
  if (cutting_ || peer_done_)
    return close();
  if (lingering_)
    return;
  error_code error;
  socket_.shutdown(asio::socket_base::shutdown_send, error);
  if (error)
    return close();
  lingering_ = true;
  ending_ = true;
  active_at_ = steady_clock::now();
}

void session::drain() {
  if (!receiving() && answers_.size() == 0 && output_.empty()
      && sending_.empty() && !answers_.stream())
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
    output_ += ":\n\n";
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
      fail(408, "the request took too long to arrive");
  }
  advance();
}

} // namespace stravasync::http
