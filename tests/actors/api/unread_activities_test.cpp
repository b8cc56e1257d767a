// What becomes of elements of a page that cannot be read.

#include "actors/api/unread_activities.hpp"

#include "actors/api/run_keeper.hpp"
#include "actors/dead_letter.hpp"
#include "messages/redriven.hpp"
#include "tests/actors/api/page_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace stravasync;
using namespace std::chrono_literals;

namespace {

/// A decoder that reads lone surrogates as if they were fine: the next version.
class lenient_decoder final : public strava_decoder {
public:
  caf::expected<athlete> decode_athlete(std::string_view json) const override {
    return usual_->decode_athlete(json);
  }

  caf::expected<activity>
  decode_activity(std::string_view json) const override {
    auto text = std::string{json};
    if (auto at = text.find("\\ud83d"); at != std::string::npos)
      text.replace(at, 6, "?");
    return usual_->decode_activity(text);
  }

  std::int64_t id_of(std::string_view json) const override {
    return usual_->id_of(json);
  }

  activities_response read_list(const std::string& body) const override {
    return usual_->read_list(body);
  }

private:
  std::unique_ptr<strava_decoder> usual_ = strava::make_decoder();
};

struct fixture : test::page_fixture {
  const std::string broken
    = R"({"id":3,"name":"Run \ud83d","sport_type":"Run",)"
      R"("start_date":"2023-11-01T08:00:03Z"})";

  delivery_handler_actor next_version = keep(system().spawn(
    ingest_writer, context(), store,
    std::shared_ptr<const strava_decoder>{std::make_shared<lenient_decoder>()},
    relay, ingest_config{.durable = "api__page"}));

  std::vector<envelope> letters() {
    return bus->stored(dead_letter_subject("api__page"));
  }

  std::int64_t failed() {
    auto got
      = look([](transaction& tx) { return tx.queries().count_unread(who); });
    return got;
  }

  page page_with(const std::string& run, const std::string& json,
                 const std::vector<std::int64_t>& ids = {1, 2}) {
    auto result = last_page(run, 1, ids);
    result.add_activities_json(json);
    return result;
  }

  /// Sends a letter again, as an operator does. @returns whether it was done.
  bool retry(const delivery_handler_actor& handler, const envelope& letter,
             std::uint64_t sequence) {
    auto message = revive({.message = letter, .sequence = sequence});
    REQUIRE(message);
    auto what = std::make_shared<delivery>();
    what->message = std::move(*message);
    auto got = ask<outcome>(handler, handle_delivery{what});
    REQUIRE(got);
    return got->decision == verdict::ack;
  }
};

} // namespace

TEST_CASE_METHOD(fixture,
                 "an element that is no activity is set aside byte for byte, "
                 "the others are stored",
                 "[ingest]") {
  add_athlete();
  CHECK(stores(page_with("r", broken)));
  CHECK(activities_stored() == 2);
  CHECK(run_row("r")->state == events::v1::SYNC_STATE_COMPLETE);
  REQUIRE(letters().size() == 1);
  auto letter = letters().front();
  CHECK(letter.header_or_empty(header::reason)
        == R"(activity 3: name is "Run \ud83d" (byte 20), must not hold )"
           "half of a surrogate pair");
  CHECK(letter.header_or_empty(header::origin)
        == "ingest.activities." + std::to_string(who) + ".r");
  ingest::v1::ActivitiesPage kept;
  REQUIRE(decode(letter, kept));
  CHECK(kept.part());
  CHECK_FALSE(kept.has_next());
  REQUIRE(kept.activities_json_size() == 1);
  CHECK(kept.activities_json(0) == broken);
  auto told = published<events::v1::SyncProgressed>();
  REQUIRE(told.size() == 1);
  CHECK(told[0].status().state() == events::v1::SYNC_STATE_COMPLETE);
  CHECK(told[0].status().failed() == 1);
  CHECK(told[0].status().activities_stored() == 2);
}

TEST_CASE_METHOD(fixture,
                 "each element has a letter of its own, equal ones too",
                 "[ingest]") {
  add_athlete();
  auto one = page_with("r", "null");
  one.add_activities_json("null");
  one.add_activities_json(R"({"id":9,"start_date":null})");
  one.add_activities_json("{\"id\":8,\"a\":\"\xED\xA0\xBD\"}");
  CHECK(stores(one));
  CHECK(activities_stored() == 2);
  CHECK(letters().size() == 4);
  CHECK(failed() == 4);
}

TEST_CASE_METHOD(fixture, "a page delivered twice has one letter", "[ingest]") {
  add_athlete();
  auto one = page_with("r", broken);
  CHECK(stores(one));
  CHECK(stores(one));
  CHECK(letters().size() == 1);
  CHECK(failed() == 1);
}

TEST_CASE_METHOD(fixture,
                 "an element that every run lists again keeps its one letter",
                 "[ingest]") {
  add_athlete();
  CHECK(stores(page_with("r", broken)));
  pass(1h);
  CHECK(stores(page_with("again", broken)));
  CHECK(letters().size() == 1);
  CHECK(failed() == 1);
  CHECK(published<events::v1::SyncProgressed>().back().status().failed() == 1);
}

TEST_CASE_METHOD(fixture,
                 "a letter that is sent again after a fix gives what it would "
                 "have given at once",
                 "[ingest]") {
  add_athlete();
  CHECK(stores(page_with("r", broken)));
  auto letter = letters().front();
  CHECK(retry(next_version, letter, 5));
  CHECK(activities_stored() == 3);
  CHECK(failed() == 0);
  auto row = activity_row(3);
  REQUIRE(row);
  CHECK(row->raw == broken);
  CHECK(run_row("r")->pages_stored == 1);
  CHECK(run_row("r")->activities_listed == 3);
  CHECK(run_row("r")->newest_start_ms == row->start_at_ms);
  CHECK(run_row("r")->state == events::v1::SYNC_STATE_COMPLETE);
  CHECK(published<events::v1::SyncProgressed>().back().status().failed() == 0);
  // Delivered again it changes nothing.
  CHECK(retry(next_version, letter, 5));
  CHECK(run_row("r")->activities_listed == 3);
  CHECK(letters().size() == 1);
}

