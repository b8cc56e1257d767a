#include "actors/consumer/sync.hpp"
#include "actors/kit/continuation.hpp"
#include "messages/error.hpp"

#include <utility>

// How a SYNC puts a page into INGEST, in parts if the bus takes no message that
// large.

namespace stravasync {

std::vector<page_part>
split_page(const page_part& page, const jobs::v1::SyncAthlete& job) {
  auto half = page.activities_json_size() / 2;
  if (half == 0)
    return {};
  auto first = page;
  auto second = page;
  first.mutable_activities_json()->DeleteSubrange(
    half, page.activities_json_size() - half);
  second.mutable_activities_json()->DeleteSubrange(0, half);
  auto number = page.page_number();
  *first.mutable_next() = job;
  first.mutable_next()->set_page_number(number + 1);
  second.set_page_number(number + 1);
  if (second.has_next())
    second.mutable_next()->set_page_number(number + 2);
  return {std::move(first), std::move(second)};
}

void sync_state::publish_parts(const task_ptr& t, std::vector<page_part> left) {
  const auto& page = left.front();
  auto message = make_envelope(
    page, {.message_id = page_message_id(page.run_id(), page.page_number()),
           .cause = t->cause});
  auto stored = [this, t, left = std::move(left)](
                  const caf::expected<publish_ack>& ack) mutable {
    if (!ack && code_of(ack.error()) == ec::invalid_argument)
      return publish_smaller(t, std::move(left), ack.error());
    if (!ack)
      return bus_refused(t, ack.error());
    auto done = std::move(left.front());
    left.erase(left.begin());
    if (!left.empty())
      return publish_parts(t, std::move(left));
    if (done.has_next())
      return publish_next(t, done.next());
    t->reply.deliver(outcome{outcome::verdict::ack});
  };
  bus_->publish(std::move(message), kit::in_actor(self_, std::move(stored)));
}

/// Asking Strava again would bring the same page, and so for ever.
void sync_state::publish_smaller(const task_ptr& t, std::vector<page_part> left,
                                 const caf::error& why) {
  auto parts = split_page(left.front(), t->job);
  if (parts.empty())
    return t->reply.deliver(
      outcome{outcome::verdict::dead_letter,
              {},
              "the bus does not take the page: " + detail_of(why)});
  for (auto i = std::size_t{1}; i < left.size(); ++i) {
    auto& later = left[i];
    later.set_page_number(later.page_number() + 1);
    if (later.has_next())
      later.mutable_next()->set_page_number(later.next().page_number() + 1);
    parts.push_back(std::move(later));
  }
  publish_parts(t, std::move(parts));
}

void sync_state::bus_refused(const task_ptr& t, const caf::error& why) {
  if (code_of(why) == ec::invalid_argument)
    return t->reply.deliver(
      outcome{outcome::verdict::retry, {}, detail_of(why)});
  snooze(t, soon_over(why));
}

} // namespace stravasync
