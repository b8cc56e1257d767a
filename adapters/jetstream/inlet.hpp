#pragma once

#include "adapters/jetstream/gate.hpp"
#include "adapters/jetstream/received.hpp"

#include <caf/expected.hpp>
#include <nats/nats.h>

#include <functional>
#include <memory>
#include <string>

namespace stravasync::jetstream {

/// What comes on a subject, one at a time on a thread of its own; over
/// reconnects. After the destructor the handler is neither running nor called
/// again; within the handler it returns at once and that call is the last.
class inlet {
public:
  using handler = std::function<void(received)>;

  struct place {
    std::string subject;
    std::string group; // Empty: no group.
    /// What may wait for the handler; the rest is dropped. 0: no bound.
    int waiting_max = 0;
  };

  [[nodiscard]] static caf::expected<std::unique_ptr<inlet>>
  open(natsConnection* on, const place& where, handler then);

  ~inlet();

  inlet(const inlet&) = delete;
  inlet& operator=(const inlet&) = delete;

private:
  using gate_ptr = std::shared_ptr<gate<received>>;

  inlet(natsSubscription* subscription, gate_ptr gate);

  static void
  arrived(natsConnection*, natsSubscription*, natsMsg* what, void* closure);
  static void ended(void* closure);

  natsSubscription* subscription_;
  gate_ptr gate_;
};

} // namespace stravasync::jetstream
