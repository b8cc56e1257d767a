#include "adapters/jetstream/jetstream.hpp"

#include "adapters/jetstream/jetstream_bus.hpp"
#include "adapters/jetstream/questions.hpp"
#include "adapters/jetstream/session.hpp"
#include "adapters/jetstream/stoppable.hpp"
#include "messages/error.hpp"

#include <chrono>
#include <future>

namespace stravasync::jetstream {

namespace {

using namespace std::chrono_literals;

/// Longer than a call of JetStream's API waits for its answer.
constexpr auto answer_deadline = 15s;

caf::error make_bucket(jetstream_bus& on, const bucket& what,
                       const std::function<bool()>& stopping) {
  auto answer = std::make_shared<std::promise<caf::error>>();
  auto got = answer->get_future();
  on.make_bucket(what, [answer](const caf::expected<bool>& made) {
    answer->set_value(made ? caf::error{} : made.error());
  });
  if (!comes(got, answer_deadline, stopping))
    return make_failure(ec::unavailable, "JetStream does not answer");
  auto why = got.get();
  return why ? with_context(why, "bucket " + what.name) : std::move(why);
}

} // namespace

caf::expected<connection> open(const options& how, log& log) {
  auto link = session::connect(how, log);
  if (!link)
    return std::move(link.error());
  auto messages = std::make_shared<jetstream_bus>(*link);
  for (const auto& one : how.buckets)
    if (auto why = make_bucket(*messages, one, how.stopping)) {
      // A login may have the rights that its node's roles need, and no more.
      if (code_of(why) != ec::denied) {
        if (how.stopping && how.stopping())
          (*link)->give_up();
        return why;
      }
      log.warning("a bucket may not be looked at",
                  {{"bucket", one.name}, {"reason", detail_of(why)}});
    }
  auto result = connection{};
  result.messages = messages;
  result.questions = std::make_shared<jetstream_requests>(*link);
  result.link = *link;
  result.lacks = messages->lacks();
  result.give_up = [of = std::weak_ptr{(*link)->shared_from_this()}] {
    if (auto here = of.lock())
      here->give_up();
  };
  return result;
}

} // namespace stravasync::jetstream