TEST_CASE_METHOD(fixture,
                 "a letter that is sent again without a fix is a letter again, "
                 "once",
                 "[ingest]") {
  add_athlete();
  CHECK(stores(page_with("r", broken)));
  auto letter = letters().front();
  CHECK(retry(writer, letter, 5));
  CHECK(letters().size() == 2);
  pass(1h);
  CHECK(retry(writer, letter, 5));
  CHECK(letters().size() == 2);
  CHECK(failed() == 1);
  CHECK(run_row("r")->activities_listed == 2);
  CHECK(letters().back().header_or_empty(header::reason)
        == letter.header_or_empty(header::reason));
  // And the second one can be sent again, too.
  CHECK(retry(next_version, letters().back(), 6));
  CHECK(failed() == 0);
  CHECK(activities_stored() == 3);
}

TEST_CASE_METHOD(fixture, "a letter of an older version is stored, too",
                 "[ingest]") {
  add_athlete();
  CHECK(stores(last_page("r", 1, {1, 2})));
  auto part = last_page("r", 1, {3});
  part.add_activities_json(broken);
  auto what = std::make_shared<delivery>();
  what->message = make_envelope(part, {.message_id = "redrive:5:x"});
  what->message.headers[std::string{header::redriven_from}] = "5";
  auto got = ask<outcome>(writer, handle_delivery{what});
  REQUIRE(got);
  CHECK(got->decision == verdict::ack);
  CHECK(activities_stored() == 3);
  CHECK(run_row("r")->pages_stored == 1);
  CHECK(run_row("r")->state == events::v1::SYNC_STATE_COMPLETE);
  CHECK(letters().size() == 1);
  CHECK(failed() == 1);
}

TEST_CASE_METHOD(fixture, "what Strava lists soundly later has not failed",
                 "[ingest]") {
  add_athlete();
  CHECK(stores(page_with("r", broken)));
  pass(1h);
  CHECK(stores(last_page("later", 1, {3})));
  CHECK(failed() == 0);
  CHECK(activities_stored() == 3);
}

TEST_CASE_METHOD(fixture, "a re-list does not delete what it cannot read",
                 "[ingest]") {
  add_athlete();
  CHECK(stores(last_page("first", 1, {1, 2, 3, 4, 5, 6})));
  pass(1h);
  auto again = relist("again", {1, 2, 4, 5});
  SECTION("an activity that is named") {
    again.add_activities_json(broken);
    CHECK(stores(again));
    CHECK_FALSE(activity_row(3)->deleted_at_ms);
    // That one is missing for sure.
    CHECK(activity_row(6)->deleted_at_ms);
    CHECK(failed() == 1);
  }
  SECTION("one that may be any") {
    again.add_activities_json("null");
    CHECK(stores(again));
    CHECK(activities_stored() == 6);
    CHECK(run_row("again")->reason
          == "2 of 6 activities were missing from Strava's list, which holds 1 "
             "that cannot be read and may be any of them: none is deleted "
             "before somebody confirms it");
    auto absent
      = look([](transaction& tx) { return tx.queries().absences_of(who); });
    CHECK(absent == absence_summary{.doubted = 2, .since_ms = *now});
  }
}

TEST_CASE_METHOD(fixture, "a re-list forgets what Strava lists no more",
                 "[ingest]") {
  add_athlete();
  CHECK(stores(page_with("first", broken)));
  pass(1h);
  CHECK(stores(relist("again", {1, 2})));
  CHECK(failed() == 0);
}

TEST_CASE_METHOD(fixture,
                 "a page that is stored late does not set a run going that "
                 "ended behind it",
                 "[ingest]") {
  add_athlete();
  CHECK(stores(make_page("r", 1, {1})));
  events::v1::SyncHeldUp fact;
  fact.set_athlete_id(who);
  fact.set_run_id("r");
  fact.set_mode(jobs::v1::SYNC_MODE_BACKFILL);
  fact.set_page_number(3);
  fact.set_state(events::v1::SYNC_STATE_FAILED);
  fact.set_reason("Strava's list has no end");
  change([&](transaction& tx) { return hold_up_run(tx, fact, *now); });
  CHECK(stores(make_page("r", 2, {2})));
  auto run = run_row("r");
  CHECK(run->state == events::v1::SYNC_STATE_FAILED);
  CHECK(run->reason == "Strava's list has no end");
  CHECK(run->pages_stored == 2);
  // What goes on is page 3 itself.
  CHECK(stores(make_page("r", 3, {3})));
  CHECK(run_row("r")->state == events::v1::SYNC_STATE_RUNNING);
  CHECK(run_row("r")->reason.empty());
}

TEST_CASE_METHOD(fixture,
                 "what a clock that was ahead listed is no longer listed once "
                 "a re-list lacks it",
                 "[ingest]") {
  add_athlete();
  auto ahead = last_page("first", 1, {1, 2});
  ahead.add_activities_json("null");
  ahead.set_fetched_at_ms(*now + 3 * 365 * unix_ms{86'400'000});
  CHECK(stores(ahead));
  CHECK(failed() == 1);
  pass(2h);
  CHECK(stores(relist("again", {1, 2})));
  CHECK(failed() == 0);
}
