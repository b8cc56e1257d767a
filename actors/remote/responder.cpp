#include "actors/remote/responder.hpp"

#include "actors/kit/continuation.hpp"
#include "actors/kit/fault.hpp"
#include "actors/kit/handlers.hpp"
#include "messages/contracts.hpp"
#include "messages/error.hpp"
#include "messages/validation.hpp"

#include <google/protobuf/descriptor.h>

#include <utility>

namespace stravasync {

namespace {

/// Questions that are being answered; more are told to come again.
constexpr auto in_flight_max = std::size_t{4'096};
constexpr auto when_full = std::chrono::milliseconds{1'000};

/// A question is input, whoever asks.
caf::error
read_question(const std::string& text, google::protobuf::Message& question) {
  const auto& type = question.GetDescriptor()->full_name();
  if (text.size() > question_bytes_max || !parse_bounded(text, question))
    return make_failure(ec::malformed, "the question is no " + type);
  auto fault = fault_of(question);
  return fault.empty() ? caf::error{}
                       : make_failure(ec::invalid_argument, fault);
}

/// What the kit or CAF says has no code that travels.
caf::error as_ours(const caf::error& why) {
  auto wait = retry_after_of(why);
  if (!wait)
    wait = kit::retry_after_of(why);
  return wait ? make_failure(code_of(why), detail_of(why), *wait)
              : make_failure(code_of(why), detail_of(why));
}

} // namespace

std::vector<std::string> answered_subjects() {
  using namespace query::v1;
  return {request_subject(LeaseToken{}), request_subject(ListAthletes{}),
          request_subject(GetAthlete{}), request_subject(DisconnectAthlete{}),
          request_subject(StartSync{}),  request_subject(ConfirmDeletions{}),
          request_subject(GetSync{})};
}

responder_state::responder_state(caf::event_based_actor* self) : self_{self} {
}

caf::behavior
responder_state::make_behavior(actor_context context,
                               std::shared_ptr<requests> from,
                               answering_actors actors, std::string group,
                               question_statistics numbers) {
  from_ = std::move(from);
  numbers_ = std::move(numbers);
  group_ = std::move(group);
  self_->set_exit_handler([this](caf::exit_msg& x) { drain(x.reason); });
  using namespace query::v1;
  using events::v1::SyncStatus;
  answer<LeaseToken, AccessToken>(actors.tokens);
  answer<ListAthletes, AthleteList>(actors.athletes);
  answer<GetAthlete, Athlete>(actors.athletes);
  answer<DisconnectAthlete, Disconnected>(actors.athletes);
  answer<StartSync, SyncStatus>(actors.athletes);
  answer<ConfirmDeletions, SyncStatus>(actors.athletes);
  answer<GetSync, SyncStatus>(actors.athletes);
  return kit::handlers(self_, context.statistics, kit::on_throw::crash,
                       [](caf::unit_t) {});
}

template <class Question, class Answer, class Handle>
void responder_state::answer(const Handle& whom) {
  auto subject = request_subject(Question{});
  auto asked = kit::in_actor(
    self_, [this, whom, subject](const std::string& text,
                                 const completion<std::string>& reply) {
      Question question;
      if (auto wrong = read_question(text, question))
        return reply(wrong);
      if (in_flight_ >= in_flight_max)
        return reply(
          make_failure(ec::unavailable, "too many questions wait", when_full));
      ++in_flight_;
      auto begin = std::chrono::steady_clock::now();
      self_->request(whom, caf::infinite, std::move(question))
        .then(
          [this, reply, subject, begin](const Answer& found) {
            reply(found.SerializeAsString());
            settled(subject, begin, {});
          },
          [this, reply, subject, begin](const caf::error& why) {
            reply(as_ours(why));
            settled(subject, begin, detail_of(why));
          });
    });
  from_->serve(subject, group_, asked,
               kit::in_actor(
                 self_, [this, subject](
                          caf::expected<std::shared_ptr<responder_place>> got) {
                   if (!got)
                     return self_->quit(with_context(got.error(), subject));
                   if (!draining_)
                     places_.push_back(std::move(*got));
                 }));
}

void responder_state::settled(const std::string& subject,
                              std::chrono::steady_clock::time_point begin,
                              const std::string& error) {
  numbers_.count(subject, std::chrono::steady_clock::now() - begin, error);
  --in_flight_;
  if (draining_ && in_flight_ == 0)
    self_->quit(exit_reason_);
}

void responder_state::drain(const caf::error& reason) {
  draining_ = true;
  exit_reason_ = reason;
  places_.clear();
  if (in_flight_ == 0)
    self_->quit(exit_reason_);
}

caf::behavior
responder(caf::stateful_actor<responder_state>* self, actor_context context,
          std::shared_ptr<requests> from, answering_actors actors,
          std::string group, question_statistics numbers) {
  return self->state.make_behavior(std::move(context), std::move(from),
                                   std::move(actors), std::move(group),
                                   std::move(numbers));
}

} // namespace stravasync
