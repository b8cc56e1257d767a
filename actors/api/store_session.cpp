#include "actors/api/store_session.hpp"

#include "actors/api/records.hpp"
#include "actors/kit/continuation.hpp"
#include "actors/kit/handlers.hpp"
#include "messages/error.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace stravasync {

namespace {

/// Whether nothing of what was asked for can be done now.
bool is_away(const caf::error& why) {
  return code_of(why) == ec::unavailable;
}

/// Whether the session itself is broken, rather than the work it was given. One
/// that says when to come again is not: another process keeps the database for
/// itself, and who waits is served as soon as that is over.
bool is_loss(const caf::error& why) {
  return is_away(why) && !retry_after_of(why);
}

/// Whether this is what a read found out, in a transaction that works.
bool is_finding(const caf::error& why) {
  return code_of(why) == ec::not_found || code_of(why) == ec::invalid_argument;
}

} // namespace

store_session_state::store_session_state(
  store_session_actor::stateful_pointer<store_session_state> self)
  : self_{self} {
}

store_session_actor::behavior_type
store_session_state::make_behavior(actor_context context,
                                   const store_opener& open) {
  context_ = std::move(context);
  auto opened = open();
  if (opened)
    session_ = std::move(*opened);
  else
    self_->quit(opened.error());
  return kit::handlers(
    self_, context_.statistics, kit::on_throw::crash,
    [this](store_write& work) -> caf::result<void> {
      auto reply = kit::make_promise<void>(self_);
      writes_.push_back({std::move(work), reply});
      flush_soon();
      return reply;
    },
    [this](store_read& work) -> caf::result<void> {
      auto reply = kit::make_promise<void>(self_);
      reads_.push_back({std::move(work), reply});
      flush_soon();
      return reply;
    },
    [this](const read_activity& which) -> caf::result<activity_row> {
      auto reply = kit::make_promise<activity_row>(self_);
      point_reads_[which.id].push_back(reply);
      flush_soon();
      return reply;
    });
}

void store_session_state::flush_soon() {
  // Behind everything that waits in the mailbox now, which joins the batch.
  if (!std::exchange(flushing_, true))
    kit::in_actor(self_, [this] { flush(); })();
}

void store_session_state::flush() {
  flushing_ = false;
  flush_point_reads();
  flush_reads();
  flush_writes();
}

void store_session_state::flush_writes() {
  // The others wait for as long as it has their athletes.
  constexpr auto writes_at_once = std::size_t{64};
  auto rest
    = writes_.begin()
      + static_cast<std::ptrdiff_t>(std::min(writes_.size(), writes_at_once));
  std::vector<waiting<store_write>> batch{
    std::make_move_iterator(writes_.begin()), std::make_move_iterator(rest)};
  writes_.erase(writes_.begin(), rest);
  if (batch.empty())
    return;
  if (!writes_.empty())
    flush_soon();
  std::ranges::stable_sort(batch, {},
                           [](const auto& one) { return one.work.athlete_id; });
  auto about = std::vector<std::int64_t>{};
  for (const auto& one : batch)
    if (one.work.athlete_id != 0)
      about.push_back(one.work.athlete_id);
  auto why = session_->write(about, [&](transaction& tx) -> caf::error {
    for (auto& one : batch)
      if (auto failed = one.work.run(tx))
        return failed;
    return {};
  });
  if (!why || is_away(why) || batch.size() == 1) {
    for (auto& one : batch)
      one.reply.deliver(why);
    return see_to(why);
  }
  // One of them failed by itself: each gets a transaction of its own.
  for (auto& one : batch) {
    auto alone = write_alone(one.work);
    one.reply.deliver(alone);
    see_to(alone);
  }
}

caf::error store_session_state::write_alone(const store_write& work) {
  auto about = std::span{&work.athlete_id, work.athlete_id == 0 ? 0u : 1u};
  return session_->write(about, work.run);
}

void store_session_state::flush_reads() {
  auto batch = std::exchange(reads_, {});
  if (batch.empty())
    return;
  auto next = std::size_t{0};
  while (next < batch.size()) {
    auto apart = false;
    // What was answered is not done again if the transaction is.
    auto why = session_->read([&](transaction& tx) -> caf::error {
      while (next < batch.size()) {
        auto answer = batch[next].work.run(tx);
        if (is_away(answer))
          return answer;
        batch[next++].reply.deliver(answer);
        see_to(answer);
        // It may have broken the transaction: the rest gets another one.
        if (apart = answer && !is_finding(answer); apart)
          return {};
      }
      return {};
    });
    if (!why || apart)
      continue;
    for (; next < batch.size(); ++next)
      batch[next].reply.deliver(why);
    see_to(why);
  }
}

void store_session_state::flush_point_reads() {
  auto batch = std::exchange(point_reads_, {});
  if (batch.empty())
    return;
  std::vector<std::int64_t> ids;
  ids.reserve(batch.size());
  for (const auto& [id, replies] : batch)
    ids.push_back(id);
  std::vector<activity> rows;
  auto why = session_->read([&](transaction& tx) -> caf::error {
    auto found = tx.activities().get_many(ids, raw_json::left_out);
    if (!found)
      return found.error();
    rows = std::move(*found);
    return {};
  });
  for (auto& row : rows) {
    if (row.deleted_at_ms)
      continue;
    auto node = batch.extract(row.id);
    auto shared = std::make_shared<const activity>(std::move(row));
    for (auto& reply : node.mapped())
      reply.deliver(shared);
  }
  for (auto& [id, replies] : batch)
    for (auto& reply : replies)
      reply.deliver(why ? why : no_activity(id));
  see_to(why);
}

void store_session_state::see_to(const caf::error& why) {
  // Who asked is only told that it failed.
  if (code_of(why) == ec::internal)
    context_.journal->error("the database failed unexpectedly",
                            {{"reason", detail_of(why)}});
  if (is_loss(why))
    self_->quit(why);
  else if (is_away(why))
    context_.journal->warning("the database takes nothing now",
                              {{"reason", detail_of(why)}});
}

store_session_actor::behavior_type store_session_loop(
  store_session_actor::stateful_pointer<store_session_state> self,
  actor_context context, store_opener open) {
  return self->state.make_behavior(std::move(context), open);
}

} // namespace stravasync
