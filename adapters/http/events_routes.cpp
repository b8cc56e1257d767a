#include "adapters/http/api_routes.hpp"
#include "adapters/http/input.hpp"

namespace stravasync::http {

namespace {

std::string event_text(const feed_event& event) {
  // The JSON has no line break in it, so one data line holds it.
  return "event: " + event.kind + "\ndata: " + to_json(event) + "\n\n";
}

/// Sends what happens from now on: a client reads the state when it connects,
/// and each event carries the whole state of what it is about.
void watch(event_feed& feed, call asked) {
  auto in = input{asked.what};
  if (auto trouble = in.trouble())
    return asked.reply->send(to_response(*trouble));
  auto stream = asked.reply->open_stream();
  // How long a browser waits before it connects again.
  stream->write("retry: 2000\n\n");
  auto id = feed.watch([stream](const feed_event& event) {
    // If it fails the client is gone, and `on_close` ends the watch.
    stream->write(event_text(event));
  });
  stream->on_close([&feed, id] { feed.unwatch(id); });
}

} // namespace

void mount_events(router& routes, event_feed& feed) {
  routes.add("GET", "/api/v1/events",
             [&feed](call asked) { watch(feed, std::move(asked)); });
}

} // namespace stravasync::http
