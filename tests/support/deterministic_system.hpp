#pragma once

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/error.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/expected.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/sec.hpp>

#include <memory>
#include <optional>
#include <utility>

namespace test {

/// An answer that comes later. Copies refer to the same one.
template <class Reply>
struct eventual {
  std::shared_ptr<std::optional<caf::expected<Reply>>> slot
    = std::make_shared<std::optional<caf::expected<Reply>>>();

  [[nodiscard]] bool came() const {
    return slot->has_value();
  }

  /// Whether it came and is this value.
  [[nodiscard]] bool is(const Reply& expected) const {
    return came() && **slot && ***slot == expected;
  }

  /// @returns the error that came, or none.
  [[nodiscard]] caf::error error() const {
    return came() && !**slot ? (**slot).error() : caf::error{};
  }
};

/// An actor system on one thread with a clock that only moves when told to.
/// Nothing runs until `run`, so every interleaving is the test's own choice.
/// Do not spawn detached actors in it: those have threads of their own.
class deterministic_system {
public:
  deterministic_system() : system_{configure(config_)}, self_{system_, true} {
  }

  deterministic_system(const deterministic_system&) = delete;
  deterministic_system& operator=(const deterministic_system&) = delete;

  /// Lets actors that were told to exit do so; ~actor_system waits for them.
  ~deterministic_system() {
    run();
  }

  caf::actor_system& system() {
    return system_;
  }

  caf::scoped_actor& self() {
    return self_;
  }

  /// Delivers messages until none is left. Fires no timeout.
  void run() {
    scheduler().run();
  }

  /// Delivers one message, of the actor that is next.
  void step() {
    scheduler().run_once();
  }

  /// Moves the clock, then delivers what its timeouts sent.
  void advance(caf::timespan by) {
    scheduler().advance_time(by);
    run();
  }

  /// Tells `whom` to exit and lets it.
  template <class Actor>
  void
  stop(const Actor& whom, caf::error reason = caf::exit_reason::user_shutdown) {
    self_->send_exit(whom, std::move(reason));
    run();
  }

  /// Sends `request` and runs `before_reply` before looking for the reply.
  /// @returns the reply, or the error that came instead.
  template <class Reply, class Actor, class Request, class Step>
  caf::expected<Reply>
  ask(const Actor& whom, Request request, Step before_reply) {
    auto response = self_->request(whom, caf::infinite, std::move(request));
    before_reply();
    caf::expected<Reply> result{no_reply()};
    if (has_mail())
      response.receive([&](Reply& x) { result = std::move(x); },
                       [&](caf::error& why) { result = std::move(why); });
    return result;
  }

  template <class Reply, class Actor, class Request>
  caf::expected<Reply> ask(const Actor& whom, Request request) {
    return ask<Reply>(whom, std::move(request), [this] { run(); });
  }

  /// Sends `request` to a handler that replies without a value.
  /// @returns the error it replied with, if any.
  template <class Actor, class Request>
  caf::error tell(const Actor& whom, Request request) {
    auto response = self_->request(whom, caf::infinite, std::move(request));
    run();
    caf::error result = no_reply();
    if (has_mail())
      response.receive([&] { result = {}; },
                       [&](caf::error& why) { result = std::move(why); });
    return result;
  }

  /// Sends `request` with the next `run`, from an actor of its own, so that any
  /// number of requests can be under way.
  template <class Reply, class Actor, class Request>
  eventual<Reply> ask_later(const Actor& whom, Request request) {
    auto result = eventual<Reply>{};
    // Hidden: one that is never answered must not keep the system alive.
    system_.spawn<caf::hidden>([=](caf::event_based_actor* asker) {
      asker->request(whom, caf::infinite, request)
        .then([=](Reply& x) { result.slot->emplace(std::move(x)); },
              [=](caf::error& why) { result.slot->emplace(std::move(why)); });
    });
    return result;
  }

  /// What `ask` and `tell` give when nobody answered. Nothing runs in the
  /// background, so a reply that is not here yet will never come: waiting for
  /// it would hang the test instead of failing it.
  static caf::error no_reply() {
    return caf::make_error(caf::sec::request_timeout, "no reply was sent");
  }

private:
  bool has_mail() {
    return self_->peek_at_next_mailbox_element() != nullptr;
  }

  static caf::actor_system_config& configure(caf::actor_system_config& config) {
    config.set("scheduler.policy", caf::atom("testing"));
    return config;
  }

  caf::scheduler::test_coordinator& scheduler() {
    return dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler());
  }

  caf::actor_system_config config_;
  caf::actor_system system_;
  caf::scoped_actor self_;
};

} // namespace test
