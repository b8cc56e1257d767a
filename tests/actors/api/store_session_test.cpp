#include "actors/api/store_session.hpp"

#include "tests/actors/api/fixture.hpp"

#include <catch2/catch_test_macros.hpp>

#include <functional>
#include <string>
#include <vector>

using namespace stravasync;

namespace {

struct session_log {
  int writes = 0;
  std::vector<std::int64_t> about; // Of the last write.
  int reads = 0;
  bool lost = false;
  bool locked = false;
};

/// Counts the transactions of the session it wraps.
class counting_session final : public store_session {
public:
  using work_type = std::function<caf::error(transaction&)>;

  counting_session(std::unique_ptr<store_session> inner,
                   std::shared_ptr<session_log> log)
    : inner_{std::move(inner)},
      log_{std::move(log)} {
  }

  caf::error
  write(std::span<const std::int64_t> about, const work_type& work) override {
    ++log_->writes;
    log_->about.assign(about.begin(), about.end());
    if (log_->locked)
      return make_failure(ec::unavailable, "another process keeps it",
                          std::chrono::milliseconds{1'000});
    return log_->lost ? lost() : inner_->write(about, work);
  }

  caf::error read(const work_type& work) override {
    ++log_->reads;
    return log_->lost ? lost() : inner_->read(work);
  }

private:
  static caf::error lost() {
    return make_failure(ec::unavailable, "the database is gone");
  }

  std::unique_ptr<store_session> inner_;
  std::shared_ptr<session_log> log_;
};

using answer = std::shared_ptr<std::optional<caf::error>>;

/// Keeps the reasons that errors are logged with.
class error_reasons final : public log {
public:
  void write(log_level level, std::string_view,
             std::initializer_list<log_field> fields) override {
    for (const auto& field : fields)
      if (level == log_level::error && field.name == "reason")
        reasons.push_back(std::get<std::string>(field.value));
  }

  std::vector<std::string> reasons;
};

struct fixture : test::api_fixture {
  std::shared_ptr<session_log> log = std::make_shared<session_log>();
  std::shared_ptr<error_reasons> errors = std::make_shared<error_reasons>();
  store_session_actor uut = keep(system().spawn(
    store_session_loop, logged_context(),
    store_opener{[at = where, seen = log] {
      using result = caf::expected<std::unique_ptr<store_session>>;
      return result{std::make_unique<counting_session>(
        std::move(*sqlite::open_session(at)), seen)};
    }}));

  actor_context logged_context() {
    auto result = context();
    result.journal = errors;
    return result;
  }

  template <class Request>
  answer later(Request request) {
    auto result = std::make_shared<std::optional<caf::error>>();
    system().spawn<caf::hidden>(
      [result, whom = uut,
       request = std::move(request)](caf::event_based_actor* asker) {
        asker->request(whom, caf::infinite, request)
          .then([result] { *result = caf::error{}; },
                [result](caf::error& why) { *result = std::move(why); });
      });
    return result;
  }

  answer add_later(std::int64_t id) {
    return later(store_write{[id](transaction& tx) -> caf::error {
      auto made = tx.athletes().create({.id = id});
      return made ? caf::error{} : made.error();
    }});
  }

  answer find_later(std::int64_t id) {
    return later(store_read{[id](transaction& tx) -> caf::error {
      auto found = tx.athletes().get({id});
      if (!found)
        return found.error();
      return *found ? caf::error{} : make_failure(ec::not_found, "no");
    }});
  }

  bool has_athlete(std::int64_t id) {
    return look([&](transaction& tx) { return tx.athletes().get({id}); })
      .has_value();
  }

  void add_activity(const activity& row) {
    change([&](transaction& tx) -> caf::error {
      auto made = tx.activities().create(row);
      return made ? caf::error{} : made.error();
    });
  }
};

/// @returns `none` for success; fails the test if no answer came.
ec code_in(const answer& from) {
  REQUIRE(from->has_value());
  return code_of(**from);
}

} // namespace

TEST_CASE_METHOD(fixture, "writes that wait share one transaction",
                 "[store_session]") {
  auto first = add_later(1);
  auto second = add_later(2);
  auto third = add_later(3);
  run();
  CHECK(code_in(first) == ec::none);
  CHECK(code_in(second) == ec::none);
  CHECK(code_in(third) == ec::none);
  CHECK(log->writes == 1);
  CHECK(has_athlete(3));
}

TEST_CASE_METHOD(fixture, "a flood of writes keeps no athletes for long",
                 "[store_session]") {
  std::vector<answer> answers;
  for (auto id = std::int64_t{1}; id <= 150; ++id)
    answers.push_back(add_later(id));
  run();
  for (auto& one : answers)
    CHECK(code_in(one) == ec::none);
  CHECK(log->writes == 3);
  CHECK(has_athlete(150));
}

TEST_CASE_METHOD(fixture,
                 "writes that wait are done in the order of their athletes",
                 "[store_session]") {
  // Sessions of two nodes would else wait for each other's rows.
  std::vector<int> order;
  std::vector<answer> answers;
  auto begin = [&](std::int64_t athlete, int number) {
    auto work = [&order, number](transaction&) {
      order.push_back(number);
      return caf::error{};
    };
    answers.push_back(later(store_write{work, athlete}));
  };
  begin(9, 1);
  begin(2, 2);
  begin(9, 3);
  begin(0, 4); // Of none.
  run();
  CHECK(order == std::vector{4, 2, 1, 3});
  CHECK(log->about == std::vector<std::int64_t>{2, 9, 9});
  for (const auto& one : answers)
    CHECK(code_in(one) == ec::none);
}

TEST_CASE_METHOD(fixture, "a write that fails by itself is undone alone",
                 "[store_session]") {
  add_athlete(2);
  auto first = add_later(1);
  auto second = add_later(2);
  auto third = add_later(3);
  run();
  CHECK(code_in(first) == ec::none);
  CHECK(code_in(second) == ec::already_exists);
  CHECK(code_in(third) == ec::none);
  CHECK(log->writes == 4);
  CHECK(has_athlete(1));
  CHECK(has_athlete(3));
}

TEST_CASE_METHOD(fixture, "reads share one snapshot, each with its own answer",
                 "[store_session]") {
  add_athlete(1);
  auto first = find_later(1);
  auto second = find_later(2);
  run();
  CHECK(code_in(first) == ec::none);
  CHECK(code_in(second) == ec::not_found);
  CHECK(log->reads == 1);
}

TEST_CASE_METHOD(fixture,
                 "a read that went wrong leaves those behind it "
                 "another transaction",
                 "[store_session]") {
  add_athlete(1);
  auto wrong = later(store_read{
    [](transaction&) { return make_failure(ec::internal, "a bug"); }});
  auto other = find_later(1);
  run();
  CHECK(code_in(wrong) == ec::internal);
  CHECK(code_in(other) == ec::none);
  CHECK(log->reads == 2);
}

TEST_CASE_METHOD(fixture, "many point reads are one read of the database",
                 "[store_session]") {
  add_athlete();
  add_activity({.id = 1, .athlete_id = who, .name = "One"});
  add_activity({.id = 2, .athlete_id = who, .deleted_at_ms = t0});
  auto first = ask_later<stravasync::activity_row>(uut, read_activity{1});
  auto again = ask_later<stravasync::activity_row>(uut, read_activity{1});
  auto deleted = ask_later<stravasync::activity_row>(uut, read_activity{2});
  auto unknown = ask_later<stravasync::activity_row>(uut, read_activity{3});
  run();
  CHECK(log->reads == 1);
  REQUIRE(first.came());
  REQUIRE(**first.slot);
  CHECK((***first.slot)->name == "One");
  CHECK(again.is(***first.slot));
  CHECK(code_of(deleted.error()) == ec::not_found);
  CHECK(code_of(unknown.error()) == ec::not_found);
}

TEST_CASE_METHOD(fixture,
                 "an unexpected failure is logged once, with what the "
                 "database said",
                 "[store_session]") {
  auto unexpected = later(store_write{[](transaction&) {
    return make_failure(ec::internal, "prepared statement does not exist");
  }});
  run();
  CHECK(code_in(unexpected) == ec::internal);
  CHECK(errors->reasons
        == std::vector<std::string>{"prepared statement does not exist"});
  add_athlete(2);
  auto expected = add_later(2);
  run();
  CHECK(code_in(expected) == ec::already_exists);
  CHECK(errors->reasons.size() == 1);
}

TEST_CASE_METHOD(fixture, "a lost database answers everybody and ends it",
                 "[store_session]") {
  auto end = end_of(uut);
  log->lost = true;
  auto write = add_later(1);
  auto read = find_later(1);
  auto point = ask_later<stravasync::activity_row>(uut, read_activity{1});
  run();
  CHECK(code_in(write) == ec::unavailable);
  CHECK(code_in(read) == ec::unavailable);
  CHECK(code_of(point.error()) == ec::unavailable);
  REQUIRE(*end);
  CHECK(code_of(**end) == ec::unavailable);
  CHECK_FALSE(has_athlete(1));
}

TEST_CASE_METHOD(fixture, "a database that another process keeps is not lost",
                 "[store_session]") {
  auto end = end_of(uut);
  log->locked = true;
  auto first = add_later(1);
  auto second = add_later(2);
  run();
  CHECK(code_in(first) == ec::unavailable);
  CHECK(code_in(second) == ec::unavailable);
  CHECK(retry_after_of(**first));
  CHECK(log->writes == 1); // Not once for each of them.
  CHECK_FALSE(*end);
  log->locked = false;
  auto third = add_later(3);
  run();
  CHECK(code_in(third) == ec::none);
  CHECK(has_athlete(3));
}

TEST_CASE_METHOD(fixture, "a session that cannot open ends with the reason",
                 "[store_session]") {
  auto failing = keep(system().spawn(
    store_session_loop, context(),
    store_opener{[]() -> caf::expected<std::unique_ptr<store_session>> {
      return make_failure(ec::unavailable, "no such file");
    }}));
  auto end = end_of(failing);
  run();
  REQUIRE(*end);
  CHECK(detail_of(**end) == "no such file");
}
