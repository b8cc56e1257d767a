#include "actors/worker/leader.hpp"

#include "actors/kit/continuation.hpp"
#include "actors/kit/handlers.hpp"
#include "actors/schedule_state.hpp"
#include "messages/error.hpp"
#include "messages/units.hpp"

#include <algorithm>
#include <random>
#include <utility>

namespace stravasync {

namespace {

/// Renewals within a lease, and looks of the others.
constexpr auto renewals = 3;
constexpr auto looks = 6;
/// The holder's lease ends that share earlier for itself than for others:
/// monotonic clocks of two machines differ by far less.
constexpr auto margin = 10;

std::string new_session() {
  auto random = std::random_device{};
  return std::to_string(random()) + "-" + std::to_string(random());
}

} // namespace

leader_state::leader_state(leader_actor::stateful_pointer<leader_state> self)
  : self_{self} {
}

leader_actor::behavior_type
leader_state::make_behavior(actor_context context,
                            std::shared_ptr<key_value> kv,
                            std::shared_ptr<leadership> role,
                            leader_config config) {
  context_ = std::move(context);
  kv_ = std::move(kv);
  role_ = std::move(role);
  config_ = config;
  session_ = new_session();
  // One that crashed before may have left its own behind.
  role_->revoke();
  self_->set_exit_handler([this](caf::exit_msg& x) {
    exit_reason_ = x.reason;
    // A write that is out is released once its revision is known.
    if (!std::exchange(stopping_, true) && !writing_)
      release();
  });
  self_->send(self_, leader_tick{});
  return kit::handlers(self_, context_.statistics, kit::on_throw::crash,
                       [this](leader_tick) {
                         if (stopping_)
                           return;
                         if (lease_)
                           renew();
                         else
                           look();
                       });
}

void leader_state::look() {
  using entry = std::optional<key_value_entry>;
  auto asked_at = role_->now();
  kv_->get(leaders_bucket, leader_key,
           kit::in_actor(self_, [this, asked_at](caf::expected<entry> got) {
             looked(asked_at, got);
           }));
}

void leader_state::looked(
  milliseconds asked_at,
  const caf::expected<std::optional<key_value_entry>>& got) {
  if (stopping_)
    return;
  if (!got)
    return again(config_.lease / looks);
  if (!*got)
    return take({}, 0);
  auto revision = (*got)->revision;
  auto found = read_lease((*got)->value);
  if (is_mine(found)) {
    // A write whose answer was lost: it is on record, and its time runs since.
    lease_ = found;
    revision_ = revision;
    return renew();
  }
  if (is_free(found, revision, asked_at))
    return take(found, revision);
  again(config_.lease / looks);
}

bool leader_state::is_mine(const state::v1::LeaderLease& found) const {
  return found.session() == session_ && !found.holder().empty();
}

bool leader_state::is_free(const state::v1::LeaderLease& found,
                           std::uint64_t revision, milliseconds asked_at) {
  if (found.holder().empty())
    return true;
  if (!seen_ || seen_->revision != revision) {
    // From when the answer is here: it was true at some time before.
    seen_ = observation{revision, role_->now()};
    return false;
  }
  // Nodes may have different settings: the longer time counts.
  auto length = std::max(milliseconds{found.lease_ms()}, config_.lease);
  return asked_at - seen_->since >= length;
}

void leader_state::take(const state::v1::LeaderLease& found,
                        std::uint64_t revision) {
  // The first token is the time: should the bucket be lost, those that follow
  // are still above all before.
  auto first = static_cast<std::uint64_t>(context_.now() / ms_per_s);
  state::v1::LeaderLease lease;
  lease.set_holder(context_.node);
  lease.set_session(session_);
  lease.set_token(found.token() == 0 ? first : found.token() + 1);
  lease.set_lease_ms(config_.lease.count());
  lease.set_since_ms(context_.now());
  revision_ = revision;
  lease_ = std::move(lease);
  renew();
}

void leader_state::renew() {
  auto asked_at = role_->now();
  if (lease_->token() <= role_->outgrown())
    lease_->set_token(role_->outgrown() + 1);
  lease_->set_renewed_at_ms(context_.now());
  writing_ = true;
  kv_->put(leaders_bucket, leader_key, lease_->SerializeAsString(), revision_,
           kit::in_actor(
             self_, [this, asked_at](caf::expected<std::uint64_t> revision) {
               written(asked_at, revision);
             }));
}

void leader_state::written(milliseconds asked_at,
                           const caf::expected<std::uint64_t>& revision) {
  writing_ = false;
  if (revision)
    revision_ = *revision;
  if (stopping_)
    return release();
  if (revision)
    return granted(lease_->token(), asked_at);
  if (code_of(revision.error()) == ec::conflict)
    return lose("another node took the lease");
  // Unknown whether it is written: the lease runs on as it is.
  if (!role_->holds(lease_->token()))
    return lose(detail_of(revision.error()));
  again(config_.lease / looks);
}

void leader_state::granted(std::uint64_t token, milliseconds asked_at) {
  role_->grant(token, asked_at + config_.lease - config_.lease / margin);
  if (!std::exchange(leads_, true))
    context_.journal->info("this node leads the schedules",
                           {{"token", static_cast<std::int64_t>(token)}});
  again(config_.lease / renewals);
}

void leader_state::lose(const std::string& why) {
  if (std::exchange(leads_, false))
    context_.journal->warning("this node does not lead the schedules any more",
                              {{"reason", why}});
  role_->revoke();
  lease_.reset();
  seen_.reset();
  again(config_.lease / looks);
}

void leader_state::release() {
  role_->revoke();
  if (!lease_)
    return self_->quit(exit_reason_);
  // The token stays: the next one has to be higher.
  auto free = *lease_;
  free.clear_holder();
  free.clear_session();
  kv_->put(leaders_bucket, leader_key, free.SerializeAsString(), revision_,
           kit::in_actor(self_, [this](caf::expected<std::uint64_t>) {
             self_->quit(exit_reason_);
           }));
}

void leader_state::again(milliseconds after) {
  self_->delayed_send(self_, std::max(after, milliseconds{1}), leader_tick{});
}

leader_actor::behavior_type
leader(leader_actor::stateful_pointer<leader_state> self, actor_context context,
       std::shared_ptr<key_value> kv, std::shared_ptr<leadership> role,
       leader_config config) {
  return self->state.make_behavior(std::move(context), std::move(kv),
                                   std::move(role), config);
}

} // namespace stravasync
