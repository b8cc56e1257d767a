#include "messages/error.hpp"
#include "tests/actors/api/dead_letters_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

using namespace stravasync;
using query::v1::DeadLetter;
using query::v1::DeadLetterChoice;
using query::v1::DeadLetterList;
using query::v1::DeadLettersSettled;
using test::ids;

namespace {

using fixture = test::dead_letters_fixture;

} // namespace

TEST_CASE_METHOD(fixture, "letters are listed in pages, oldest first",
                 "[dead_letters]") {
  bury(7);
  auto page = list(5);
  CHECK(ids_of(page) == ids{1, 2, 3, 4, 5});
  CHECK(page.items(0).reason() == "reason 1");
  CHECK(page.items(0).payload_hex().empty());
  page = list(5, page.next_cursor());
  CHECK(ids_of(page) == ids{6, 7});
  CHECK(page.next_cursor().empty());
}

TEST_CASE_METHOD(fixture, "a page that ends the stream says so",
                 "[dead_letters]") {
  CHECK(list(1).items().empty());
  bury(3);
  CHECK(list(3).next_cursor().empty());
  CHECK_FALSE(list(2).next_cursor().empty());
}

TEST_CASE_METHOD(fixture, "one answer looks at a bounded number of letters",
                 "[dead_letters]") {
  bury(14);
  query::v1::DeadLetterFilter filter;
  filter.set_athlete_id(14);
  auto page = list(5, {}, filter);
  CHECK(page.items().empty());
  REQUIRE_FALSE(page.next_cursor().empty());
  CHECK(ids_of(list(5, page.next_cursor(), filter)) == ids{14});
}

TEST_CASE_METHOD(fixture, "letters of one durable are read by its subject",
                 "[dead_letters]") {
  bury(2);
  bury(2, "api__page");
  query::v1::DeadLetterFilter filter;
  filter.set_durable("api__page");
  CHECK(ids_of(list(9, {}, filter)) == ids{3, 4});
  CHECK(bus->take_log().at(0) == "read dlq.api__page");
}

TEST_CASE_METHOD(fixture, "one letter comes whole", "[dead_letters]") {
  bury(2);
  query::v1::GetDeadLetter question;
  question.set_id(2);
  auto got = ask<DeadLetter>(uut, question);
  REQUIRE(got);
  CHECK(got->payload_hex() == "626f64792032");
  CHECK(got->payload_problem() == "the message does not say its type");
  for (auto id : {0U, 3U}) {
    question.set_id(id);
    auto none = ask<DeadLetter>(uut, question);
    REQUIRE_FALSE(none);
    CHECK(code_of(none.error()) == ec::not_found);
  }
}

TEST_CASE_METHOD(fixture, "a letter that is retried goes to its origin first",
                 "[dead_letters]") {
  bury(2);
  auto got = retry(these({2}));
  REQUIRE(got);
  CHECK(got->done() == 1);
  CHECK(bus->take_log()
        == std::vector<std::string>{"read ",
                                    "publish jobs.sync_athlete.2 "
                                    "redrive:2:jobs.sync_athlete.2@JOBS:2",
                                    "remove DLQ:2"});
  auto sent = bus->stored("jobs.>");
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].payload == "body 2");
  CHECK(ids_of(list(9)) == ids{1});
}

TEST_CASE_METHOD(fixture, "a retry that is interrupted is no second message",
                 "[dead_letters]") {
  bury(1);
  bus->fail("remove", make_failure(ec::unavailable, "the bus is down"));
  auto got = retry(these({1}));
  REQUIRE(got);
  CHECK(got->failed() == 1);
  CHECK(got->items(0).problem()
        == "it was sent again but could not be removed: the bus is down");
  CHECK(kept() == 1);
  CHECK(retry(these({1}))->done() == 1);
  CHECK(kept() == 0);
  CHECK(bus->stored("jobs.>").size() == 1);
}

TEST_CASE_METHOD(fixture, "a letter whose stream takes no more stays",
                 "[dead_letters]") {
  bury(2);
  bus->fail("publish", make_failure(ec::full, "JOBS is full"));
  auto got = retry(these({1, 2}));
  REQUIRE(got);
  CHECK(got->done() == 1);
  CHECK(got->items(0).problem() == "it could not be sent again: JOBS is full");
  CHECK(static_cast<ec>(got->items(0).code()) == ec::full);
  CHECK(ids_of(list(9)) == ids{1});
}

TEST_CASE_METHOD(fixture, "a letter whose stream is gone stays",
                 "[dead_letters]") {
  bury(1);
  bus->fail("publish", make_failure(ec::not_found, "no stream takes it"));
  auto got = retry(these({1}));
  REQUIRE(got);
  CHECK(got->items(0).problem()
        == "it could not be sent again: no stream takes it");
  CHECK(static_cast<ec>(got->items(0).code()) == ec::conflict);
  CHECK(kept() == 1);
}

