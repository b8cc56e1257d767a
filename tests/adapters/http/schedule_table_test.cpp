#include "adapters/http/schedule_table.hpp"

#include "adapters/http/documents.hpp"
#include "messages/error.hpp"
#include "tests/adapters/http/api_fixture.hpp"

namespace stravasync::http {

namespace {

query::v1::ScheduleList two_schedules() {
  query::v1::ScheduleList list;
  list.set_leader("node-1");
  list.set_leader_token(7);
  list.set_leader_since_ms(sample_start_ms);
  list.set_leader_renewed_at_ms(sample_start_ms);
  auto* often = list.add_schedules();
  often->set_name("incremental");
  often->set_plan("every 15m");
  often->set_next_slot_ms(sample_start_ms + 900'000);
  auto* run = often->mutable_last_run();
  run->set_slot_ms(sample_start_ms);
  run->set_state(state::v1::RUN_STATE_FINISHED);
  run->set_started_at_ms(sample_start_ms);
  run->set_finished_at_ms(sample_start_ms + 1'250);
  run->set_jobs_published(12);
  run->set_leader("node-1");
  auto* rare = list.add_schedules();
  rare->set_name("relist");
  rare->set_plan("cron 0 3 * * sun");
  return list;
}

} // namespace

TEST_CASE("schedules are a table with their leader") {
  auto table = schedules_table(to_json(two_schedules()));
  REQUIRE(table);
  CHECK(*table
        == "leader: node-1, since 2023-09-03 22:29:20, renewed 2023-09-03 "
           "22:29:20\n\n"
           "NAME         PLAN              NEXT RUN (UTC)       "
           "LAST RUN (UTC)       STATE     JOBS  DURATION\n"
           "incremental  every 15m         2023-09-03 22:44:20  "
           "2023-09-03 22:29:20  finished  12    1.3s\n"
           "relist       cron 0 3 * * sun  -                    "
           "-                    -         -     -\n");
}

TEST_CASE("schedules that are behind say so below their table") {
  auto list = two_schedules();
  list.mutable_schedules(0)->set_problem("should have run 95 s ago, and did "
                                         "not");
  auto table = schedules_table(to_json(list));
  REQUIRE(table);
  CHECK(table->ends_with("\n\nincremental should have run 95 s ago, and did "
                         "not\n"));
}

TEST_CASE("without workers the table says so") {
  auto table = schedules_table(to_json(query::v1::ScheduleList{}));
  REQUIRE(table);
  CHECK(*table == "leader: none\n\nno schedule has been planned yet\n");
  CHECK(runs_table(to_json(query::v1::ScheduleRunList{})) == "no runs yet\n");
}

TEST_CASE("runs are a table with what went wrong") {
  query::v1::ScheduleRunList list;
  auto* run = list.add_runs();
  run->set_slot_ms(sample_start_ms);
  run->set_state(state::v1::RUN_STATE_FAILED);
  run->set_athletes_seen(200);
  run->set_athletes_skipped(3);
  run->set_jobs_published(197);
  run->set_attempts(2);
  run->set_leader("node-2");
  run->set_last_error("the database is away");
  *list.add_runs() = two_schedules().schedules(0).last_run();
  list.mutable_runs(1)->set_finished_at_ms(sample_start_ms + 125'000);
  auto table = runs_table(to_json(list));
  REQUIRE(table);
  CHECK(*table
        == "SLOT (UTC)           STATE     JOBS  ATHLETES  SKIPPED  ATTEMPTS  "
           "DURATION  LEADER  LAST ERROR\n"
           "2023-09-03 22:29:20  failed    197   200       3        2         "
           "-         node-2  the database is away\n"
           "2023-09-03 22:29:20  finished  12    0         0        0         "
           "2m 5s     node-1  -\n");
}

TEST_CASE("what is no answer about schedules is refused") {
  for (const auto* text : {"", "{}", "[]", "{\"items\":3}", "nonsense"}) {
    CHECK(code_of(schedules_table(text).error()) == ec::malformed);
    CHECK(code_of(runs_table(text).error()) == ec::malformed);
  }
}

TEST_CASE_METHOD(api_fixture, "a schedule's runs are asked for by its name") {
  CHECK(client.get("/api/v1/admin/schedules/relist/runs").status == 200);
  REQUIRE(service.list_runs.asked.size() == 1);
  CHECK(service.list_runs.asked[0].schedule() == "relist");
  auto reply = client.get("/api/v1/admin/schedules/Re-list/runs");
  CHECK(reply.status == 400);
  CHECK(reply.body.find("name must be 1 to 64") != std::string::npos);
  CHECK(client.get("/api/v1/admin/schedules/a/runs?limit=1").status == 400);
  service.list_runs.fail(make_failure(ec::not_found, "there is no such"));
  CHECK(client.get("/api/v1/admin/schedules/other/runs").status == 404);
}

} // namespace stravasync::http
