#include "adapters/jetstream/connecting.hpp"
#include "adapters/jetstream/login.hpp"
#include "adapters/jetstream/session.hpp"
#include "messages/error.hpp"

#include <random>
#include <utility>

// How a session gets its connection, and the next one when that is lost.

namespace stravasync::jetstream {

namespace {

using namespace std::chrono_literals;

/// For a server's handshake; more than the library's own timeout of 2 s, which
/// counts but for some of it.
constexpr auto handshake_max = 2'500ms;
constexpr auto refused_pause = 2s;

/// Not all nodes come back to a server at the same moment.
milliseconds reopen_pause() {
  constexpr auto least = 250;
  constexpr auto most = 750;
  thread_local auto source = std::minstd_rand{std::random_device{}()};
  return milliseconds{std::uniform_int_distribution{least, most}(source)};
}

} // namespace

caf::expected<std::unique_ptr<dialing>> session::dial() {
  auto how = how_;
  how.urls = with_discovered(how_.urls, discovered_);
  how.on_state = nullptr;
  auto made = client_options(how);
  if (!made)
    return std::move(made.error());
  // The callbacks' own; `on_closed` is the last one.
  auto closure = std::make_shared<std::unique_ptr<line>>(
    std::make_unique<line>(line{weak_from_this(), ++line_}));
  natsOptions_SetClosedCB(made->get(), &on_closed, closure->get());
  natsOptions_SetErrorHandler(made->get(), &on_error, closure->get());
  auto attempt = [how, closure,
                  with = std::shared_ptr<natsOptions>{
                    std::move(*made)}]() -> caf::expected<connection_handle> {
    natsConnection* opened = nullptr;
    auto status = natsConnection_Connect(&opened, with.get());
    if (status != NATS_OK)
      return connect_failure(status, how);
    static_cast<void>(closure->release()); // `on_closed` deletes it.
    return connection_handle{opened, natsConnection_Destroy};
  };
  auto on_end = [self = weak_from_this()] {
    if (auto here = self.lock())
      here->post([self] {
        if (auto still = self.lock())
          still->reopen_if_due(std::chrono::steady_clock::now());
      });
  };
  auto servers = static_cast<int>(how.urls.size());
  return std::make_unique<dialing>(
    dialing::options{.attempt = std::move(attempt),
                     .on_end = std::move(on_end),
                     .servers = shown(how.urls),
                     .ports = ports_of(how.urls),
                     .handshake_max = handshake_max,
                     .most = handshake_max * (2 * servers + 1)});
}

/// The library could reconnect by itself, but it holds its lock in a handshake
/// that may hang; whoever asked it anything then would hang too.
void session::reopen_if_due(steady_time now) {
  if (dialing_) {
    auto got = dialing_->look();
    if (!got)
      return;
    dialing_.reset();
    line_ += *got ? 0 : 1; // What comes of it after all is not ours.
    return *got ? adopt(std::move(**got)) : refused_again(got->error());
  }
  if (!reopen_at_ || now < *reopen_at_)
    return;
  reopen_at_.reset();
  if (auto begun = dial())
    dialing_ = std::move(*begun);
  else
    refused_again(begun.error());
}

void session::adopt(connection_handle made) {
  std::vector<std::shared_ptr<inlet>> inlets;
  {
    auto lock = std::lock_guard{mutex_};
    if (closing_)
      return natsConnection_Close(made.get());
    connection_.swap(made);
    for (const auto& each : inlets_)
      if (auto here = each.lock())
        inlets.push_back(std::move(here));
  }
  auto over = connection();
  for (const auto& each : inlets)
    if (auto failure = each->listen(over.get());
        failure && !natsConnection_IsClosed(over.get()))
      log_.error("a subject cannot be listened to",
                 {{"reason", detail_of(failure)}});
  // Lost again already: `on_closed` tells, or told.
  if (natsConnection_IsClosed(over.get()))
    return;
  refusal_.clear();
  came_up();
}

void session::reopen_later() {
  reopen_at_ = std::chrono::steady_clock::now() + reopen_pause();
}

void session::refused_again(const caf::error& why) {
  // What answers, and says no, says so again.
  auto waits = code_of(why) == ec::unavailable;
  reopen_later();
  if (!waits)
    *reopen_at_ += refused_pause;
  auto reason = detail_of(why);
  if (std::exchange(refusal_, reason) == reason)
    return;
  auto level = waits ? log_level::warning : log_level::error;
  log_.write(level, "NATS takes no new connection", {{"reason", reason}});
  if (how_.on_state)
    how_.on_state(false, reason);
}

} // namespace stravasync::jetstream
