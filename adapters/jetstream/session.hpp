#pragma once

#include "adapters/callbacks/callback_thread.hpp"
#include "adapters/jetstream/dialing.hpp"
#include "adapters/jetstream/exchange.hpp"
#include "adapters/jetstream/handles.hpp"
#include "adapters/jetstream/inlet.hpp"
#include "adapters/jetstream/jetstream.hpp"
#include "adapters/jetstream/json.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace stravasync::jetstream {

/// Told by the session's worker thread.
class session_listener {
public:
  virtual ~session_listener() = default;
  virtual void reconnected() = 0;
  virtual void tick(steady_time now) = 0;
};

/// The connection: who has it can send, ask and listen. Thread-safe.
///
/// `connect` returns an owner: when its last copy goes, the session is closed.
/// `shared_from_this` gives what callbacks may keep: it does not hold that up.
class session : public std::enable_shared_from_this<session> {
public:
  using answer_callback = std::function<void(caf::expected<json_value>)>;

  /// Blocks until connected, once.
  [[nodiscard]] static caf::expected<std::shared_ptr<session>>
  connect(const options& how, log& log);

  ~session();

  session(const session&) = delete;
  session& operator=(const session&) = delete;

  /// Sends with a bound on what has no answer yet.
  void publish(outgoing what, reply_callback done);

  void request(outgoing what, milliseconds deadline, reply_callback done);

  /// Asks JetStream's API. `done` gets an answer without "error".
  void call(const std::string& subject, std::string json, answer_callback done);

  void tell(outgoing what, std::string reply = {}) {
    exchange_->tell(std::move(what), std::move(reply));
  }

  [[nodiscard]] caf::expected<std::shared_ptr<inlet>>
  listen(inlet::place where, inlet::handler then);

  /// Runs it on the worker thread.
  void post(callbacks::callback_thread::task what) {
    worker_.post(std::move(what));
  }

  void add(std::weak_ptr<session_listener> who);

  [[nodiscard]] std::string new_inbox();

  [[nodiscard]] bool up() const {
    return up_ && !given_up_;
  }

  /// From now on each call is answered with `ec::unavailable` at once, and so
  /// is what waits: nobody can wait any longer for a server that hangs.
  void give_up();

  /// @returns why `size` bytes cannot be sent, or nothing.
  [[nodiscard]] caf::error check_size(std::size_t size);

  /// @returns what one message may hold, headers included, in bytes.
  [[nodiscard]] std::size_t max_payload();

  [[nodiscard]] std::uint32_t replicas() const {
    return how_.replicas;
  }

  [[nodiscard]] log& journal() const {
    return log_;
  }

private:
  session(const options& how, log& log);

  /// What callbacks of one connection know. Goes with the last of them.
  struct line {
    std::weak_ptr<session> of;
    std::uint64_t number = 0;
  };

  caf::error start();
  /// Begins to connect to one of the servers.
  caf::expected<std::unique_ptr<dialing>> dial();
  connection_handle connection();
  void reopen_later();
  void reopen_if_due(steady_time now);
  /// Uses this connection from now on, for all that is listened to.
  void adopt(connection_handle made);
  caf::error check_jetstream();
  void went_down(const std::string& text);
  void came_up();
  /// Says once why no new connection can be had, and tries again later.
  void refused_again(const caf::error& why);
  /// Sends what is left and closes; whoever waits is answered `unavailable`.
  void close();
  void failed(natsStatus why, const std::string& text);
  void on_tick();
  void retire(std::shared_ptr<inlet> what);
  void bury_retired(steady_time now);
  std::vector<std::shared_ptr<session_listener>> listeners();
  template <class F>
  static void deliver(void* closure, F&& what);
  static void on_closed(natsConnection* on, void* closure);
  static void on_error(natsConnection* on, natsSubscription* which,
                       natsStatus why, void* closure);

  options how_;
  log& log_;
  std::string inbox_;
  std::atomic<std::uint64_t> last_inbox_ = 0;
  std::atomic<bool> up_ = true;
  std::atomic<bool> given_up_ = false;
  std::mutex mutex_;
  std::vector<std::weak_ptr<session_listener>> listeners_;
  std::vector<std::weak_ptr<inlet>> inlets_;
  /// Ended, and since when: their subscriptions are freed a little later.
  std::vector<std::pair<steady_time, std::shared_ptr<inlet>>> retired_;
  connection_handle connection_;
  bool closing_ = false;
  // The worker's, as soon as there is one:
  std::uint64_t line_ = 0; // The number of the last one that was dialled.
  std::unique_ptr<dialing> dialing_;
  std::optional<steady_time> reopen_at_; // When to connect anew.
  std::vector<std::string> discovered_;  // Servers that servers told of.
  std::string refusal_;        // The last one that was told. The worker's.
  std::set<std::string> told_; // What is denied and was logged.
  callbacks::callback_thread worker_;
  std::shared_ptr<exchange> exchange_;
  std::shared_ptr<inlet> replies_;
  std::thread sender_;
};

} // namespace stravasync::jetstream
