#include "adapters/http/client_stream.hpp"

#include "adapters/http/session.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace stravasync::http {

namespace {

constexpr auto unsent_max = std::size_t{1024} * 1024;

} // namespace

client_stream::client_stream(std::weak_ptr<io_loop> loop,
                             std::weak_ptr<session> client)
  : loop_{std::move(loop)},
    client_{std::move(client)} {
}

bool client_stream::write(std::string_view text) {
  auto loop = loop_.lock();
  auto too_slow = false;
  {
    auto lock = std::lock_guard{guard_};
    if (closed_ || !loop)
      return false;
    unsent_ += text.size();
    too_slow = unsent_ > unsent_max;
    closed_ = too_slow;
    if (!too_slow)
      queued_ += text;
    if (posted_ && !too_slow)
      return true;
    posted_ = true;
  }
  // Weak, for the loop must not keep alive what keeps the loop alive.
  asio::post(loop->context, [client = client_, too_slow] {
    auto reader = client.lock();
    if (!reader)
      return;
    if (too_slow)
      reader->close();
    else
      reader->advance();
  });
  return !too_slow;
}

void client_stream::on_close(std::function<void()> gone) {
  {
    auto lock = std::lock_guard{guard_};
    if (!closed_) {
      gone_ = std::move(gone);
      return;
    }
  }
  gone();
}

void client_stream::take(std::string& out) {
  auto lock = std::lock_guard{guard_};
  posted_ = false;
  out += queued_;
  queued_.clear();
}

void client_stream::sent(std::size_t bytes) {
  auto lock = std::lock_guard{guard_};
  // The head of the stream and comments are sent too, uncounted.
  unsent_ -= std::min(bytes, unsent_);
}

void client_stream::close() {
  std::function<void()> gone;
  {
    auto lock = std::lock_guard{guard_};
    closed_ = true;
    gone.swap(gone_);
  }
  // Unlocked: `gone` may wait for a thread that is about to write.
  if (gone)
    gone();
}

} // namespace stravasync::http
