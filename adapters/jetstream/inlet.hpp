#pragma once

#include "adapters/callbacks/gate.hpp"
#include "adapters/jetstream/received.hpp"

#include <caf/error.hpp>
#include <nats/nats.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace stravasync::jetstream {

/// What comes on a subject, one at a time on a thread of its own; over
/// reconnects.
class inlet {
public:
  using handler = std::function<void(received)>;

  struct place {
    std::string subject;
    std::string group; // Empty: no group.
    /// What may wait for the handler; the rest is dropped. 0: no bound.
    int waiting_max = 0;
  };

  inlet(place where, handler then);

  ~inlet();

  /// After it returns the handler is neither running nor called again; within
  /// the handler it returns at once and that call is the last.
  void close();

  inlet(const inlet&) = delete;
  inlet& operator=(const inlet&) = delete;

  /// Listens on this connection, and no longer on the one before.
  caf::error listen(natsConnection* on);

private:
  using gate_ptr = std::shared_ptr<callbacks::gate<received>>;

  static void
  arrived(natsConnection*, natsSubscription*, natsMsg* what, void* closure);
  static void ended(void* closure);

  const place where_;
  const gate_ptr gate_;
  std::mutex mutex_;
  natsSubscription* subscription_ = nullptr;
  natsSubscription* ended_ = nullptr; // Unsubscribed, not freed yet.
  bool closed_ = false;
};

} // namespace stravasync::jetstream
