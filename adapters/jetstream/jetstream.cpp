#include "adapters/jetstream/jetstream.hpp"

#include "adapters/jetstream/jetstream_bus.hpp"
#include "adapters/jetstream/questions.hpp"
#include "adapters/jetstream/session.hpp"
#include "messages/error.hpp"

#include <chrono>
#include <future>

namespace stravasync::jetstream {

namespace {

using namespace std::chrono_literals;

/// Longer than a call of JetStream's API waits for its answer.
constexpr auto answer_deadline = 15s;

caf::error make_bucket(jetstream_bus& on, const std::string& name) {
  auto answer = std::make_shared<std::promise<caf::error>>();
  auto got = answer->get_future();
  on.make_bucket(name, [answer](const caf::expected<bool>& made) {
    answer->set_value(made ? caf::error{} : made.error());
  });
  if (got.wait_for(answer_deadline) != std::future_status::ready)
    return make_failure(ec::unavailable, "JetStream does not answer");
  auto why = got.get();
  return why ? with_context(why, "bucket " + name) : std::move(why);
}

} // namespace

caf::expected<connection> open(const options& how, log& log) {
  auto link = session::connect(how, log);
  if (!link)
    return std::move(link.error());
  auto messages = std::make_shared<jetstream_bus>(*link);
  for (const auto& bucket : how.buckets)
    if (auto why = make_bucket(*messages, bucket))
      return why;
  return connection{
    .messages = messages,
    .questions = std::make_shared<jetstream_requests>(*link),
    .link = *link,
    .lacks = messages->lacks(),
    .give_up = [of = std::weak_ptr{(*link)->shared_from_this()}] {
      if (auto here = of.lock())
        here->give_up();
    }};
}

} // namespace stravasync::jetstream
