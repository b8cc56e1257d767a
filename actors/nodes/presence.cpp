#include "actors/nodes/presence.hpp"

#include "actors/kit/continuation.hpp"
#include "actors/kit/handlers.hpp"
#include "messages/error.hpp"

#include <utility>

namespace stravasync {

namespace {

struct presence_tick {};

} // namespace

} // namespace stravasync

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::presence_tick)

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
  return kit::handlers(self_, context_.statistics, kit::on_throw::crash,
                       [this](presence_tick) { tell(); });
}

void presence_state::tell() {
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
      if (code_of(got.error()) != ec::conflict || !again)
        return;
      kv_->get(nodes_bucket, context_.node,
               kit::in_actor(self_, [this](caf::expected<entry> found) {
                 if (found)
                   write(*found ? (*found)->revision : 0, false);
               }));
    }));
}

void presence_state::leave(const caf::error& reason) {
  kv_->erase(nodes_bucket, context_.node, [](auto&&) {});
  self_->quit(reason);
}

caf::behavior
presence(caf::stateful_actor<presence_state>* self, actor_context context,
         std::shared_ptr<key_value> kv, node_description describe) {
  return self->state.make_behavior(std::move(context), std::move(kv),
                                   std::move(describe));
}

} // namespace stravasync
