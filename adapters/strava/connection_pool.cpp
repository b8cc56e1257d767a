#include "adapters/strava/connection_pool.hpp"

#include "messages/error.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace stravasync::strava {

namespace asio = boost::asio;
using std::chrono::steady_clock;

struct connection_pool::call {
  call(asio::io_context& io, outgoing_request asked, handler then)
    : request(std::move(asked)),
      done(std::move(then)),
      deadline(io) {
  }

  outgoing_request request;
  handler done; // Empty: completed.
  asio::steady_timer deadline;
  connection_ptr on; // Null: waiting for one.
  std::uint32_t sent_count = 0;
};

connection_pool::connection_pool(endpoint to,
                                 std::shared_ptr<asio::ssl::context> tls,
                                 pool_options options)
  : to_(std::move(to)),
    options_(std::move(options)),
    tls_(std::move(tls)),
    work_(io_.get_executor()),
    idle_timer_(io_),
    thread_([this] { io_.run(); }) {
}

// Out of memory or a broken thread here is the end, and may be.
// NOLINTNEXTLINE(bugprone-exception-escape)
connection_pool::~connection_pool() {
  asio::post(io_, [this] { shut_down(); });
  thread_.join();
}

void connection_pool::submit(outgoing_request request, handler done) {
  auto what = std::make_shared<call>(io_, std::move(request), std::move(done));
  asio::post(io_, [this, what] { admit(what); });
}

void connection_pool::post(std::function<void()> task) {
  asio::post(io_, std::move(task));
}

void connection_pool::admit(const call_ptr& what) {
  calls_.insert(what);
  if (stopping_) {
    end_with(what, {}, make_failure(ec::unavailable, "the client has stopped"));
    return;
  }
  what->deadline.expires_after(options_.request_timeout);
  what->deadline.async_wait([this, what](boost::system::error_code error) {
    if (!error && what->done)
      on_deadline(what);
  });
  waiting_.push_back(what);
  dispatch();
}

void connection_pool::dispatch() {
  while (!waiting_.empty()) {
    auto line = take_idle();
    if (!line && open_ < options_.connections_max)
      line = open();
    if (!line)
      return;
    auto what = std::move(waiting_.front());
    waiting_.pop_front();
    run(what, line);
  }
}

connection_pool::connection_ptr connection_pool::take_idle() {
  while (!idle_.empty()) {
    // The one used last is the least likely to be closed by now.
    auto line = std::move(idle_.back().line);
    idle_.pop_back();
    if (line->is_quiet())
      return line;
    release(line, false);
  }
  return nullptr;
}

connection_pool::connection_ptr connection_pool::open() {
  ++open_;
  return std::make_shared<connection>(io_, to_, tls_.get(),
                                      options_.connection);
}

void connection_pool::run(const call_ptr& what, const connection_ptr& on) {
  what->on = on;
  on->run(what->request, [this, what](exchange result) {
    on_exchange(what, std::move(result));
  });
}

void connection_pool::on_exchange(const call_ptr& what, exchange result) {
  auto line = std::exchange(what->on, nullptr);
  if (result.reached != progress::connecting)
    ++what->sent_count;
  auto stale = result.reached == progress::sent && line->is_used();
  release(line, result.reusable);
  if (stale && !what->request.post && what->sent_count == 1)
    run(what, open());
  else
    finish(what, std::move(result));
  dispatch();
}

void connection_pool::on_deadline(const call_ptr& what) {
  auto limit = " within " + std::to_string(options_.request_timeout.count())
               + " ms";
  exchange last;
  if (auto line = std::exchange(what->on, nullptr)) {
    last = line->abandon();
    release(line, false);
  } else {
    std::erase(waiting_, what);
  }
  if (last.reached != progress::connecting)
    ++what->sent_count;
  if (what->sent_count == 0)
    end_with(
      what, last,
      make_failure(ec::unavailable, "no connection to " + to_.name() + limit));
  else
    end_with(what, last,
             make_failure(ec::timed_out,
                          "no complete answer from " + to_.name() + limit));
  dispatch();
}

void connection_pool::release(const connection_ptr& line, bool reusable) {
  if (!reusable || stopping_) {
    line->abandon();
    --open_;
    return;
  }
  idle_.push_back({line, steady_clock::now() + options_.idle_timeout});
  if (idle_.size() == 1)
    drop_expired();
}

void connection_pool::drop_expired() {
  while (!idle_.empty() && idle_.front().expires_at <= steady_clock::now()) {
    auto line = std::move(idle_.front().line);
    idle_.pop_front();
    release(line, false);
  }
  if (idle_.empty())
    return;
  idle_timer_.expires_at(idle_.front().expires_at);
  idle_timer_.async_wait([this](boost::system::error_code error) {
    if (!error)
      drop_expired();
  });
}

void connection_pool::finish(const call_ptr& what, exchange result) {
  auto problem = to_.name() + ": " + result.problem;
  caf::error failure;
  switch (result.reached) {
    case progress::connecting:
    case progress::sent:
      failure = make_failure(ec::unavailable, std::move(problem));
      break;
    case progress::answering:
      // An error's status says enough, even if its body is incomplete.
      if (result.status < 400)
        failure = make_failure(ec::upstream_failed, std::move(problem));
      break;
    case progress::answered:
      break;
  }
  if (failure) {
    end_with(what, result, std::move(failure));
    return;
  }
  pool_answer answer;
  answer.report = {true, result.status, result.usage, what->sent_count};
  answer.location = std::move(result.location);
  answer.body = std::move(result.body);
  what->deadline.cancel();
  calls_.erase(what);
  std::exchange(what->done, nullptr)(std::move(answer));
}

void connection_pool::end_with(const call_ptr& what, const exchange& last,
                               caf::error why) {
  pool_answer answer;
  answer.report = {what->sent_count > 0, last.status, last.usage,
                   what->sent_count};
  answer.failure = std::move(why);
  answer.too_large = last.too_large;
  if (last.too_large)
    answer.body = last.body;
  what->deadline.cancel();
  calls_.erase(what);
  std::exchange(what->done, nullptr)(std::move(answer));
}

void connection_pool::shut_down() {
  stopping_ = true;
  work_.reset();
  waiting_.clear();
  auto calls = std::vector<call_ptr>(calls_.begin(), calls_.end());
  for (const auto& what : calls) {
    exchange last;
    if (auto line = std::exchange(what->on, nullptr)) {
      last = line->abandon();
      release(line, false);
    }
    if (last.reached != progress::connecting)
      ++what->sent_count;
    end_with(what, last,
             make_failure(ec::unavailable, "the client was stopped"));
  }
  while (!idle_.empty()) {
    release(idle_.front().line, false);
    idle_.pop_front();
  }
  idle_timer_.cancel();
}

} // namespace stravasync::strava
