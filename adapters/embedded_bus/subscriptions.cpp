#include "adapters/embedded_bus/calls.hpp"
#include "adapters/embedded_bus/notices.hpp"
#include "adapters/embedded_bus/sqlite_bus.hpp"
#include "adapters/embedded_bus/subjects.hpp"

#include <utility>

namespace stravasync::embedded_bus {

namespace {

using answer = caf::expected<std::shared_ptr<subscription>>;

class member_subscription final : public subscription {
public:
  member_subscription(std::shared_ptr<engine> on,
                      std::shared_ptr<durable> joined,
                      std::shared_ptr<member> self)
    : engine_(std::move(on)),
      durable_(std::move(joined)),
      member_(std::move(self)) {
  }

  ~member_subscription() override {
    member_->out->close();
    submit<bool>(
      *engine_,
      [from = durable_, who = member_](storage& in) {
        in.leave(*from, *who);
        return caf::expected<bool>{true};
      },
      nullptr);
  }

  void request(std::size_t credit) override {
    submit<bool>(
      *engine_,
      [who = member_, credit](storage&) {
        who->credit += credit;
        return caf::expected<bool>{true};
      },
      nullptr);
  }

  void
  settle(std::string token, settlement what, completion<bool> done) override {
    submit<bool>(
      *engine_,
      [from = durable_, token = std::move(token), what](storage& in) {
        return in.settle(*from, token, what);
      },
      std::move(done));
  }

private:
  std::shared_ptr<engine> engine_;
  std::shared_ptr<durable> durable_;
  std::shared_ptr<member> member_;
};

/// @returns why nothing can be consumed so, or nothing.
std::string problem_of(const consumer_options& options) {
  const auto& filter = options.filter_subject;
  if (!filter.empty() && !well_formed_filter(filter))
    return "filter '" + filter + "' is no filter";
  return {};
}

} // namespace

void sqlite_bus::apply(consumer_options options, completion<bool> done) {
  auto problem = options.durable.empty() ? "the durable has no name"
                                         : problem_of(options);
  if (!problem.empty())
    return refuse(*engine_, std::move(done), std::move(problem));
  submit_alone<bool>(
    *engine_,
    [options = std::move(options)](storage& in) { return in.apply(options); },
    std::move(done));
}

void sqlite_bus::subscribe(consumer_options options,
                           delivery_callback on_message,
                           completion<std::shared_ptr<subscription>> done) {
  if (auto problem = problem_of(options); !problem.empty())
    return refuse(*engine_, std::move(done), std::move(problem));
  auto self = std::make_shared<member>();
  self->out
    = std::make_shared<callbacks::gate<delivery>>(std::move(on_message));
  auto work = [on = engine_, options = std::move(options),
               self = std::move(self)](storage& in) {
    auto found = in.join(options, self);
    if (!found)
      return answer{found.error()};
    return answer{std::make_shared<member_subscription>(on, *found, self)};
  };
  submit_alone<std::shared_ptr<subscription>>(*engine_, std::move(work),
                                              std::move(done));
}

void sqlite_bus::subscribe_exhausted(
  std::string durable, exhausted_callback on_exhausted,
  completion<std::shared_ptr<subscription>> done) {
  if (durable.empty())
    return refuse(*engine_, std::move(done), "the durable has no name");
  auto self = std::make_shared<member>();
  self->out = std::make_shared<callbacks::gate<delivery>>(
    [tell = std::move(on_exhausted)](delivery what) {
      tell(from_notice(std::move(what)));
    });
  auto work = [on = engine_, durable = std::move(durable),
               self = std::move(self)](storage& in) {
    auto found = in.join_exhausted(durable, self);
    if (!found)
      return answer{found.error()};
    return answer{std::make_shared<member_subscription>(on, *found, self)};
  };
  submit_alone<std::shared_ptr<subscription>>(*engine_, std::move(work),
                                              std::move(done));
}

} // namespace stravasync::embedded_bus
