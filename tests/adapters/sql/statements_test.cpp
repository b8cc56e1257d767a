#include "adapters/sql/statements.hpp"

#include "adapters/sql/entities.hpp"
#include "adapters/sql/migrations.hpp"
#include "adapters/sql/queries.hpp"
#include "messages/error.hpp"

#include <catch2/catch_test_macros.hpp>

namespace stravasync::sql {

namespace {

/// As PostgreSQL writes it.
constexpr auto numbered = dialect{
  .placeholder = [](std::size_t n) { return "$" + std::to_string(n); },
  .each_of = [](std::size_t n) { return "each($" + std::to_string(n) + ")"; },
  .among =
    [](std::string_view column, std::size_t n) {
      return std::string{column} + " IN $" + std::to_string(n);
    },
  .matches =
    [](std::string_view column, std::size_t n) {
      return std::string{column} + " = ANY($" + std::to_string(n) + ")";
    },
};

constexpr auto pages = shape_of<sync_page>;
constexpr auto credentials = shape_of<credential>;
constexpr auto outbox = shape_of<outbox_message>;

using relation = condition::relation;

} // namespace

TEST_CASE("a row's statements name its columns in order") {
  CHECK(insert_row(numbered, pages)
        == "INSERT INTO sync_page (run_id, page_number, stored_at_ms) VALUES "
           "($1, $2, $3) ON CONFLICT DO NOTHING");
  CHECK(overwrite_row(numbered, pages)
        == "UPDATE sync_page SET stored_at_ms = $3 WHERE run_id = $1 AND "
           "page_number = $2");
  CHECK(update_row(numbered, pages) == overwrite_row(numbered, pages));
  CHECK(select_by_key(numbered, pages)
        == "SELECT run_id, page_number, stored_at_ms FROM sync_page WHERE "
           "run_id = $1 AND page_number = $2");
  CHECK(erase_by_key(numbered, pages)
        == "DELETE FROM sync_page WHERE run_id = $1 AND page_number = $2");
}

TEST_CASE("a generated key is not inserted but returned") {
  CHECK(insert_row(numbered, outbox)
        == "INSERT INTO outbox (message_id, subject, headers, payload, "
           "created_at_ms, sent_at_ms, sent_sequence) VALUES ($1, $2, $3, $4, "
           "$5, $6, $7) ON CONFLICT DO NOTHING RETURNING id");
}

TEST_CASE("an update with a version compares it with the one before") {
  CHECK(update_row(numbered, credentials)
        == "UPDATE credential SET access_token = $2, refresh_token = $3, "
           "expires_at_ms = $4, version = $5, revoked = $6 WHERE athlete_id = "
           "$1 AND version = $5 - 1");
}

TEST_CASE("advancing a guard touches no other column") {
  CHECK(advance_guard(numbered, shape_of<activity>)
        == "UPDATE activity SET fetched_at_ms = $2 WHERE id = $1");
}

TEST_CASE("what Strava sent is left out by reading nothing in its place") {
  auto statement = select_matching(numbered, shape_of<athlete>,
                                   raw_json::left_out);
  CHECK(statement.find(", raw") == std::string::npos);
  auto whole = select_matching(numbered, shape_of<athlete>, raw_json::included);
  auto raw = whole.find("raw");
  REQUIRE(raw != std::string::npos);
  CHECK(whole.replace(raw, 3, "NULL") == statement);
}

TEST_CASE("a page is selected by conditions, then by where the last one "
          "ended") {
  auto where
    = std::vector<condition>{{"athlete_id", relation::equal, std::int64_t{1}},
                             {"finished_at_ms", relation::is_null, {}},
                             {"state", relation::at_least, std::int64_t{1}},
                             {"mode", relation::less_than, std::int64_t{1}}};
  auto select = "SELECT " + column_list(shape_of<sync_run>) + " FROM sync_run";
  auto after = std::vector<column_value>{std::int64_t{7}, std::string{"a"}};
  CHECK(
    select_page(numbered, shape_of<sync_run>, {.where = where, .after = after})
    == select
         + " WHERE athlete_id = $1 AND finished_at_ms IS NULL AND state >= "
           "$2 AND mode < $3 AND (started_at_ms, id) < ($4, $5) ORDER BY "
           "started_at_ms DESC, id DESC LIMIT $6");
  CHECK(select_page(numbered, shape_of<sync_run>, {})
        == select + " ORDER BY started_at_ms DESC, id DESC LIMIT $1");
  CHECK(select_page(numbered, pages, {.after = after})
        == "SELECT run_id, page_number, stored_at_ms FROM sync_page WHERE "
           "(run_id, page_number) > ($1, $2) ORDER BY run_id, page_number "
           "LIMIT $3");
}

TEST_CASE("a page has room, and a cursor of its own list") {
  auto refused = [](const list_query& query) {
    return code_of(check_page(shape_of<sync_run>, query))
           == ec::invalid_argument;
  };
  auto start = column_value{std::int64_t{1}};
  auto id = column_value{std::string{"r"}};
  CHECK_FALSE(refused({.limit = 1}));
  CHECK_FALSE(refused({.after = {start, id}, .limit = 1}));
  CHECK(refused({.limit = 0}));
  CHECK(refused({.after = {start}, .limit = 1}));
  CHECK(refused({.after = {id, start}, .limit = 1}));
  CHECK(refused({.after = {start, id, id}, .limit = 1}));
}

TEST_CASE("named questions use the dialect's way to read a list") {
  auto queries = make_queries(numbered);
  CHECK(queries.figures.newest_runs.ends_with("FROM each($1))"));
  CHECK(queries.figures.counts.find("athlete_id IN $1") != std::string::npos);
  CHECK(queries.mark_deleted.find("= ANY($") != std::string::npos);
}

TEST_CASE("migrations are numbered from one without gaps") {
  auto expected = 0;
  for (const auto& each : sqlite_migrations()) {
    CHECK(each.version == ++expected);
    CHECK_FALSE(each.name.empty());
    CHECK_FALSE(each.statements.empty());
  }
  CHECK(expected > 0);
}

TEST_CASE("a row's values are found by their columns' names") {
  auto row = activity{.id = 7, .start_at_ms = 5, .manual = true};
  CHECK(key_of(row) == std::vector<column_value>{std::int64_t{7}});
  CHECK(order_key_of(row)
        == std::vector<column_value>{std::int64_t{5}, std::int64_t{7}});
  CHECK(value_of(row, "manual") == column_value{std::int64_t{1}});
  CHECK(value_of(row, "average_watts") == column_value{});
}

} // namespace stravasync::sql
