#include "adapters/http/answers.hpp"

#include "adapters/http/problem.hpp"

#include <utility>

namespace stravasync::http {

std::uint64_t answer_queue::add(framing how, steady_time now) {
  slots_.push_back({.how = how, .since = now});
  return first_ + slots_.size() - 1;
}

void answer_queue::give(std::uint64_t number, answer what) {
  if (number < first_ || number - first_ >= slots_.size())
    return;
  auto& asked = slots_[static_cast<std::size_t>(number - first_)];
  if (asked.ready)
    return;
  asked.ready = true;
  asked.what = std::move(what);
}

answer_queue::outcome
answer_queue::collect(std::string& out, std::string_view date, bool last) {
  while (!slots_.empty() && slots_.front().ready) {
    auto done = std::move(slots_.front());
    slots_.pop_front();
    ++first_;
    if (auto* cut = std::get_if<abort_answer>(&done.what)) {
      out += cut->garbage;
      return outcome::cut;
    }
    if (auto* open = std::get_if<stream_answer>(&done.what)) {
      append_stream_head(out, date);
      if (!done.how.with_body) {
        open->stream->close();
        return outcome::end;
      }
      stream_ = std::move(open->stream);
      return outcome::go_on;
    }
    if (last && slots_.empty())
      done.how.keep_alive = false;
    append_response(out, std::get<response>(done.what), done.how, date);
    if (!done.how.keep_alive)
      return outcome::end;
  }
  return outcome::go_on;
}

void answer_queue::give_up(steady_time since) {
  for (std::size_t i = 0; i < slots_.size(); ++i)
    if (!slots_[i].ready && slots_[i].since <= since)
      give(first_ + i,
           to_response({.status = 504,
                        .code = "timed_out",
                        .detail = "the answer took too long; the outcome is "
                                  "unknown"}));
}

void answer_queue::drop() {
  for (auto slots = std::exchange(slots_, {}); auto& asked : slots)
    if (auto* open = std::get_if<stream_answer>(&asked.what))
      open->stream->close();
  if (auto stream = std::exchange(stream_, nullptr))
    stream->close();
}

} // namespace stravasync::http
