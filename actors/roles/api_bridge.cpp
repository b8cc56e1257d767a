#include "actors/roles/api_bridge.hpp"

#include "actors/kit/fault.hpp"
#include "messages/error.hpp"

#include <utility>

namespace stravasync {

namespace {

/// A bug, or an exception that an actor survived: nobody else has told of it.
bool is_fault_of_ours(const caf::error& why) {
  return code_of(why) == ec::internal || why == kit::fault::crashed;
}

class bridge final : public api_service {
public:
  bridge(caf::actor asks, api_actors to, std::shared_ptr<log> journal)
    : asks_{std::move(asks)},
      to_{std::move(to)},
      journal_{std::move(journal)} {
  }

  void ask(query::v1::ListAthletes x,
           completion<query::v1::AthleteList> done) override {
    forward(to_.athletes, std::move(x), std::move(done));
  }

  void
  ask(query::v1::GetAthlete x, completion<query::v1::Athlete> done) override {
    forward(to_.athletes, std::move(x), std::move(done));
  }

  void ask(query::v1::DisconnectAthlete x,
           completion<query::v1::Disconnected> done) override {
    forward(to_.athletes, std::move(x), std::move(done));
  }

  void ask(query::v1::BeginConnect x,
           completion<query::v1::ConnectUrl> done) override {
    forward(to_.connect, std::move(x), std::move(done));
  }

  void ask(query::v1::FinishConnect x,
           completion<query::v1::Athlete> done) override {
    forward(to_.connect, std::move(x), std::move(done));
  }

  void ask(query::v1::StartSync x,
           completion<events::v1::SyncStatus> done) override {
    forward(to_.athletes, std::move(x), std::move(done));
  }

  void ask(query::v1::ConfirmDeletions x,
           completion<events::v1::SyncStatus> done) override {
    forward(to_.athletes, std::move(x), std::move(done));
  }

  void
  ask(query::v1::GetSync x, completion<events::v1::SyncStatus> done) override {
    forward(to_.athletes, std::move(x), std::move(done));
  }

  void ask(query::v1::ListActivities x,
           completion<query::v1::ActivityList> done) override {
    forward(to_.activities, std::move(x), std::move(done));
  }

  void
  ask(query::v1::GetActivity x, completion<query::v1::Activity> done) override {
    forward(to_.activities, std::move(x), std::move(done));
  }

  void ask(query::v1::GetStats x, completion<query::v1::Stats> done) override {
    forward(to_.activities, std::move(x), std::move(done));
  }

  void
  ask(query::v1::GetBudget x, completion<query::v1::Budget> done) override {
    forward(to_.operations, std::move(x), std::move(done));
  }

  void
  ask(query::v1::ResetBudget x, completion<query::v1::Budget> done) override {
    forward(to_.operations, std::move(x), std::move(done));
  }

  void
  ask(query::v1::GetActors x, completion<query::v1::ActorTree> done) override {
    forward(to_.operations, std::move(x), std::move(done));
  }

  void ask(query::v1::GetStreams x,
           completion<query::v1::StreamList> done) override {
    forward(to_.operations, std::move(x), std::move(done));
  }

  void
  ask(query::v1::GetNodes x, completion<query::v1::NodeList> done) override {
    forward(to_.operations, std::move(x), std::move(done));
  }

  void ask(query::v1::ListDeadLetters x,
           completion<query::v1::DeadLetterList> done) override {
    forward(to_.dead_letters, std::move(x), std::move(done));
  }

  void ask(query::v1::GetDeadLetter x,
           completion<query::v1::DeadLetter> done) override {
    forward(to_.dead_letters, std::move(x), std::move(done));
  }

  void ask(query::v1::RetryDeadLetters x,
           completion<query::v1::DeadLettersSettled> done) override {
    forward(to_.dead_letters, std::move(x), std::move(done));
  }

  void ask(query::v1::DropDeadLetters x,
           completion<query::v1::DeadLettersSettled> done) override {
    forward(to_.dead_letters, std::move(x), std::move(done));
  }

  void ask(query::v1::ListSchedules x,
           completion<query::v1::ScheduleList> done) override {
    forward(to_.schedules, std::move(x), std::move(done));
  }

  void ask(query::v1::ListScheduleRuns x,
           completion<query::v1::ScheduleRunList> done) override {
    forward(to_.schedules, std::move(x), std::move(done));
  }

private:
  template <class Handle, class Request, class Reply>
  void forward(const Handle& to, Request request, completion<Reply> done) {
    completion<Reply> told
      = [journal = journal_, name = request.GetTypeName(),
         done = std::move(done)](caf::expected<Reply> got) {
          if (!got && is_fault_of_ours(got.error()))
            journal->error(
              "a question failed by a fault of ours",
              {{"question", name}, {"reason", detail_of(got.error())}});
          done(std::move(got));
        };
    ask_through(asks_, to, std::move(request), std::move(told));
  }

  caf::actor asks_;
  api_actors to_;
  std::shared_ptr<log> journal_;
};

} // namespace

caf::behavior edge(caf::stateful_actor<edge_state>* self) {
  return {
    [self](const edge_call& call) { call.run(self); },
  };
}

std::unique_ptr<api_service>
make_api_bridge(caf::actor asks, api_actors to, std::shared_ptr<log> journal) {
  return std::make_unique<bridge>(std::move(asks), std::move(to),
                                  std::move(journal));
}

} // namespace stravasync
