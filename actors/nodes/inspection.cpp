#include "actors/nodes/inspection.hpp"

#include "actors/kit/continuation.hpp"
#include "actors/kit/handlers.hpp"
#include "messages/contracts.hpp"
#include "messages/text/hex.hpp"

#include <string_view>
#include <utility>

namespace stravasync {

std::string inspection_subject(const std::string& node) {
  constexpr auto plain = std::string_view{"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                          "abcdefghijklmnopqrstuvwxyz"
                                          "0123456789-_"};
  auto result = request_subject(query::v1::GetActors{}) + ".";
  for (auto c : node) {
    if (plain.find(c) != std::string_view::npos) {
      result += c;
      continue;
    }
    result += '=';
    append_hex(result, static_cast<unsigned char>(c), hex_letters::upper);
  }
  return result;
}

inspection_state::inspection_state(caf::event_based_actor* self) : self_{self} {
}

caf::behavior
inspection_state::make_behavior(const std::shared_ptr<requests>& from,
                                known_actors actors) {
  auto subject = inspection_subject(actors.node);
  auto statistics = actors.statistics;
  from->serve(
    subject, "node",
    [actors = std::move(actors)](const std::string&,
                                 const completion<std::string>& answer) {
      answer(report(actors).SerializeAsString());
    },
    kit::in_actor(self_,
                  [this](caf::expected<std::shared_ptr<responder_place>> got) {
                    if (got)
                      place_ = std::move(*got);
                    else
                      self_->quit(got.error());
                  }));
  return kit::handlers(self_, statistics, kit::on_throw::crash,
                       [](caf::unit_t) {});
}

caf::behavior
inspection(caf::stateful_actor<inspection_state>* self,
           const std::shared_ptr<requests>& from, known_actors actors) {
  return self->state.make_behavior(from, std::move(actors));
}

} // namespace stravasync
