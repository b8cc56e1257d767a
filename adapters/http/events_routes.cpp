#include "adapters/http/api_routes.hpp"
#include "adapters/http/input.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

namespace stravasync::http {

namespace {

std::string event_text(const feed_event& event) {
  // The JSON has no line break in it, so one data line holds it.
  return "event: " + event.kind + "\ndata: " + to_json(event) + "\n\n";
}

/// All who watch the events of this node. One watch for all of them, as long as
/// there is one: an event is made text once, not once for each. Any thread.
class audience : public std::enable_shared_from_this<audience> {
public:
  explicit audience(event_feed& feed) : feed_{feed} {
  }

  std::uint64_t add(std::shared_ptr<event_stream> stream) {
    auto turn = std::lock_guard{turns_};
    {
      auto lock = std::lock_guard{guard_};
      streams_.emplace(++last_id_, std::move(stream));
      if (streams_.size() > 1)
        return last_id_;
    }
    watch_ = feed_.watch([all = shared_from_this()](const feed_event& event) {
      all->tell(event_text(event));
    });
    return last_id_;
  }

  void remove(std::uint64_t id) {
    auto turn = std::lock_guard{turns_};
    {
      auto lock = std::lock_guard{guard_};
      streams_.erase(id);
      if (!streams_.empty())
        return;
    }
    feed_.unwatch(watch_);
  }

private:
  void tell(const std::string& text) {
    auto lock = std::lock_guard{guard_};
    // If it fails the client is gone, and `on_close` removes it.
    for (const auto& [id, stream] : streams_)
      stream->write(text);
  }

  event_feed& feed_;
  // Held while the watch begins and ends, which may wait for an event that is
  // being told; so whoever tells one must not need it.
  std::mutex turns_;
  std::uint64_t watch_ = 0;
  std::mutex guard_; // Of what follows.
  std::map<std::uint64_t, std::shared_ptr<event_stream>> streams_;
  std::uint64_t last_id_ = 0;
};

/// Sends what happens from now on: a client reads the state when it connects,
/// and each event carries the whole state of what it is about.
void watch(const std::shared_ptr<audience>& all, call asked) {
  auto in = input{asked.what};
  if (auto trouble = in.trouble())
    return asked.reply->send(to_response(*trouble));
  auto stream = asked.reply->open_stream();
  // How long a browser waits before it connects again.
  stream->write("retry: 2000\n\n");
  auto id = all->add(stream);
  stream->on_close([all, id] { all->remove(id); });
}

} // namespace

void mount_events(router& routes, event_feed& feed) {
  routes.add("GET", "/api/v1/events",
             [all = std::make_shared<audience>(feed)](call asked) {
               watch(all, std::move(asked));
             });
}

} // namespace stravasync::http