TEST_CASE_METHOD(fixture, "a letter of no stream of ours is sent nowhere",
                 "[dead_letters]") {
  // Whoever can write to DLQ could write anywhere by it.
  envelope forged{"$KV.BUDGET.strava", {}, "boo"};
  bus->publish(make_dead_letter(forged, {.durable = "d", .stream = "JOBS"}),
               [](auto&&) {});
  auto got = retry(these({1}));
  REQUIRE(got);
  CHECK(got->items(0).problem().find("'$KV.BUDGET.strava'")
        != std::string::npos);
  CHECK(static_cast<ec>(got->items(0).code()) == ec::malformed);
  CHECK(kept() == 1);
  CHECK(bus->stored("$KV.>").empty());
}

TEST_CASE_METHOD(fixture, "ids that do not exist are told, others go on",
                 "[dead_letters]") {
  bury(2);
  auto got = drop(these({7, 2, 2}));
  REQUIRE(got);
  CHECK(ids_of(*got) == ids{2, 7});
  CHECK(got->done() == 1);
  CHECK(got->items(1).problem() == "there is no dead letter 7");
  CHECK(static_cast<ec>(got->items(1).code()) == ec::not_found);
  CHECK(ids_of(list(9)) == ids{1});
}

TEST_CASE_METHOD(fixture, "all that a filter lets through go in bounded steps",
                 "[dead_letters]") {
  bury(9);
  auto choice = all();
  auto done = 0U;
  auto steps = 0;
  do {
    auto got = retry(choice);
    REQUIRE(got);
    done += got->done();
    choice.set_cursor(got->next_cursor());
    ++steps;
  } while (!choice.cursor().empty());
  CHECK(done == 9);
  CHECK(steps == 3);
  CHECK(kept() == 0);
  CHECK(bus->stored("jobs.>").size() == 9);
}

TEST_CASE_METHOD(fixture,
                 "what fails again while all are sent is not sent once more",
                 "[dead_letters]") {
  bury(9);
  auto choice = all();
  auto sent = ids{};
  do {
    auto got = retry(choice);
    REQUIRE(got);
    for (auto id : ids_of(*got))
      sent.push_back(id);
    bury(got->done());
    choice.set_cursor(got->next_cursor());
  } while (!choice.cursor().empty() && sent.size() < 20);
  CHECK(sent == ids{1, 2, 3, 4, 5, 6, 7, 8, 9});
  CHECK(kept() == 9);
}

TEST_CASE_METHOD(fixture, "a dry run only says which", "[dead_letters]") {
  bury(3);
  auto choice = all();
  choice.set_dry_run(true);
  choice.mutable_filter()->set_reason_contains("reason 2");
  auto got = drop(choice);
  REQUIRE(got);
  CHECK(got->dry_run());
  CHECK(ids_of(*got) == ids{2});
  CHECK(got->items(0).subject() == "jobs.sync_athlete.2");
  CHECK(kept() == 3);
  CHECK(bus->calls("remove") == 0);
}

TEST_CASE_METHOD(fixture, "what is asked wrongly is refused by name",
                 "[dead_letters]") {
  bury(1);
  auto refused = [&](const DeadLetterChoice& choice) {
    auto got = drop(choice);
    REQUIRE_FALSE(got);
    CHECK(code_of(got.error()) == ec::invalid_argument);
    CHECK(kept() == 1);
    return detail_of(got.error());
  };
  CHECK(refused({}).starts_with("ids must"));
  CHECK(refused(these({1, 2, 3, 4, 5})) == "ids must be at most 4");
  auto both = these({1});
  both.set_all(true);
  CHECK(refused(both).starts_with("ids must"));
  auto filtered = these({1});
  filtered.mutable_filter()->set_durable("d");
  CHECK(refused(filtered).starts_with("a filter"));
  auto choice = all();
  for (const auto* cursor : {"x", "-1", "0", "1 ", "1-", "1-0", "1-x", "1-2-3",
                             "99999999999999999999"}) {
    choice.set_cursor(cursor);
    CHECK(refused(choice).starts_with("cursor must"));
  }
  choice = all();
  choice.mutable_filter()->set_durable("a.>");
  CHECK(refused(choice).starts_with("durable must"));
  choice = all();
  choice.mutable_filter()->set_older_than_ms(-1);
  CHECK(refused(choice).starts_with("older_than"));
}

TEST_CASE_METHOD(fixture, "without the bus there is an answer",
                 "[dead_letters]") {
  bury(1);
  bus->fail("read", make_failure(ec::unavailable, "the bus is down"), 3);
  query::v1::ListDeadLetters question;
  question.set_limit(1);
  CHECK(code_of(ask<DeadLetterList>(uut, question).error()) == ec::unavailable);
  CHECK(code_of(retry(all()).error()) == ec::unavailable);
  auto got = retry(these({1}));
  REQUIRE(got);
  CHECK(got->items(0).problem() == "the bus is down");
}
