#include "adapters/jetstream/dialing.hpp"

#include "messages/error.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <system_error>
#include <utility>

namespace stravasync::jetstream {

namespace {

using namespace std::chrono_literals;

constexpr auto look_period = 100ms;
constexpr auto long_handshake = 1s; // What fails after it failed by it.
constexpr auto end_wait = 500ms; // For an attempt whose socket was shut down.
constexpr auto left_behind_max = 8;

/// Attempts that nobody waits for any more and that hang still: of the whole
/// process, for it is its threads that they hold.
// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables)
std::atomic<int> left_behind = 0;

} // namespace

/// Shared with the thread, which may outlive whoever began it.
struct dialing::progress {
  std::mutex mutex;
  std::condition_variable changed;
  std::optional<result> over;
  bool left = false;
};

dialing::dialing(options how)
  : how_{std::move(how)},
    progress_{std::make_shared<progress>()},
    sockets_{how_.ports} {
  if (left_behind >= left_behind_max) {
    progress_->over = make_failure(
      ec::unavailable, "earlier attempts to connect to NATS hang still");
    return;
  }
  try {
    start();
  } catch (const std::system_error& e) {
    progress_->over = make_failure(
      ec::unavailable, std::string{"no thread can be made: "} + e.what());
  }
}

void dialing::start() {
  thread_ = std::thread{[to = progress_, attempt = std::move(how_.attempt),
                         on_end = std::move(how_.on_end)]() mutable {
    auto got = attempt();
    attempt = nullptr;
    // The library keeps something for each thread that called it.
    nats_ReleaseThreadMemory();
    {
      auto lock = std::lock_guard{to->mutex};
      if (to->left)
        --left_behind; // What came of it is closed with `got`.
      else
        to->over = std::move(got);
    }
    to->changed.notify_all();
    if (on_end)
      on_end();
  }};
}

dialing::~dialing() {
  if (!thread_.joinable())
    return;
  {
    auto is_over = [this] { return progress_->over.has_value(); };
    auto lock = std::unique_lock{progress_->mutex};
    // What was opened is in use, or was closed, if it is over.
    if (!is_over())
      sockets_.shut_down(0ms);
    if (!progress_->changed.wait_for(lock, end_wait, is_over)) {
      progress_->left = true;
      ++left_behind;
      thread_.detach();
      return;
    }
  }
  thread_.join();
}

std::optional<dialing::result> dialing::look() {
  {
    auto lock = std::lock_guard{progress_->mutex};
    if (auto& over = progress_->over) {
      if (!*over && hung_ && code_of(over->error()) == ec::unavailable)
        return make_failure(ec::unavailable,
                            "NATS at " + how_.servers
                              + " does not finish the handshake");
      return std::move(*over);
    }
  }
  // Later versions of the library end some handshakes themselves.
  hung_ |= sockets_.shut_down(how_.handshake_max)
           || sockets_.longest() >= long_handshake;
  if (clock::now() - begin_ > how_.most)
    return make_failure(ec::unavailable, "connecting to NATS at " + how_.servers
                                           + " does not end");
  return std::nullopt;
}

dialing::result dialing::wait(const std::function<bool()>& stopping) {
  while (true) {
    if (auto got = look())
      return std::move(*got);
    if (stopping && stopping())
      return make_failure(ec::unavailable, "told to stop while connecting");
    auto lock = std::unique_lock{progress_->mutex};
    progress_->changed.wait_for(lock, look_period,
                                [&] { return progress_->over.has_value(); });
  }
}

} // namespace stravasync::jetstream
