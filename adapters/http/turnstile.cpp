#include "adapters/http/turnstile.hpp"

#include <utility>

namespace stravasync::http {

void turnstile::enter(std::function<void(turn)> work) {
  {
    auto lock = std::lock_guard{guard_};
    if (free_ == 0) {
      waiting_.push_back(std::move(work));
      return;
    }
    --free_;
  }
  work(make_turn());
}

turnstile::turn turnstile::make_turn() {
  return {this, [self = shared_from_this()](void*) { self->leave(); }};
}

void turnstile::leave() {
  std::function<void(turn)> next;
  {
    auto lock = std::lock_guard{guard_};
    if (waiting_.empty()) {
      ++free_;
      return;
    }
    next = std::move(waiting_.front());
    waiting_.pop_front();
  }
  next(make_turn());
}

} // namespace stravasync::http
