#include "adapters/jetstream/inlet.hpp"

#include "adapters/jetstream/faults.hpp"

#include <utility>

namespace stravasync::jetstream {

inlet::inlet(natsSubscription* subscription, gate_ptr gate)
  : subscription_(subscription),
    gate_(std::move(gate)) {
}

caf::expected<std::unique_ptr<inlet>>
inlet::open(natsConnection* on, const place& where, handler then) {
  auto shared = std::make_shared<gate<received>>(std::move(then));
  // Goes when the library says that the subscription's thread is through.
  auto closure = std::make_unique<gate_ptr>(shared);
  natsSubscription* made = nullptr;
  auto status = where.group.empty()
                  ? natsConnection_Subscribe(&made, on, where.subject.c_str(),
                                             &arrived, closure.get())
                  : natsConnection_QueueSubscribe(
                    &made, on, where.subject.c_str(), where.group.c_str(),
                    &arrived, closure.get());
  if (status != NATS_OK)
    return failure_of(status, where.subject);
  auto result = std::unique_ptr<inlet>{new inlet{made, std::move(shared)}};
  if (natsSubscription_SetOnCompleteCB(made, &ended, closure.get()) == NATS_OK)
    closure.release();
  auto bound = where.waiting_max > 0 ? where.waiting_max : -1;
  natsSubscription_SetPendingLimits(made, bound, -1);
  return result;
}

inlet::~inlet() {
  // No new ones, then none at all; what is in the library's queue is dropped.
  natsSubscription_Destroy(subscription_);
  gate_->close();
}

void inlet::arrived(natsConnection*, natsSubscription*, natsMsg* what,
                    void* closure) {
  auto gate = *static_cast<gate_ptr*>(closure);
  gate->pass(received{what});
}

void inlet::ended(void* closure) {
  delete static_cast<gate_ptr*>(closure);
}

} // namespace stravasync::jetstream
