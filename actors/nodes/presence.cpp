#include "actors/nodes/presence.hpp"

#include "actors/kit/continuation.hpp"
#include "actors/kit/handlers.hpp"
#include "messages/error.hpp"

#include <utility>

namespace stravasync {

namespace {

struct presence_tick {};
struct presence_end {};

/// How long leaving may take: the bus may be away.
constexpr auto leave_within = std::chrono::milliseconds{1'000};

} // namespace

} // namespace stravasync

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::presence_tick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::presence_end)

namespace stravasync {

presence_state::presence_state(caf::event_based_actor* self) : self_{self} {
}

caf::behavior presence_state::make_behavior(actor_context context,
                                            std::shared_ptr<key_value> kv,
                                            node_description describe) {
  context_ = std::move(context);
  kv_ = std::move(kv);
  describe_ = std::move(describe);
  self_->set_exit_handler([this](caf::exit_msg& x) { leave(x.reason); });
  tell();
  return kit::handlers(
    self_, context_.statistics, kit::on_throw::crash,
    [this](presence_tick) { tell(); },
    [this](presence_end) { self_->quit(exit_reason_); });
}

void presence_state::tell() {
  if (leaving_)
    return;
  write(revision_, true);
  self_->delayed_send(self_, presence_every, presence_tick{});
}

void presence_state::write(std::uint64_t expected, bool again) {
  using entry = std::optional<key_value_entry>;
  kv_->put(
    nodes_bucket, context_.node, describe_().SerializeAsString(), expected,
    kit::in_actor(self_, [this, again](caf::expected<std::uint64_t> got) {
      if (got) {
        revision_ = *got;
        return;
      }
      // A write whose answer was lost, or somebody tidied up.
      if (leaving_ || code_of(got.error()) != ec::conflict || !again)
        return;
      kv_->get(nodes_bucket, context_.node,
               kit::in_actor(self_, [this](caf::expected<entry> other) {
                 if (other)
                   found(*other);
               }));
    }));
}

void presence_state::found(const std::optional<key_value_entry>& other) {
  query::v1::NodeList::Node node;
  // One from before this node's first word may be its own, of an earlier life.
  auto twin = revision_ != 0 && other && node.ParseFromString(other->value)
              && node.started_at_ms() != describe_().started_at_ms();
  if (twin && !std::exchange(warned_, true))
    context_.journal->warning("another node has the name of this one; set "
                              "node.id",
                              {{"name", context_.node}});
  write(other ? other->revision : 0, false);
}

void presence_state::leave(const caf::error& reason) {
  leaving_ = true;
  exit_reason_ = reason;
  kv_->erase(nodes_bucket, context_.node,
             kit::in_actor(self_, [this](const caf::expected<bool>&) {
               self_->quit(exit_reason_);
             }));
  self_->delayed_send(self_, leave_within, presence_end{});
}

caf::behavior
presence(caf::stateful_actor<presence_state>* self, actor_context context,
         std::shared_ptr<key_value> kv, node_description describe) {
  return self->state.make_behavior(std::move(context), std::move(kv),
                                   std::move(describe));
}

} // namespace stravasync
