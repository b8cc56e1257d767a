#include "adapters/http/ticket.hpp"

#include "adapters/http/problem.hpp"
#include "adapters/http/session.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace stravasync::http {

namespace {

/// Such an answer is given whatever is held: it may say why there is no other.
constexpr auto small_bytes = std::size_t{4} * 1024;

/// Counts an answer from its making on, and takes one away that is too much.
/// @returns what it counted.
std::size_t weigh(load& counts, answer& what) {
  auto* text = std::get_if<response>(&what);
  if (text == nullptr || text->body.size() <= small_bytes)
    return 0;
  auto bytes = text->body.capacity();
  counts.held_bytes.fetch_add(bytes);
  if (!counts.too_much_is_held())
    return bytes;
  counts.held_bytes.fetch_sub(bytes);
  what = to_response(
    too_busy("too many answers wait for clients that do not read them"));
  return 0;
}

void hand_over(const std::weak_ptr<session>& client, std::uint64_t number,
               answer what) {
  if (auto reader = client.lock())
    reader->take_answer(number, std::move(what));
  else if (auto* open = std::get_if<stream_answer>(&what))
    open->stream->close();
}

} // namespace

ticket::ticket(std::shared_ptr<io_loop> loop, std::weak_ptr<session> client,
               std::uint64_t number)
  : loop_{std::move(loop)},
    client_{std::move(client)},
    number_{number} {
  loop_->counts->in_flight.fetch_add(1, std::memory_order_relaxed);
}

// Out of memory for so short an answer is the end, and may be.
// NOLINTNEXTLINE(bugprone-exception-escape)
ticket::~ticket() {
  if (!used_.load())
    deliver(to_response({.detail = "the request was dropped unanswered"}));
}

void ticket::send(response what) {
  deliver(std::move(what));
}

std::shared_ptr<event_stream> ticket::open_stream() {
  auto stream = std::make_shared<client_stream>(loop_, client_);
  deliver(stream_answer{stream});
  return stream;
}

void ticket::abort(std::string garbage) {
  deliver(abort_answer{std::move(garbage)});
}

void ticket::deliver(answer what) {
  if (used_.exchange(true))
    return;
  loop_->counts->in_flight.fetch_sub(1, std::memory_order_relaxed);
  auto bytes = weigh(*loop_->counts, what);
  // Weak, for the loop must not keep alive what keeps the loop alive.
  auto run = [client = client_, number = number_, what = std::move(what),
              counts = loop_->counts, bytes]() mutable {
    counts->held_bytes.fetch_sub(bytes); // The session counts it now.
    hand_over(client, number, std::move(what));
  };
  if (loop_->context.get_executor().running_in_this_thread())
    return run();
  asio::post(loop_->context, std::move(run));
}

} // namespace stravasync::http
