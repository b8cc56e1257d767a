#include "adapters/http/documents.hpp"
#include "adapters/http/json_text.hpp"

namespace stravasync::http {

namespace {

using query::v1::ScheduleList;
using query::v1::ScheduleRunList;
using state::v1::ScheduleRun;

std::string_view to_word(state::v1::RunState state) {
  switch (static_cast<int>(state)) {
    case state::v1::RUN_STATE_RUNNING:
      return "running";
    case state::v1::RUN_STATE_FINISHED:
      return "finished";
    case state::v1::RUN_STATE_FAILED:
      return "failed";
    case state::v1::RUN_STATE_INTERRUPTED:
      return "interrupted";
    default: // A newer node's.
      return "unknown";
  }
}

void append(std::string& out, const ScheduleRun& run) {
  constexpr auto ms_per_s = 1'000.0;
  json_object document{out};
  document.time("slot", run.slot_ms())
    .text("state", to_word(run.state()))
    .time_or_null("started_at", run.started_at_ms())
    .time_or_null("finished_at", run.finished_at_ms());
  if (run.finished_at_ms() > 0)
    document.number("duration_s", static_cast<double>(run.finished_at_ms()
                                                      - run.started_at_ms())
                                    / ms_per_s);
  else
    document.null("duration_s");
  document.number("jobs_published", run.jobs_published())
    .number("athletes_seen", run.athletes_seen())
    .number("athletes_skipped", run.athletes_skipped())
    .number("attempts", run.attempts())
    .text_or_null("leader", run.leader())
    .text_or_null("last_error", run.last_error())
    .time_or_null("updated_at", run.updated_at_ms());
}

void append(std::string& out, const ScheduleList::Schedule& schedule) {
  json_object document{out};
  document.text("name", schedule.name())
    .text("plan", schedule.plan())
    .time_or_null("next_run_at", schedule.next_slot_ms())
    .text_or_null("problem", schedule.problem());
  if (schedule.has_last_run())
    append(document.value_of("last_run"), schedule.last_run());
  else
    document.null("last_run");
}

template <class Items>
void write_items(json_object& document, const Items& items) {
  auto& out = document.value_of("items");
  out += '[';
  auto separator = std::string_view{};
  for (const auto& item : items) {
    out += separator;
    separator = ",";
    append(out, item);
  }
  out += ']';
  document.null("next_cursor");
}

} // namespace

std::string to_json(const ScheduleList& list) {
  std::string out;
  {
    json_object document{out};
    if (list.leader().empty())
      document.null("leader");
    else
      json_object{document.value_of("leader")}
        .text("node", list.leader())
        .number("token", list.leader_token())
        .time_or_null("since", list.leader_since_ms())
        .time_or_null("renewed_at", list.leader_renewed_at_ms());
    write_items(document, list.schedules());
  }
  return out;
}

std::string to_json(const ScheduleRunList& list) {
  std::string out;
  {
    json_object document{out};
    write_items(document, list.runs());
  }
  return out;
}

} // namespace stravasync::http
