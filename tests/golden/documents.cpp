#include "tests/golden/http_case.hpp"

#include <cmath>
#include <limits>

/// @file
/// Every document: each operation with full, empty, negative and large answers,
/// and what an answer may lack or be in particular.

namespace stravasync::golden {

namespace {

using namespace query::v1;
using events::v1::SyncStatus;
using state::v1::ScheduleRun;

/// What an operation's answers are like when all are filled in a shape.
void add_shapes(http_cases& to, const operation& of) {
  to.push_back(of.request("empty"));
  struct named {
    std::string name;
    shape how;
  };
  for (const auto& [name, how] :
       {named{"full", shape::full}, named{"negative", shape::negative},
        named{"largest", shape::largest}}) {
    auto one = of.request(name);
    one.given = [how = how](scene at) { fill_answers(at.service, how); };
    to.push_back(std::move(one));
  }
}

/// Adds an answer that differs from the full one in what `change` does.
template <class Answer, class Question, class Change>
void add_variant(http_cases& to, const std::string& id,
                 const std::string& variant,
                 http::script<Question, Answer> scripted_service::*script,
                 Change change) {
  auto answer = filled<Answer>();
  change(answer);
  auto one = operation_of(id).request(variant);
  one.given = [script, answer](scene at) { (at.service.*script).give(answer); };
  to.push_back(std::move(one));
}

void add_lists(http_cases& to) {
  auto no_next = [](auto& list) { list.clear_next_cursor(); };
  auto no_items = [](auto& list) { list.clear_items(); };
  add_variant(to, "listAthletes", "last_page", &scripted_service::list_athletes,
              no_next);
  add_variant(to, "listAthletes", "empty_page_with_next",
              &scripted_service::list_athletes, no_items);
  add_variant(to, "listActivities", "last_page",
              &scripted_service::list_activities, no_next);
  add_variant(to, "listActivities", "without_raw",
              &scripted_service::list_activities, [](ActivityList& list) {
                for (auto& one : *list.mutable_items())
                  one.clear_raw();
              });
  add_variant(to, "listActivities", "empty_page_with_next",
              &scripted_service::list_activities, no_items);
  add_variant(to, "listDeadLetters", "last_page",
              &scripted_service::list_letters, no_next);
  add_variant(to, "listDeadLetters", "empty_page_with_next",
              &scripted_service::list_letters, no_items);
  add_variant(to, "listAthletes", "one_without_sync",
              &scripted_service::list_athletes, [](AthleteList& list) {
                list.mutable_items(0)->clear_sync();
                list.mutable_items(1)->clear_username();
              });
}

/// The states and modes that a run may have, unknown ones included.
void add_syncs(http_cases& to) {
  constexpr auto states = 8;
  for (auto state = 0; state < states; ++state)
    add_variant(to, "getSync", "state_" + std::to_string(state),
                &scripted_service::get_sync, [state](SyncStatus& status) {
                  status.set_state(static_cast<events::v1::SyncState>(state));
                });
  constexpr auto modes = 5;
  for (auto mode = 0; mode < modes; ++mode)
    add_variant(to, "getSync", "mode_" + std::to_string(mode),
                &scripted_service::get_sync, [mode](SyncStatus& status) {
                  status.set_mode(static_cast<jobs::v1::SyncMode>(mode));
                });
  add_variant(to, "getSync", "eta_unknown", &scripted_service::get_sync,
              [](SyncStatus& status) { status.set_eta_s(-1); });
  add_variant(to, "getSync", "eta_now", &scripted_service::get_sync,
              [](SyncStatus& status) { status.set_eta_s(0); });
  add_variant(to, "getSync", "expected_unknown", &scripted_service::get_sync,
              [](SyncStatus& status) { status.set_expected(0); });
  add_variant(to, "getSync", "nothing_missing", &scripted_service::get_sync,
              [](SyncStatus& status) { status.set_missing_activities(0); });
  add_variant(to, "getSync", "missing_not_doubted", &scripted_service::get_sync,
              [](SyncStatus& status) { status.set_missing_doubted(false); });
  add_variant(
    to, "getSync", "one_scope", &scripted_service::get_sync,
    [](SyncStatus& status) { status.mutable_missing_scopes()->RemoveLast(); });
  add_variant(to, "getAthlete", "without_sync", &scripted_service::get_athlete,
              [](Athlete& athlete) { athlete.clear_sync(); });
  add_variant(to, "getAthlete", "empty_sync", &scripted_service::get_athlete,
              [](Athlete& athlete) { athlete.mutable_sync()->Clear(); });
  add_variant(to, "disconnectAthlete", "one", &scripted_service::disconnect,
              [](Disconnected& what) { what.set_activities_deleted(1); });
}

/// What was measured, one value each: none is null, 0 is not.
void add_measured(http_cases& to) {
  add_variant(to, "getActivity", "without_raw", &scripted_service::get_activity,
              [](Activity& activity) { activity.clear_raw(); });
  add_variant(to, "getActivity", "not_measured",
              &scripted_service::get_activity, [](Activity& activity) {
                activity.clear_average_speed_mps();
                activity.clear_max_speed_mps();
                activity.clear_average_heartrate_bpm();
                activity.clear_max_heartrate_bpm();
                activity.clear_average_cadence_rpm();
                activity.clear_average_watts();
              });
  add_variant(to, "getActivity", "measured_zero",
              &scripted_service::get_activity, [](Activity& activity) {
                activity.set_average_speed_mps(0);
                activity.set_max_speed_mps(-0.0);
                activity.set_average_heartrate_bpm(0);
                activity.set_max_heartrate_bpm(0);
                activity.set_average_cadence_rpm(0);
                activity.set_average_watts(0);
              });
  add_variant(to, "getActivity", "odd_numbers", &scripted_service::get_activity,
              [](Activity& activity) {
                using limits = std::numeric_limits<double>;
                activity.set_utc_offset_s(-16'200);
                activity.set_distance_m(0.1 + 0.2);
                activity.set_total_elevation_gain_m(1e21);
                activity.set_average_speed_mps(limits::infinity());
                activity.set_max_speed_mps(limits::quiet_NaN());
                activity.set_average_heartrate_bpm(limits::denorm_min());
                activity.set_max_heartrate_bpm(123'456'789.0);
                activity.set_average_cadence_rpm(1e-7);
                activity.set_average_watts(100);
              });
  add_variant(to, "getActivity", "texts_missing",
              &scripted_service::get_activity, [](Activity& activity) {
                activity.clear_timezone();
                activity.clear_visibility();
                activity.clear_gear_id();
                activity.clear_summary_polyline();
                activity.clear_device_name();
                activity.clear_fetched_at_ms();
              });
  add_variant(to, "getStats", "without_months", &scripted_service::get_stats,
              [](Stats& stats) {
                stats.clear_months();
                for (auto& total : *stats.mutable_totals())
                  total.clear_month();
              });
}

void add_letters(http_cases& to) {
  add_variant(to, "getDeadLetter", "payload_unknown",
              &scripted_service::get_letter, [](DeadLetter& letter) {
                letter.clear_payload_json();
                letter.set_payload_hex("ffff00");
                letter.set_payload_problem("no such type");
              });
  add_variant(to, "getDeadLetter", "payload_known",
              &scripted_service::get_letter, [](DeadLetter& letter) {
                letter.clear_payload_hex();
                letter.clear_payload_problem();
                letter.clear_unread_bytes();
              });
  add_variant(to, "getDeadLetter", "never_in_a_stream",
              &scripted_service::get_letter, [](DeadLetter& letter) {
                letter.clear_stream();
                letter.clear_sequence();
                letter.clear_original_stored_at_ms();
                letter.clear_athlete_id();
                letter.clear_headers();
                letter.clear_attempt_log();
              });
  auto one_item = [](DeadLettersSettled& what) {
    what.mutable_items()->RemoveLast();
    what.mutable_items(0)->clear_problem();
  };
  auto one_failed = [](DeadLettersSettled& what) {
    what.mutable_items()->RemoveLast();
  };
  auto dry_run_to_go_on = [](DeadLettersSettled& what) {
    what.mutable_items(1)->clear_problem();
    what.set_dry_run(true);
  };
  auto done = [](DeadLettersSettled& what) {
    what.clear_next_cursor();
    what.set_dry_run(false);
    for (auto& item : *what.mutable_items())
      item.clear_problem();
  };
  add_variant(to, "retryDeadLetter", "done", &scripted_service::retry,
              one_item);
  add_variant(to, "dropDeadLetter", "done", &scripted_service::drop, one_item);
  add_variant(to, "retryDeadLetters", "done", &scripted_service::retry, done);
  add_variant(to, "dropDeadLetters", "done", &scripted_service::drop, done);
  add_variant(to, "retryDeadLetters", "one_failed", &scripted_service::retry,
              one_failed);
  add_variant(to, "dropDeadLetters", "one_failed", &scripted_service::drop,
              one_failed);
  add_variant(to, "retryDeadLetters", "dry_run", &scripted_service::retry,
              dry_run_to_go_on);
  add_variant(to, "dropDeadLetters", "dry_run", &scripted_service::drop,
              dry_run_to_go_on);
}

void add_schedules(http_cases& to) {
  constexpr auto states = 6;
  for (auto state = 0; state < states; ++state)
    add_variant(to, "listScheduleRuns", "state_" + std::to_string(state),
                &scripted_service::list_runs, [state](ScheduleRunList& list) {
                  list.mutable_runs()->RemoveLast();
                  list.mutable_runs(0)->set_state(
                    static_cast<state::v1::RunState>(state));
                });
  add_variant(to, "listScheduleRuns", "durations", &scripted_service::list_runs,
              [](ScheduleRunList& list) {
                auto unfinished = list.runs(0);
                unfinished.clear_finished_at_ms();
                list.clear_runs();
                *list.add_runs() = unfinished;
                for (auto ms : {0, 1, 1'250, 60'000, 3'599'999, -500}) {
                  auto& run = *list.add_runs();
                  run = unfinished;
                  run.set_finished_at_ms(run.started_at_ms() + ms);
                }
              });
  add_variant(to, "listSchedules", "without_leader",
              &scripted_service::list_schedules,
              [](ScheduleList& list) { list.clear_leader(); });
  add_variant(to, "listSchedules", "leader_of_unknown_times",
              &scripted_service::list_schedules, [](ScheduleList& list) {
                list.clear_schedules();
                list.clear_leader_since_ms();
                list.clear_leader_renewed_at_ms();
              });
  add_variant(to, "listSchedules", "before_the_first_run",
              &scripted_service::list_schedules, [](ScheduleList& list) {
                for (auto& one : *list.mutable_schedules()) {
                  one.clear_last_run();
                  one.clear_problem();
                  one.clear_next_slot_ms();
                }
              });
}

} // namespace

http_cases documents() {
  http_cases all;
  for (const auto& each : operations())
    if (each.asks_service)
      add_shapes(all, each);
  add_lists(all);
  add_syncs(all);
  add_measured(all);
  add_letters(all);
  add_schedules(all);
  return all;
}

} // namespace stravasync::golden
