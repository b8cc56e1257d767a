#include "adapters/http/session.hpp"
#include "adapters/http/shard.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/socket_base.hpp>

#include <utility>

/// @file
/// The half of a session that answers.

namespace stravasync::http {

using std::chrono::steady_clock;

void session::collect() {
  if (cutting_ || lingering_)
    return;
  if (!open_.stream()) {
    auto last = ending_ || (home_.draining() && !receiving());
    switch (open_.collect(output_.text(), home_.writer, last)) {
      case open_request::outcome::cut:
        cutting_ = true;
        ending_ = true;
        return;
      case open_request::outcome::end:
        ending_ = true;
        break;
      case open_request::outcome::go_on:
        break;
    }
    if (continue_owed_ && !open_.waits()) {
      output_.text() += "HTTP/1.1 100 Continue\r\n\r\n";
      continue_owed_ = false;
    }
  }
  if (!open_.stream())
    return;
  if (!std::exchange(streams_, true))
    home_.now_streams();
  open_.stream()->take(output_.text());
}

void session::count_held_bytes() {
  auto held = closed_ ? 0
                      : input_.size() + reader_.held_bytes()
                          + open_.held_bytes() + output_.held_bytes();
  auto& counts = *home_.loop()->counts;
  // Unsigned arithmetic: what is less than before is taken away.
  auto all = counts.held_bytes.fetch_add(held - counted_bytes_) + held
             - counted_bytes_;
  counted_bytes_ = held;
  if (all > worth_trimming_bytes)
    counts.trim_due = true;
}

void session::send() {
  if (writing_ || closed_)
    return;
  // Mostly the socket takes all at once, and the loop is not needed.
  std::size_t bytes = 0;
  auto outcome = output_.send(socket_, bytes);
  if (bytes > 0)
    note_sent(bytes);
  switch (outcome) {
    case outgoing::outcome::broken:
      return close();
    case outgoing::outcome::blocked:
      return send_rest();
    case outgoing::outcome::all_sent:
      break;
  }
  if (cutting_ || is_over())
    finish();
}

void session::send_rest() {
  writing_ = true;
  auto done = [self = shared_from_this()](const error_code& error,
                                          std::size_t bytes) {
    self->writing_ = false;
    if (self->closed_)
      return;
    if (error)
      return self->close();
    self->output_.add_sent(bytes);
    self->note_sent(bytes);
    self->advance();
  };
  socket_.async_write_some(output_.rest(), std::move(done));
}

void session::note_sent(std::size_t bytes) {
  active_at_ = steady_clock::now();
  if (open_.stream())
    open_.stream()->sent(bytes);
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

} // namespace stravasync::http
