#include "adapters/http/shard.hpp"

#include "adapters/http/session.hpp"

#include <malloc.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace stravasync::http {

namespace {

/// Above the limit so many connections may still ask how the node is; the rest
/// is closed without a word.
constexpr auto spare_connections_max = std::size_t{64};

/// Giving memory back takes some milliseconds, so not all the time.
constexpr auto trim_interval = std::chrono::seconds{1};

/// How often deadlines are looked at: late by an eighth at most, and by less
/// when somebody waits for the end.
milliseconds sweep_interval(const server_options& options, bool draining) {
  if (draining)
    return milliseconds{25};
  auto shortest = std::min({options.header_timeout, options.idle_timeout,
                            options.stream_comment_interval});
  return std::clamp(shortest / 8, milliseconds{5}, milliseconds{500});
}

} // namespace

shard::shard(const server_options& settings, const handler& serve,
             log& where_to_log, std::shared_ptr<load> counts)
  : options{settings},
    on_request{serve},
    logger{where_to_log},
    writer{settings.headers},
    loop_{std::make_shared<io_loop>()},
    timer_{loop_->context} {
  loop_->counts = std::move(counts);
}

shard::~shard() = default;

void shard::add(stream_socket socket) {
  auto open = loop_->counts->connections.fetch_add(1) + 1;
  if (draining_ || open > options.connections_max + spare_connections_max) {
    loop_->counts->connections.fetch_sub(1);
    return;
  }
  auto client = std::make_shared<session>(*this, std::move(socket),
                                          open > options.connections_max);
  sessions_.insert(client);
  client->advance();
  sweep_later();
}

void shard::remove(const std::shared_ptr<session>& which) {
  if (sessions_.erase(which) == 0)
    return;
  auto& counts = *loop_->counts;
  (which->streams() ? counts.streams : counts.connections).fetch_sub(1);
  if (sessions_.empty() && on_empty_)
    on_empty_();
}

void shard::now_streams() {
  loop_->counts->streams.fetch_add(1);
  loop_->counts->connections.fetch_sub(1);
}

void shard::drain(std::function<void()> empty) {
  draining_ = true;
  if (sessions_.empty())
    return empty();
  on_empty_ = std::move(empty);
  for (const auto& client : std::vector(sessions_.begin(), sessions_.end()))
    client->drain();
  timer_.cancel();
}

void shard::close_all() {
  for (const auto& client : std::vector(sessions_.begin(), sessions_.end()))
    client->close();
  timer_.cancel();
}

void shard::sweep_later() {
  // No timer runs while nobody is connected and nothing is to be done.
  auto idle = sessions_.empty() && !loop_->counts->trim_due.load();
  if (sweeping_ || idle || (draining_ && sessions_.empty()))
    return;
  sweeping_ = true;
  timer_.expires_after(sweep_interval(options, draining_));
  // Cancelled, it looks at once: the interval has changed.
  timer_.async_wait([this](const boost::system::error_code&) {
    sweeping_ = false;
    sweep();
  });
}

void shard::sweep() {
  auto now = std::chrono::steady_clock::now();
  // A copy, since a session that is over leaves the set.
  for (const auto& client : std::vector(sessions_.begin(), sessions_.end()))
    client->sweep(now);
  give_memory_back(now);
  sweep_later();
}

void shard::give_memory_back(steady_time now) {
  auto& counts = *loop_->counts;
  if (now - trimmed_at_ < trim_interval
      || counts.held_bytes.load() >= session::worth_trimming_bytes
      || !counts.trim_due.exchange(false))
    return;
  // What was freed in between stays with the process otherwise.
  ::malloc_trim(0);
  trimmed_at_ = now;
}

} // namespace stravasync::http
