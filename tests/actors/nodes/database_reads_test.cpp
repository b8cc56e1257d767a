#include "actors/nodes/health_trials.hpp"
#include "actors/nodes/watched_store.hpp"
#include "adapters/sqlite/sqlite_store.hpp"
#include "messages/error.hpp"
#include "tests/support/scratch_folder.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <catch2/catch_test_macros.hpp>

#include <memory>
#include <string>
#include <utility>

using namespace stravasync;

namespace {

struct database_reads_fixture {
  database_reads_fixture() {
    at.path = folder.file("test.db");
    at.create = true;
    REQUIRE(sqlite::migrate(at));
    auto open = watch_store([this] { return sqlite::open_session(at); },
                            record);
    session = std::move(*open());
  }

  std::string problem() const {
    auto all = record.parts();
    return all.empty() ? "-" : all.at(0).problem;
  }

  void change(const std::string& sql) const {
    SQLite::Database{at.path, SQLite::OPEN_READWRITE}.exec(sql);
  }

  /// As a HEALTH CHECK does.
  void try_it() {
    auto read = [this](const auto& work, const completion<bool>& done) {
      auto why = session->read(work);
      done(why ? caf::expected<bool>{why} : caf::expected<bool>{true});
    };
    auto trial = try_database_reads(read);
    trial.run([&](const caf::expected<bool>& got) {
      if (got)
        record.worked(trial.part, trial.thing);
      else
        record.failed(trial.part, trial.thing, got.error());
    });
  }

  scratch_folder folder;
  sqlite::options at;
  health_record record{[] { return unix_ms{1}; }, nullptr};
  std::unique_ptr<store_session> session;
};

} // namespace

TEST_CASE_METHOD(database_reads_fixture,
                 "a table that is missing is said until it is there",
                 "[health]") {
  try_it();
  CHECK(problem().empty());
  for (const std::string table :
       {"athlete", "credential", "activity", "absence", "sync_run", "sync_page",
        "unread_activity", "outbox"}) {
    INFO(table);
    change("ALTER TABLE " + table + " RENAME TO elsewhere");
    try_it();
    CHECK(problem().find("no such table: " + table) != std::string::npos);
    change("ALTER TABLE elsewhere RENAME TO " + table);
    try_it();
    CHECK(problem().empty());
  }
}

TEST_CASE_METHOD(database_reads_fixture,
                 "a right to read that is lacking is said, whoever needs it",
                 "[health]") {
  CHECK(session->read([](transaction&) {
    return make_failure(ec::denied, "permission denied for table activity");
  }));
  CHECK(record.parts().at(0).part == "database reads");
  CHECK(problem() == "permission denied for table activity");
  CHECK(session->read([](transaction&) {
    return make_failure(ec::not_found, "no such athlete");
  }));
  try_it();
  CHECK(problem().empty());
}
