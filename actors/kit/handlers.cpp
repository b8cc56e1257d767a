#include "actors/kit/handlers.hpp"

#include "actors/kit/continuation_runner.hpp"
#include "actors/kit/fault.hpp"

#include <string>

namespace kit::detail {

caf::error crash_of(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& what) {
    return make_fault(fault::crashed, what.what());
  } catch (...) {
    return make_fault(fault::crashed, "something that is no std::exception");
  }
}

meter_ptr prepare(caf::scheduled_actor& self, const actor_statistics& numbers,
                  on_throw policy) {
  auto meter = numbers.meter_for(self.name());
  self.set_default_handler(
    caf::scheduled_actor::default_handler{continuation_runner{meter, policy}});
  // CAF's own prints to standard output and loses the text.
  self.set_exception_handler(
    [](caf::scheduled_actor*, std::exception_ptr& thrown) {
      return crash_of(thrown);
    });
  return meter;
}

} // namespace kit::detail
