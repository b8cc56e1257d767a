#pragma once

#include "actors/ports/api_service.hpp"
#include "messages/error.hpp"

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace stravasync::http {

/// One kind of question: what was asked, and what is answered.
template <class Question, class Answer>
struct script {
  std::vector<Question> asked;
  std::function<caf::expected<Answer>(const Question&)> answer
    = [](const Question&) -> caf::expected<Answer> { return Answer{}; };

  /// Fails from now on.
  void fail(caf::error error) {
    answer = [error = std::move(error)](const Question&) { return error; };
  }

  void give(Answer what) {
    answer = [what = std::move(what)](const Question&) { return what; };
  }

  void run(Question question, const completion<Answer>& done) {
    auto result = answer(question);
    asked.push_back(std::move(question));
    done(std::move(result));
  }
};

/// Answers at once, as it is told.
class scripted_service final : public api_service {
public:
  script<query::v1::ListAthletes, query::v1::AthleteList> list_athletes;
  script<query::v1::GetAthlete, query::v1::Athlete> get_athlete;
  script<query::v1::DisconnectAthlete, query::v1::Disconnected> disconnect;
  script<query::v1::BeginConnect, query::v1::ConnectUrl> begin_connect;
  script<query::v1::FinishConnect, query::v1::Athlete> finish_connect;
  script<query::v1::StartSync, events::v1::SyncStatus> start_sync;
  script<query::v1::ConfirmDeletions, events::v1::SyncStatus> confirm;
  script<query::v1::GetSync, events::v1::SyncStatus> get_sync;
  script<query::v1::ListActivities, query::v1::ActivityList> list_activities;
  script<query::v1::GetActivity, query::v1::Activity> get_activity;
  script<query::v1::GetStats, query::v1::Stats> get_stats;
  script<query::v1::GetBudget, query::v1::Budget> get_budget;
  script<query::v1::ResetBudget, query::v1::Budget> reset_budget;
  script<query::v1::GetActors, query::v1::ActorTree> get_actors;
  script<query::v1::GetStreams, query::v1::StreamList> get_streams;
  script<query::v1::GetNodes, query::v1::NodeList> get_nodes;
  script<query::v1::ListDeadLetters, query::v1::DeadLetterList> list_letters;
  script<query::v1::GetDeadLetter, query::v1::DeadLetter> get_letter;
  script<query::v1::RetryDeadLetters, query::v1::DeadLettersSettled> retry;
  script<query::v1::DropDeadLetters, query::v1::DeadLettersSettled> drop;
  script<query::v1::ListSchedules, query::v1::ScheduleList> list_schedules;
  script<query::v1::ListScheduleRuns, query::v1::ScheduleRunList> list_runs;

  void ask(query::v1::ListAthletes what,
           completion<query::v1::AthleteList> done) override {
    list_athletes.run(std::move(what), done);
  }
  void ask(query::v1::GetAthlete what,
           completion<query::v1::Athlete> done) override {
    get_athlete.run(std::move(what), done);
  }
  void ask(query::v1::DisconnectAthlete what,
           completion<query::v1::Disconnected> done) override {
    disconnect.run(std::move(what), done);
  }
  void ask(query::v1::BeginConnect what,
           completion<query::v1::ConnectUrl> done) override {
    begin_connect.run(std::move(what), done);
  }
  void ask(query::v1::FinishConnect what,
           completion<query::v1::Athlete> done) override {
    finish_connect.run(std::move(what), done);
  }
  void ask(query::v1::StartSync what,
           completion<events::v1::SyncStatus> done) override {
    start_sync.run(std::move(what), done);
  }
  void ask(query::v1::ConfirmDeletions what,
           completion<events::v1::SyncStatus> done) override {
    confirm.run(std::move(what), done);
  }
  void ask(query::v1::GetSync what,
           completion<events::v1::SyncStatus> done) override {
    get_sync.run(std::move(what), done);
  }
  void ask(query::v1::ListActivities what,
           completion<query::v1::ActivityList> done) override {
    list_activities.run(std::move(what), done);
  }
  void ask(query::v1::GetActivity what,
           completion<query::v1::Activity> done) override {
    get_activity.run(std::move(what), done);
  }
  void
  ask(query::v1::GetStats what, completion<query::v1::Stats> done) override {
    get_stats.run(std::move(what), done);
  }
  void
  ask(query::v1::GetBudget what, completion<query::v1::Budget> done) override {
    get_budget.run(std::move(what), done);
  }
  void ask(query::v1::ResetBudget what,
           completion<query::v1::Budget> done) override {
    reset_budget.run(std::move(what), done);
  }
  void ask(query::v1::GetActors what,
           completion<query::v1::ActorTree> done) override {
    get_actors.run(std::move(what), done);
  }
  void ask(query::v1::GetStreams what,
           completion<query::v1::StreamList> done) override {
    get_streams.run(std::move(what), done);
  }
  void
  ask(query::v1::GetNodes what, completion<query::v1::NodeList> done) override {
    get_nodes.run(std::move(what), done);
  }
  void ask(query::v1::ListDeadLetters what,
           completion<query::v1::DeadLetterList> done) override {
    list_letters.run(std::move(what), done);
  }
  void ask(query::v1::GetDeadLetter what,
           completion<query::v1::DeadLetter> done) override {
    get_letter.run(std::move(what), done);
  }
  void ask(query::v1::RetryDeadLetters what,
           completion<query::v1::DeadLettersSettled> done) override {
    retry.run(std::move(what), done);
  }
  void ask(query::v1::DropDeadLetters what,
           completion<query::v1::DeadLettersSettled> done) override {
    drop.run(std::move(what), done);
  }
  void ask(query::v1::ListSchedules what,
           completion<query::v1::ScheduleList> done) override {
    list_schedules.run(std::move(what), done);
  }
  void ask(query::v1::ListScheduleRuns what,
           completion<query::v1::ScheduleRunList> done) override {
    list_runs.run(std::move(what), done);
  }
};

/// Passes on what a test emits.
class manual_feed final : public event_feed {
public:
  std::uint64_t watch(std::function<void(const feed_event&)> sink) override {
    auto lock = std::lock_guard{guard_};
    sinks_.emplace(++last_, std::move(sink));
    return last_;
  }

  void unwatch(std::uint64_t id) override {
    auto lock = std::lock_guard{guard_};
    sinks_.erase(id);
  }

  void emit(const feed_event& event) {
    auto lock = std::lock_guard{guard_};
    for (const auto& [id, sink] : sinks_)
      sink(event);
  }

  std::size_t watchers() {
    auto lock = std::lock_guard{guard_};
    return sinks_.size();
  }

private:
  std::mutex guard_;
  std::map<std::uint64_t, std::function<void(const feed_event&)>> sinks_;
  std::uint64_t last_ = 0;
};

} // namespace stravasync::http
