#include "adapters/sql/entities.hpp"
#include "adapters/sql/queries.hpp"
#include "adapters/sqlite/dialect.hpp"
#include "tests/adapters/sqlite/sqlite_fixture.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <catch2/matchers/catch_matchers_string.hpp>

/// @file
/// That the statements of frequent questions go by an index, without a sort.

namespace stravasync::sqlite {

namespace {

struct plan_fixture : sqlite_fixture {
  plan_fixture() {
    make_database();
  }

  [[nodiscard]] std::string plan(const std::string& statement) const {
    auto database = SQLite::Database{opts.path, SQLite::OPEN_READWRITE};
    auto explain = SQLite::Statement{database,
                                     "EXPLAIN QUERY PLAN " + statement};
    auto steps = std::string{};
    while (explain.executeStep())
      steps += explain.getColumn(3).getString() + '\n';
    return steps;
  }

  template <class Entity>
  [[nodiscard]] std::string
  list_plan(const std::vector<condition>& where, bool resumed) const {
    auto query = list_query{.where = where};
    if (resumed)
      query.after = sql::order_key_of(Entity{});
    return plan(sql::select_page(dialect, sql::shape_of<Entity>, query));
  }
};

bool sorts_or_scans(const std::string& plan) {
  return plan.find("SCAN") != std::string::npos
         || plan.find("TEMP B-TREE") != std::string::npos;
}

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;
using relation = condition::relation;

const auto of_athlete = condition{"athlete_id", relation::equal,
                                  std::int64_t{1}};
const auto live = condition{"deleted_at_ms", relation::is_null, {}};

} // namespace

TEST_CASE_METHOD(plan_fixture, "lists of activities go by an index") {
  auto sport = condition{"sport_type", relation::equal, "Run"};
  auto from = condition{"start_at_ms", relation::at_least, std::int64_t{1}};
  auto to = condition{"start_at_ms", relation::less_than, std::int64_t{9}};
  for (auto resumed : {false, true}) {
    for (const auto& where :
         std::vector<std::vector<condition>>{{of_athlete, live},
                                             {of_athlete, live, from, to},
                                             {of_athlete, live, to}}) {
      auto steps = list_plan<activity>(where, resumed);
      CHECK_THAT(steps, ContainsSubstring("INDEX activity_by_start (athlete"));
      CHECK_FALSE(sorts_or_scans(steps));
    }
    for (const auto& where : std::vector<std::vector<condition>>{
           {of_athlete, live, sport}, {of_athlete, live, sport, from, to}}) {
      auto steps = list_plan<activity>(where, resumed);
      CHECK_THAT(steps, ContainsSubstring("INDEX activity_by_sport (athlete"));
      CHECK_FALSE(sorts_or_scans(steps));
    }
  }
}

TEST_CASE_METHOD(plan_fixture, "lists of the runs of a mode pass over those of "
                               "others") {
  auto mode = condition{"mode", relation::equal, std::int64_t{3}};
  auto since = condition{"started_at_ms", relation::at_least, std::int64_t{1}};
  for (auto resumed : {false, true})
    for (const auto& where :
         std::vector<std::vector<condition>>{{of_athlete, mode},
                                             {of_athlete, since, mode},
                                             {of_athlete, mode, since}}) {
      auto steps = list_plan<sync_run>(where, resumed);
      CHECK_THAT(steps, ContainsSubstring("INDEX sync_run_by_mode (athlete_id="
                                          "? AND mode=?"));
      CHECK_FALSE(sorts_or_scans(steps));
    }
}

TEST_CASE_METHOD(plan_fixture, "named questions go by an index") {
  auto queries = sql::make_queries(dialect);
  for (const auto& statement :
       {queries.count_activities, queries.mark_deleted, queries.newest_run,
        queries.outbox.mark_sent, queries.outbox.purge_sent,
        queries.clocks.bring_runs_back, queries.clocks.bring_sent_back})
    CHECK_FALSE(sorts_or_scans(plan(statement)));
  CHECK_THAT(plan(queries.newest_run),
             ContainsSubstring("INDEX sync_run_by_athlete (athlete_id=?)"));
  // Whether a run has a newer one, of those of its mode.
  CHECK_THAT(plan(queries.erase_runs),
             ContainsSubstring("SEARCH n USING INDEX sync_run_by_mode "
                               "(athlete_id=? AND mode=? AND "
                               "started_at_ms>?)")
               && ContainsSubstring("SEARCH r USING INDEX sync_run_unfinished "
                                    "(finished_at_ms>? AND finished_at_ms<?)"));
  // These look at all of one athlete's, and put few results in order.
  CHECK_THAT(plan(queries.not_fetched_since),
             StartsWith("SEARCH activity USING INDEX"));
  for (const auto& statement : {queries.totals, queries.totals_by_month})
    CHECK_THAT(plan(statement),
               StartsWith("SEARCH activity_total USING PRIMARY KEY"));
  // All there is in a partial index.
  CHECK(plan(queries.outbox.unsent)
        == "SCAN outbox USING INDEX outbox_unsent\n");
  CHECK(plan(queries.outbox.last_sent)
        == "SEARCH outbox USING INDEX outbox_sent_sequence "
           "(sent_sequence>?)\n");
}

TEST_CASE_METHOD(plan_fixture, "questions about many athletes look at each by "
                               "an index") {
  auto of_many = sql::make_queries(dialect).figures;
  CHECK_THAT(plan(of_many.newest_runs),
             ContainsSubstring("SEARCH sync_run USING PRIMARY KEY (id=?)")
               && ContainsSubstring("INDEX sync_run_by_athlete (athlete"));
  CHECK_THAT(
    plan(of_many.counts),
    ContainsSubstring("SEARCH activity_total USING PRIMARY KEY (athlete")
      && ContainsSubstring("SEARCH unread_activity USING PRIMARY KEY (athlete")
      && ContainsSubstring("SEARCH absence USING COVERING INDEX absence_by_"));
}

TEST_CASE_METHOD(plan_fixture, "erasing an athlete finds its rows by an "
                               "index") {
  for (auto* statement : {"SELECT 1 FROM activity WHERE athlete_id = 1",
                          "SELECT 1 FROM sync_run WHERE athlete_id = 1",
                          "SELECT 1 FROM credential WHERE athlete_id = 1",
                          "SELECT 1 FROM sync_page WHERE run_id = 1"})
    CHECK_FALSE(sorts_or_scans(plan(statement)));
}

} // namespace stravasync::sqlite
