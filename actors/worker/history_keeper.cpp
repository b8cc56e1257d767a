#include "actors/worker/history_keeper.hpp"

#include "actors/kit/continuation.hpp"
#include "actors/kit/handlers.hpp"

#include <algorithm>
#include <utility>

namespace stravasync {

namespace {

constexpr auto percent = std::uint64_t{100};

/// After a look that left more to remove.
constexpr auto soon = milliseconds{100};

} // namespace

history_cut
cut_of(const stream_state& of, const history_keeper_config& config) {
  history_cut result;
  auto part = [&](std::uint64_t of_hundred) {
    return of.config.max_bytes / percent * of_hundred;
  };
  auto bounded = of.config.refuse_when_full && of.config.max_bytes > 0;
  // One that does not answer may have settled less than all others.
  if (!bounded || of.messages == 0 || of.durables.empty() || !of.all_answered
      || of.bytes <= part(config.fuller_than))
    return result;
  auto slowest = std::ranges::min_element(of.durables, {},
                                          &durable_state::settled_to);
  auto settled_to = std::min(slowest->settled_to, of.last_sequence);
  auto settled = settled_to + 1 - std::min(of.first_sequence, settled_to + 1);
  auto size = std::max<std::uint64_t>(of.bytes / of.messages, 1);
  auto wanted = (of.bytes - part(config.until)) / size + 1;
  result.messages = std::min(settled, wanted);
  if (settled < wanted)
    result.held_by = slowest->name;
  return result;
}

history_keeper_state::history_keeper_state(
  history_keeper_actor::stateful_pointer<history_keeper_state> self)
  : self_{self} {
}

history_keeper_actor::behavior_type
history_keeper_state::make_behavior(actor_context context,
                                    std::shared_ptr<stream_catalog> bus,
                                    std::shared_ptr<const leadership> role,
                                    history_keeper_config config) {
  context_ = std::move(context);
  bus_ = std::move(bus);
  role_ = std::move(role);
  config_ = config;
  self_->send(self_, history_look{});
  return kit::handlers(self_, context_.statistics, kit::on_throw::crash,
                       [this](history_look) { look(); });
}

void history_keeper_state::look() {
  if (!role_->token())
    return rest(false);
  using states = std::vector<stream_state>;
  bus_->describe(kit::in_actor(self_, [this](const caf::expected<states>& got) {
    // A bus that is away says so by itself.
    if (!got)
      return rest(false);
    looked(*got);
  }));
}

void history_keeper_state::looked(const std::vector<stream_state>& found) {
  failed_ = false;
  for (const auto& one : found) {
    auto [messages, held_by] = cut_of(one, config_);
    tell_held(one, held_by);
    messages = std::min<std::uint64_t>(messages, config_.removed_max);
    if (messages > 0)
      cuts_.push_back(
        {one.config.name, one.first_sequence, one.first_sequence + messages});
  }
  if (cuts_.empty())
    return rest(false);
  remove_more();
}

void history_keeper_state::tell_held(const stream_state& of,
                                     const std::string& by) {
  if (by.empty()) {
    told_.erase(of.config.name);
    return;
  }
  if (told_.insert(of.config.name).second)
    context_.journal->warning(
      "a stream is nearly full of messages that are not done, or newer than "
      "such a one; when it is full, it refuses new ones",
      {{"stream", of.config.name},
       {"durable", by},
       {"bytes", static_cast<std::int64_t>(of.bytes)},
       {"max_bytes", static_cast<std::int64_t>(of.config.max_bytes)}});
}

void history_keeper_state::remove_more() {
  while (!cuts_.empty() && cuts_.back().next == cuts_.back().end)
    cuts_.pop_back();
  if (failed_)
    cuts_.clear();
  if (cuts_.empty()) {
    if (in_flight_ == 0)
      rest(!failed_);
    return;
  }
  while (in_flight_ < config_.in_flight
         && cuts_.back().next < cuts_.back().end) {
    ++in_flight_;
    bus_->remove(cuts_.back().stream, cuts_.back().next++,
                 kit::in_actor(self_, [this](const caf::expected<bool>& got) {
                   failed_ = failed_ || !got;
                   --in_flight_;
                   remove_more();
                 }));
  }
}

/// @param more There may be more to remove.
void history_keeper_state::rest(bool more) {
  self_->delayed_send(self_, more ? soon : config_.every, history_look{});
}

history_keeper_actor::behavior_type history_keeper(
  history_keeper_actor::stateful_pointer<history_keeper_state> self,
  actor_context context, std::shared_ptr<stream_catalog> bus,
  std::shared_ptr<const leadership> role, history_keeper_config config) {
  return self->state.make_behavior(std::move(context), std::move(bus),
                                   std::move(role), config);
}

} // namespace stravasync
