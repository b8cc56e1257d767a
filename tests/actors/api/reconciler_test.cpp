#include "actors/api/reconciler.hpp"

#include "actors/api/records.hpp"
#include "messages/error.hpp"
#include "tests/actors/api/page_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>

using namespace stravasync;
using namespace std::chrono_literals;

namespace {

constexpr auto every = 5s;

struct fixture : test::page_fixture {
  reconciler_config config;
  reconciler_actor uut;

  fixture() {
    config.every = every;
    config.jobs_durable = "jobs";
    config.pages_durable = "pages";
    config.words_durable = "words";
    add_athlete();
  }

  void start() {
    uut = keep(system().spawn(reconciler, context(), store,
                              std::shared_ptr<stravasync::bus>{bus}, relay,
                              config));
    run();
  }

  /// A run that fetched one page, with the job for the second on the bus.
  void add_run(const std::string& id = "backfill-7-1") {
    auto one = make_page(id, 1, {1});
    one.mutable_next()->set_athlete_id(who);
    CHECK(stores(one));
    publish(one.next(), id + "/2");
  }

  void publish(const google::protobuf::Message& what, const std::string& id) {
    bus->publish(make_envelope(what, {.message_id = id}), [](auto&&) {});
  }

  /// The durables have settled all that was published.
  void settle_all() {
    bus->durables["JOBS"] = {{.name = "jobs", .settled_to = 1'000}};
    bus->durables["INGEST"] = {{.name = "pages", .settled_to = 1'000}};
  }

  std::vector<jobs::v1::SyncAthlete> jobs_sent() {
    return published<jobs::v1::SyncAthlete>();
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "a run whose job the bus lost goes on where it was",
                 "[reconciler]") {
  add_run();
  bus->lose("JOBS");
  start();
  CHECK(jobs_sent().empty()); // It was touched a moment ago.
  pass(every);
  auto sent = jobs_sent();
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].run_id() == "backfill-7-1");
  CHECK(sent[0].page_number() == 2);
  CHECK(run_row("backfill-7-1")->state == events::v1::SYNC_STATE_QUEUED);
  // It goes on: nothing is done twice.
  pass(every);
  pass(every);
  CHECK(jobs_sent().size() == 1);
}

TEST_CASE_METHOD(fixture, "a run whose job waits is left alone, for hours",
                 "[reconciler]") {
  add_run();
  bus->durables["JOBS"] = {{.name = "jobs", .pending = 1}};
  start();
  for (auto i = 0; i < 5; ++i)
    pass(1h);
  CHECK(jobs_sent().size() == 1);
  CHECK(run_row("backfill-7-1")->state == events::v1::SYNC_STATE_RUNNING);
  // And costs no look at the stream each time.
  CHECK(bus->calls("last jobs.") == 1);
}

TEST_CASE_METHOD(fixture,
                 "a job that may be settled behind one that waits is sent "
                 "again after a long time",
                 "[reconciler]") {
  jobs::v1::SyncAthlete other;
  other.set_athlete_id(who + 1);
  other.set_run_id("backfill-8-1");
  other.set_page_number(1);
  publish(other, "backfill-8-1/1");
  add_run();
  bus->durables["JOBS"] = {{.name = "jobs", .ack_pending = 1}};
  start();
  pass(every);
  CHECK(jobs_sent().size() == 2);
  SECTION("when nothing was heard of it") {
    pass(config.patience);
    CHECK(jobs_sent().size() == 3);
    CHECK(jobs_sent().back().page_number() == 2);
    pass(every);
    CHECK(jobs_sent().size() == 3);
  }
  SECTION("but at once when somebody asks, and once") {
    REQUIRE_FALSE(tell(uut, reconcile_athlete{who}));
    CHECK(jobs_sent().size() == 3);
    REQUIRE_FALSE(tell(uut, reconcile_athlete{who}));
    CHECK(jobs_sent().size() == 3);
  }
  SECTION("not before the time that it announced, whoever asks") {
    change([&](transaction& tx) -> caf::error {
      auto run = **tx.sync_runs().get({std::string{"backfill-7-1"}});
      run.state = events::v1::SYNC_STATE_WAITING;
      run.resumes_at_ms = *now + 8 * 3'600'000;
      return tx.sync_runs().update(run);
    });
    for (auto i = 0; i < 8; ++i)
      pass(1h);
    REQUIRE_FALSE(tell(uut, reconcile_athlete{who}));
    CHECK(jobs_sent().size() == 2);
    pass(config.patience);
    CHECK(jobs_sent().size() == 3);
  }
}

TEST_CASE_METHOD(fixture,
                 "a run that cannot be looked at keeps nobody from the others",
                 "[reconciler]") {
  add_run("backfill-7-1");
  add_run("backfill-7-2");
  bus->lose("JOBS");
  bus->fail("last", make_failure(ec::invalid_argument, "no such subject"));
  start();
  pass(every);
  CHECK(jobs_sent().size() == 1);
  pass(every);
  CHECK(jobs_sent().size() == 2);
}

TEST_CASE_METHOD(fixture,
                 "a job that a later run of the athlete hides is found",
                 "[reconciler]") {
  add_run();
  jobs::v1::SyncAthlete other;
  other.set_athlete_id(who);
  other.set_run_id("incremental-7-2");
  other.set_page_number(1);
  publish(other, "incremental-7-2/1");
  start();
  pass(every);
  CHECK(jobs_sent().size() == 2);
}

TEST_CASE_METHOD(fixture, "a job that was settled without a page is sent again",
                 "[reconciler]") {
  add_run();
  settle_all();
  SECTION("unless what became of it is still to be written down") {
    bus->durables["EVENTS"] = {{.name = "words", .pending = 1}};
    start();
    pass(every);
    CHECK(jobs_sent().size() == 1);
    bus->durables["EVENTS"] = {{.name = "words"}};
    pass(every);
    CHECK(jobs_sent().size() == 2);
  }
  SECTION("at once otherwise") {
    start();
    pass(every);
    CHECK(jobs_sent().size() == 2);
  }
}

TEST_CASE_METHOD(fixture, "a run whose page waits to be stored is left alone",
                 "[reconciler]") {
  add_run();
  publish(make_page("backfill-7-1", 2, {2}), "page/2");
  settle_all();
  bus->durables["INGEST"] = {{.name = "pages", .settled_to = 0}};
  start();
  pass(every);
  CHECK(jobs_sent().size() == 1);
}

TEST_CASE_METHOD(fixture,
                 "a run that lost a page ends, so that it can begin "
                 "again",
                 "[reconciler]") {
  CHECK(stores(make_page("backfill-7-1", 1, {1})));
  CHECK(stores(make_page("backfill-7-1", 3, {3})));
  start();
  pass(every);
  auto row = run_row("backfill-7-1");
  CHECK(row->state == events::v1::SYNC_STATE_FAILED);
  CHECK(row->reason.starts_with("a fetched page was lost"));
  CHECK(row->next_job.empty());
  CHECK(published<events::v1::SyncProgressed>().back().status().state()
        == events::v1::SYNC_STATE_FAILED);
}

TEST_CASE_METHOD(fixture, "a job that is still in the outbox is not lost",
                 "[reconciler]") {
  bus->fail("publish", make_failure(ec::unavailable, "no bus"), 1'000);
  change([&](transaction& tx) -> caf::error {
    auto whose = tx.athletes().get({who});
    return start_run(tx, **whose, {}, jobs::v1::SYNC_MODE_BACKFILL,
                     jobs::v1::LANE_USER, *now, 0);
  });
  start();
  pass(every);
  pass(every);
  auto rows = look([](transaction& tx) { return tx.queries().unsent(100); });
  auto is_job = [](const outbox_message& row) {
    return row.subject.starts_with("jobs.");
  };
  CHECK(std::ranges::count_if(rows, is_job) == 1);
}

TEST_CASE_METHOD(fixture, "a bus or store that is away is looked at later",
                 "[reconciler]") {
  add_run();
  bus->lose("JOBS");
  SECTION("the bus does not tell its streams") {
    bus->fail("describe", make_failure(ec::unavailable, "no bus"));
  }
  SECTION("it does not tell a message") {
    bus->fail("last", make_failure(ec::unavailable, "no bus"));
  }
  SECTION("the store takes nothing") {
    *no_writes = true;
  }
  start();
  pass(every);
  CHECK(jobs_sent().empty());
  *no_writes = false;
  pass(every);
  CHECK(jobs_sent().size() == 1);
}

TEST_CASE_METHOD(fixture, "who asks for one athlete need not wait",
                 "[reconciler]") {
  add_run();
  start();
  bus->lose("JOBS");
  REQUIRE_FALSE(tell(uut, reconcile_athlete{who}));
  CHECK(jobs_sent().size() == 1);
  REQUIRE_FALSE(tell(uut, reconcile_athlete{who + 1}));
  REQUIRE_FALSE(tell(uut, reconcile_athlete{who}));
  CHECK(jobs_sent().size() == 1);
}

TEST_CASE_METHOD(fixture, "of two nodes one lets a run go on", "[reconciler]") {
  add_run();
  bus->lose("JOBS");
  auto judged = *run_row("backfill-7-1");
  auto mended = std::vector<bool>{};
  for (auto i = 0; i < 2; ++i)
    change([&](transaction& tx) -> caf::error {
      auto done = mend_run(tx, judged, run_verdict::lost, *now + i, 0);
      if (done)
        mended.push_back(*done);
      return done ? caf::error{} : done.error();
    });
  CHECK(mended == std::vector{true, false});
}

TEST_CASE_METHOD(fixture, "all runs are looked at, however many there are",
                 "[reconciler]") {
  config.batch = 2;
  for (auto i = 1; i <= 5; ++i)
    add_run("backfill-7-" + std::to_string(i));
  bus->lose("JOBS");
  start();
  // While one job of an athlete is on its way to the bus, others wait.
  for (auto i = 0; i < 5; ++i)
    pass(every);
  CHECK(jobs_sent().size() == 5);
}
