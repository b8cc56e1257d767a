#include "actors/kit/promise.hpp"

#include "actors/kit/continuation_runner.hpp"
#include "actors/kit/fault.hpp"

namespace kit::detail {

owed_answer::owed_answer(caf::mailbox_element& element, meter_ptr meter)
  // A plain message, a response and a request that is answered already owe
  // nothing.
  : delivered_{!element.mid.is_request() || element.mid.is_answered()
               || (!element.sender && element.stages.empty())},
    id_{element.mid},
    meter_{std::move(meter)} {
  if (delivered_)
    return;
  requester_ = std::move(element.sender);
  stages_ = std::move(element.stages);
  element.mid.mark_as_answered();
}

owed_answer::~owed_answer() {
  if (pending())
    fail(make_fault(fault::broken_promise,
                    "the actor ended or went on without an answer"));
}

bool owed_answer::claim() {
  return !delivered_.exchange(true, std::memory_order_acq_rel);
}

void owed_answer::deliver(caf::message answer) {
  if (claim())
    send(std::move(answer));
}

void owed_answer::fail(caf::error why) {
  if (!claim())
    return;
  if (meter_)
    meter_->count_failure();
  send(caf::make_message(std::move(why)));
}

void owed_answer::send(caf::message answer) {
  // No execution unit: this may be any thread, and CAF's units belong to one.
  if (stages_.empty()) {
    requester_->enqueue(nullptr, id_.response_id(), std::move(answer), nullptr);
    return;
  }
  const auto next = std::move(stages_.back());
  stages_.pop_back();
  next->enqueue(caf::make_mailbox_element(std::move(requester_), id_,
                                          std::move(stages_),
                                          std::move(answer)),
                nullptr);
}

std::shared_ptr<owed_answer> take_request(caf::scheduled_actor& self) {
  auto* element = self.current_mailbox_element();
  if (!element)
    return nullptr;
  const continuation_runner* runner = nullptr;
  default_handler_of(self, runner);
  return std::make_shared<owed_answer>(*element,
                                       runner ? runner->numbers : nullptr);
}

} // namespace kit::detail
