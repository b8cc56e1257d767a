#include "actors/nodes/watched_store.hpp"

#include "actors/nodes/health_trials.hpp"
#include "actors/ports/forwarding.hpp"
#include "adapters/sqlite/sqlite_store.hpp"
#include "messages/error.hpp"
#include "tests/support/scratch_folder.hpp"

#include <catch2/catch_test_macros.hpp>

#include <memory>
#include <string>
#include <utility>

using namespace stravasync;

namespace {

/// What the database does, by the test's word.
struct script {
  bool full = false; // A new row is refused.
  bool busy = false; // Another process has it.
  std::size_t rows_added = 0;
};

/// Refuses new rows while there is no room.
class tight_outbox final : public forwarding_repository<outbox_message> {
public:
  tight_outbox(repository<outbox_message>& inner, script& how)
    : forwarding_repository{inner},
      how_{how} {
  }

  caf::expected<std::int64_t> create(const outbox_message& row) override {
    if (how_.full)
      return make_failure(ec::unavailable, "no room left on its disk");
    ++how_.rows_added;
    return forwarding_repository::create(row);
  }

private:
  script& how_;
};

class tight_transaction final : public forwarding_transaction {
public:
  tight_transaction(transaction& inner, script& how)
    : forwarding_transaction{inner},
      outbox_{inner.outbox(), how} {
  }

  repository<outbox_message>& outbox() override {
    return outbox_;
  }

private:
  tight_outbox outbox_;
};

class scripted_session final : public store_session {
public:
  using work_type = std::function<caf::error(transaction&)>;

  scripted_session(std::unique_ptr<store_session> inner,
                   std::shared_ptr<script> how)
    : inner_{std::move(inner)},
      how_{std::move(how)} {
  }

  caf::error
  write(std::span<const std::int64_t> about, const work_type& work) override {
    if (how_->busy)
      return make_failure(ec::unavailable, "another process keeps it",
                          std::chrono::milliseconds{1'000});
    return inner_->write(about, [&](transaction& tx) {
      auto tight = tight_transaction{tx, *how_};
      return work(tight);
    });
  }

  caf::error read(const work_type& work) override {
    return inner_->read(work);
  }

private:
  std::unique_ptr<store_session> inner_;
  std::shared_ptr<script> how_;
};

struct watched_store_fixture {
  watched_store_fixture() {
    auto at = sqlite::options{};
    at.path = folder.file("test.db");
    at.create = true;
    REQUIRE(sqlite::migrate(at));
    using opened = std::unique_ptr<store_session>;
    auto open = watch_store(
      [=, how = how]() -> caf::expected<opened> {
        return opened{std::make_unique<scripted_session>(
          std::move(*sqlite::open_session(at)), how)};
      },
      record);
    session = std::move(*open());
  }

  std::string problem() {
    auto all = record.parts();
    return all.empty() ? "-" : all[0].problem;
  }

  caf::error add_row() {
    return session->write([](transaction& tx) -> caf::error {
      auto made = tx.outbox().create({.message_id = "run/1"});
      return made ? caf::error{} : made.error();
    });
  }

  /// As a HEALTH CHECK does.
  void try_it() {
    auto write = [this](const auto& work, const completion<bool>& done) {
      auto why = session->write(work);
      done(why ? caf::expected<bool>{why} : caf::expected<bool>{true});
    };
    auto trial = try_database(write, record, [this] { return now; });
    trial.run([&](const caf::expected<bool>& got) {
      if (!got)
        record.failed(trial.part, trial.thing, got.error());
      else if (*got)
        record.worked(trial.part, trial.thing);
    });
  }

  std::size_t rows() {
    auto result = std::size_t{0};
    REQUIRE_FALSE(session->read([&](transaction& tx) -> caf::error {
      result = tx.outbox().list({})->items.size();
      return {};
    }));
    return result;
  }

  scratch_folder folder;
  unix_ms now = 1'000;
  health_record record{[this] { return now; }, nullptr};
  std::shared_ptr<script> how = std::make_shared<script>();
  std::unique_ptr<store_session> session;
};

} // namespace

TEST_CASE_METHOD(watched_store_fixture,
                 "a write that finds no room is remembered until one does",
                 "[health]") {
  how->full = true;
  CHECK(add_row());
  CHECK(problem() == "no room left on its disk");
  // What needs no room works all the time.
  CHECK_FALSE(session->write([](transaction& tx) -> caf::error {
    auto removed = tx.outbox().erase({column_value{std::int64_t{7}}});
    return removed ? caf::error{} : removed.error();
  }));
  try_it();
  try_it();
  CHECK(problem() == "no room left on its disk");
  how->full = false;
  try_it();
  CHECK(problem().empty());
  CHECK(rows() == 0); // Nothing is left of it.
}

TEST_CASE_METHOD(watched_store_fixture,
                 "a database that works is not written to for a trial",
                 "[health]") {
  try_it();
  REQUIRE_FALSE(add_row());
  try_it();
  CHECK(problem().empty());
  CHECK(how->rows_added == 1);
}

TEST_CASE_METHOD(watched_store_fixture,
                 "a right that is lacking is said until no write misses it",
                 "[health]") {
  CHECK(session->write([](transaction&) {
    return make_failure(ec::denied, "permission denied for table activity");
  }));
  try_it();
  CHECK(problem() == "permission denied for table activity");
  now += 31'000;
  try_it();
  CHECK(problem().empty());
}

TEST_CASE_METHOD(watched_store_fixture,
                 "a failure during a trial that asks for less outlasts it",
                 "[health]") {
  completion<bool> answer;
  auto hold = [&](const auto&, completion<bool> done) {
    answer = std::move(done);
  };
  auto told = caf::expected<bool>{true};
  try_database(hold, record, [] {
    return unix_ms{0};
  }).run([&](caf::expected<bool> got) { told = std::move(got); });
  how->full = true;
  CHECK(add_row());
  answer(true);
  REQUIRE(told);
  CHECK_FALSE(*told);
}

TEST_CASE_METHOD(watched_store_fixture,
                 "a database that is busy for a while, or a write that is "
                 "wrong, is no trouble of the node's",
                 "[health]") {
  how->busy = true;
  CHECK(add_row());
  how->busy = false;
  CHECK(session->write([](transaction&) {
    return make_failure(ec::conflict, "another version");
  }));
  CHECK(problem() == "-");
}
