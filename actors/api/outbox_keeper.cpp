#include "actors/api/outbox_keeper.hpp"

#include "actors/kit/continuation.hpp"
#include "actors/kit/handlers.hpp"
#include "messages/contracts.hpp"
#include "messages/error.hpp"
#include "messages/jobs.pb.h"

#include <algorithm>
#include <utility>

namespace stravasync {

namespace {

std::string_view subjects_of(std::string_view stream) {
  auto found = std::ranges::find(streams(), stream, &stream_contract::name);
  return found == streams().end() ? std::string_view{} : found->subjects;
}

} // namespace

outbox_keeper_state::outbox_keeper_state(
  outbox_keeper_actor::stateful_pointer<outbox_keeper_state> self)
  : self_{self} {
}

outbox_keeper_actor::behavior_type
outbox_keeper_state::make_behavior(actor_context context, store_access store,
                                   std::shared_ptr<stream_catalog> bus,
                                   outbox_relay_actor relay,
                                   outbox_keeper_config config) {
  context_ = std::move(context);
  store_ = std::move(store);
  bus_ = std::move(bus);
  relay_ = std::move(relay);
  config_ = config;
  self_->send(self_, outbox_look{});
  return kit::handlers(self_, context_.statistics, kit::on_throw::crash,
                       [this](outbox_look) { look(); });
}

void outbox_keeper_state::look() {
  auto work = [](transaction& tx, last_rows& out) -> caf::error {
    for (const auto& one : streams()) {
      if (one.name == stream_of(jobs::v1::SyncAthlete{}))
        continue;
      auto row = tx.queries().last_sent(one.subjects);
      if (!row)
        return row.error();
      if (*row)
        out.emplace(one.name, std::move(**row));
    }
    return {};
  };
  read_store<last_rows>(self_, store_, std::move(work),
                        [this](const caf::expected<last_rows>& got) {
                          if (!got)
                            return rest();
                          compare(*got);
                        });
}

/// Asked after the store, the bus cannot be behind what it acked by then.
void outbox_keeper_state::compare(const last_rows& sent) {
  using states = std::vector<stream_state>;
  auto described = [this, sent](const caf::expected<states>& got) {
    // A bus that is away may come back with less.
    if (!got)
      return settle({}, config_.keep_unseen);
    last_rows lost;
    for (const auto& one : *got) {
      auto found = sent.find(one.config.name);
      if (found != sent.end()
          && one.last_sequence
               < static_cast<std::uint64_t>(found->second.sent_sequence))
        lost.insert(*found);
    }
    settle(lost, config_.keep_sent);
  };
  bus_->describe(kit::in_actor(self_, std::move(described)));
}

void outbox_keeper_state::settle(const last_rows& lost, milliseconds keep) {
  using counts = std::map<std::string, std::int64_t>;
  auto work = [lost, before = context_.now() - keep.count()](
                transaction& tx, counts& out) -> caf::error {
    for (const auto& [stream, row] : lost) {
      auto now = tx.outbox().get({row.id});
      if (!now)
        return now.error();
      // Another node was faster.
      if (!*now || **now != row)
        continue;
      auto sent = tx.queries().send_again(subjects_of(stream));
      if (!sent)
        return sent.error();
      out[stream] = *sent;
    }
    return tx.queries().purge_sent(before);
  };
  write_store_of<counts>(self_, store_, outbox_upkeep, std::move(work),
                         [this](const caf::expected<counts>& got) {
                           if (got)
                             for (const auto& [stream, rows] : *got)
                               context_.journal->warning(
                                 "a stream lost messages that it had taken; "
                                 "those still known are sent again",
                                 {{"stream", stream}, {"messages", rows}});
                           if (got && !got->empty())
                             self_->send(relay_, outbox_filled{});
                           rest();
                         });
}

void outbox_keeper_state::rest() {
  self_->delayed_send(self_, config_.every, outbox_look{});
}

outbox_keeper_actor::behavior_type
outbox_keeper(outbox_keeper_actor::stateful_pointer<outbox_keeper_state> self,
              actor_context context, store_access store,
              std::shared_ptr<stream_catalog> bus, outbox_relay_actor relay,
              outbox_keeper_config config) {
  return self->state.make_behavior(std::move(context), std::move(store),
                                   std::move(bus), std::move(relay), config);
}

} // namespace stravasync
