#include "actors/replay/athlete_book.hpp"

#include "adapters/strava/strava_client.hpp"
#include "messages/contracts.hpp"
#include "messages/events.pb.h"
#include "messages/profile.pb.h"
#include "tests/actors/replay/recorded_stream.hpp"

#include <catch2/catch_test_macros.hpp>

#include <memory>
#include <string>

using namespace stravasync;

namespace {

struct book_fixture {
  std::shared_ptr<test::recorded_streams> streams
    = std::make_shared<test::recorded_streams>();

  void profile(std::int64_t id, unix_ms at, const std::string& name,
               const std::string& scope = "read") {
    ingest::v1::AthleteProfile what;
    what.set_athlete_id(id);
    what.set_scope(scope);
    what.set_connected_at_ms(at);
    what.set_athlete_json(R"({"id":)" + std::to_string(id) + R"(,"firstname":")"
                          + name + R"("})");
    streams->add("INGEST", make_envelope(what, {}), at);
  }

  void connected(std::int64_t id, unix_ms at) {
    events::v1::AthleteConnected fact;
    fact.set_athlete_id(id);
    fact.set_scope("read,profile");
    fact.set_at_ms(at);
    streams->add("EVENTS", make_envelope(fact, {}), at);
  }

  void left(std::int64_t id, unix_ms at) {
    events::v1::AthleteDisconnected fact;
    fact.set_athlete_id(id);
    fact.set_at_ms(at);
    streams->add("EVENTS", make_envelope(fact, {}), at);
  }

  athlete_book read() const {
    auto result = athlete_book::read(streams, *strava::make_decoder());
    REQUIRE(result);
    return std::move(*result);
  }
};

} // namespace

TEST_CASE_METHOD(book_fixture, "an athlete is the newest profile, connected "
                               "first") {
  profile(7, 1'000, "Ada");
  profile(7, 5'000, "Eve", "read,activity:read_all");
  auto book = read();
  CHECK(book.has_profile(7));
  auto row = book.find(7);
  CHECK(row.name == "Eve");
  CHECK(row.scope == "read,activity:read_all");
  CHECK(row.connected_at_ms == 1'000);
  CHECK_FALSE(book.has_left(7, 1));
}

TEST_CASE_METHOD(book_fixture, "a consent holds until the next") {
  profile(7, 1'000, "Ada", "read,activity:read_all");
  profile(7, 5'000, "Ada", "read,activity:read");
  auto book = read();
  CHECK(book.scope_at(7, 500) == "read,activity:read_all");
  CHECK(book.scope_at(7, 4'999) == "read,activity:read_all");
  CHECK(book.scope_at(7, 5'000) == "read,activity:read");
  CHECK(book.scope_at(8, 5'000).empty());
}

TEST_CASE_METHOD(book_fixture, "without a profile there is what is known") {
  connected(7, 1'000);
  auto book = read();
  CHECK_FALSE(book.has_profile(7));
  CHECK(book.find(7).scope == "read,profile");
  CHECK(book.find(7).connected_at_ms == 1'000);
  CHECK(book.find(7).name == "Athlete 7");
  CHECK(book.find(9).id == 9);
  CHECK(book.find(9).raw == R"({"id":9})");
}

TEST_CASE_METHOD(book_fixture, "who has left stays away") {
  profile(7, 1'000, "Ada");
  connected(7, 1'000);
  left(7, 2'000);
  auto book = read();
  CHECK(book.has_left(7, 1'500));
  CHECK(book.has_left(7, 2'500)); // A page that was on its way.
  CHECK_FALSE(book.has_left(8, 1'500));
}

TEST_CASE_METHOD(book_fixture, "who came back has what came after") {
  profile(7, 1'000, "Ada");
  left(7, 2'000);
  profile(7, 3'000, "Ada");
  auto book = read();
  CHECK(book.has_left(7, 1'500));
  CHECK_FALSE(book.has_left(7, 3'500));
  CHECK(book.find(7).connected_at_ms == 3'000);
}
