#include "adapters/jetstream/inlet.hpp"

#include "adapters/jetstream/faults.hpp"

#include <utility>

namespace stravasync::jetstream {

inlet::inlet(place where, handler then)
  : where_(std::move(where)),
    gate_(std::make_shared<callbacks::gate<received>>(std::move(then))) {
}

caf::error inlet::listen(natsConnection* on) {
  // Goes when the library says that the subscription's thread is through.
  auto closure = std::make_unique<gate_ptr>(gate_);
  natsSubscription* made = nullptr;
  auto status = where_.group.empty()
                  ? natsConnection_Subscribe(&made, on, where_.subject.c_str(),
                                             &arrived, closure.get())
                  : natsConnection_QueueSubscribe(
                    &made, on, where_.subject.c_str(), where_.group.c_str(),
                    &arrived, closure.get());
  if (status != NATS_OK)
    return failure_of(status, where_.subject);
  if (natsSubscription_SetOnCompleteCB(made, &ended, closure.get()) == NATS_OK)
    static_cast<void>(closure.release()); // `ended` deletes it.
  auto bound = where_.waiting_max > 0 ? where_.waiting_max : -1;
  natsSubscription_SetPendingLimits(made, bound, -1);
  {
    auto lock = std::lock_guard{mutex_};
    if (!closed_)
      std::swap(subscription_, made);
  }
  natsSubscription_Destroy(made);
  return {};
}

inlet::~inlet() {
  close();
  natsSubscription_Destroy(ended_);
}

void inlet::close() {
  natsSubscription* last = nullptr;
  {
    auto lock = std::lock_guard{mutex_};
    closed_ = true;
    std::swap(subscription_, last);
    if (last != nullptr)
      ended_ = last;
  }
  // No new ones, then none at all; what is in the library's queue is dropped.
  // Its memory stays for a while: the library's reading thread looks a
  // subscription up and locks it without holding it (3.4.1).
  natsSubscription_Unsubscribe(last);
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
