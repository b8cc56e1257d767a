#include "adapters/http/answers.hpp"

#include "adapters/http/problem.hpp"

#include <utility>

namespace stravasync::http {

std::uint64_t open_request::begin(framing how, steady_time now) {
  waits_ = true;
  how_ = how;
  since_ = now;
  return ++number_;
}

void open_request::give(std::uint64_t number, answer what) {
  if (waits_ && number == number_ && !what_)
    what_ = std::move(what);
}

open_request::outcome
open_request::collect(std::string& out, response_writer& writer, bool last) {
  if (!what_)
    return outcome::go_on;
  waits_ = false;
  auto done = *std::exchange(what_, std::nullopt);
  if (auto* cut = std::get_if<abort_answer>(&done)) {
    out += cut->garbage;
    return outcome::cut;
  }
  if (auto* open = std::get_if<stream_answer>(&done)) {
    writer.append_stream_head(out);
    if (!how_.with_body) {
      open->stream->close();
      return outcome::end;
    }
    stream_ = std::move(open->stream);
    return outcome::go_on;
  }
  if (last)
    how_.keep_alive = false;
  writer.append(out, std::get<response>(done), how_);
  return how_.keep_alive ? outcome::go_on : outcome::end;
}

void open_request::give_up(steady_time since) {
  if (waits_ && !what_ && since_ <= since)
    what_ = to_response({.status = 504,
                         .code = "timed_out",
                         .detail = "the answer took too long; the outcome is "
                                   "unknown"});
}

void open_request::drop() {
  waits_ = false;
  if (auto what = std::exchange(what_, std::nullopt))
    if (auto* open = std::get_if<stream_answer>(&*what))
      open->stream->close();
  if (auto stream = std::exchange(stream_, nullptr))
    stream->close();
}

std::size_t open_request::held_bytes() const {
  const auto* text = what_ ? std::get_if<response>(&*what_) : nullptr;
  return text == nullptr ? 0 : text->body.capacity();
}

} // namespace stravasync::http
