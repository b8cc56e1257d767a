#include "adapters/jetstream/faults.hpp"
#include "adapters/jetstream/handles.hpp"
#include "adapters/jetstream/session.hpp"
#include "messages/error.hpp"

#include <span>
#include <utility>

// What the client library tells, on a thread of its own, goes to the worker.

namespace stravasync::jetstream {

namespace {

std::string last_error(natsConnection* on) {
  const char* text = nullptr;
  auto status = natsConnection_GetLastError(on, &text);
  // "Connection Closed" says nothing.
  return text == nullptr || status == NATS_CONNECTION_CLOSED
           ? std::string{}
           : std::string{text};
}

/// @returns the servers that this one told of.
std::vector<std::string> discovered_by(natsConnection* on) {
  char** urls = nullptr;
  auto count = 0;
  std::vector<std::string> result;
  if (natsConnection_GetDiscoveredServers(on, &urls, &count) != NATS_OK)
    return result;
  auto owner = malloc_handle<char*>{urls};
  for (auto* url : std::span{urls, static_cast<std::size_t>(count)})
    result.emplace_back(malloc_handle<char>{url}.get());
  return result;
}

/// @returns the subject that the server's "Permissions Violation for Publish
/// to "jobs.a"" names.
std::string quoted_in(const std::string& text) {
  auto begin = text.find('"');
  if (begin == std::string::npos)
    return {};
  return text.substr(begin + 1, text.find('"', begin + 1) - begin - 1);
}

/// @returns "NATS denies this node's login to publish to 'jobs.a'".
std::string denied(const std::string& text) {
  auto subject = quoted_in(text);
  if (subject.empty())
    return "NATS denies this node's login something: " + text;
  auto listens = text.find("Subscription") != std::string::npos;
  return std::string{"NATS denies this node's login to "}
         + (listens ? "subscribe to '" : "publish to '") + subject + "'";
}

/// @returns the first two tokens, which name a kind of messages.
std::string kind_of(const std::string& subject) {
  auto dot = subject.find('.');
  return subject.substr(
    0, dot == std::string::npos ? dot : subject.find('.', dot + 1));
}

} // namespace

template <class F>
void session::deliver(void* closure, F&& what) {
  const auto& from = *static_cast<line*>(closure);
  auto self = from.of.lock();
  if (!self)
    return;
  auto* raw = self.get();
  raw->post(
    [self = from.of, number = from.number, what = std::forward<F>(what)] {
      // What an attempt leaves that was given up is nobody's connection.
      if (auto here = self.lock(); here && here->line_ == number)
        what(*here);
    });
}

void session::on_closed(natsConnection* on, void* closure) {
  deliver(closure,
          [why = last_error(on), servers = discovered_by(on)](session& s) {
            if (!servers.empty())
              s.discovered_ = servers;
            s.reopen_later();
            s.went_down(why);
          });
  delete static_cast<line*>(closure);
}

void session::on_error(natsConnection* on, natsSubscription*, natsStatus why,
                       void* closure) {
  deliver(closure,
          [why, text = last_error(on)](session& s) { s.failed(why, text); });
}

void session::went_down(const std::string& text) {
  auto why = text.empty() ? std::string{"the server went away"} : text;
  {
    auto lock = std::lock_guard{mutex_};
    if (closing_) { // By ourselves: nothing is lost.
      reopen_at_.reset();
      return;
    }
  }
  up_ = false;
  log_.warning("the connection to NATS is lost", {{"reason", why}});
  // First, so that whoever fails for it can know why.
  if (how_.on_state)
    how_.on_state(false, why);
  exchange_->fail_all(connection_lost());
}

void session::came_up() {
  up_ = true;
  log_.info("connected to NATS again");
  for (const auto& each : listeners())
    each->reconnected();
  // Behind the answers of whoever was refused before.
  worker_.post([self = weak_from_this()] {
    auto here = self.lock();
    if (here && here->up_ && here->how_.on_state)
      here->how_.on_state(true, "");
  });
}

void session::failed(natsStatus why, const std::string& text) {
  if (why != NATS_NOT_PERMITTED) {
    log_.warning(
      "the NATS client reports an error",
      {{"error", std::string{natsStatus_GetText(why)}}, {"detail", text}});
    return;
  }
  auto subject = quoted_in(text);
  // Once for each kind of subject, not for each athlete's.
  if (told_.insert(kind_of(subject)).second)
    log_.error("NATS permits less than is needed",
               {{"reason", denied(text)}, {"detail", text}});
  exchange_->fail_subject(subject, make_failure(ec::denied, denied(text)));
}

void session::bury_retired(steady_time now) {
  constexpr auto rest = std::chrono::seconds{2};
  auto lock = std::lock_guard{mutex_};
  std::erase_if(retired_,
                [&](const auto& one) { return now - one.first > rest; });
}

void session::on_tick() {
  auto now = std::chrono::steady_clock::now();
  exchange_->expire(now);
  bury_retired(now);
  reopen_if_due(now);
  for (const auto& each : listeners())
    each->tick(now);
}

} // namespace stravasync::jetstream
