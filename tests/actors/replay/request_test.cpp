#include "actors/replay/request.hpp"

#include "messages/error.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace stravasync;

namespace {

replay_words
into(const std::string& where, const std::string& stream = "JOBS") {
  replay_words result;
  result.stream = stream;
  result.speed = "max";
  result.into = where;
  return result;
}

std::string refusal(const replay_words& words) {
  auto result = parse_request(words, 0);
  REQUIRE_FALSE(result);
  CHECK(code_of(result.error()) == ec::invalid_argument);
  return detail_of(result.error());
}

} // namespace

TEST_CASE("a replay goes to one of four places") {
  CHECK(parse_request(into("print"), 0)->into == replay_into::print);
  CHECK(parse_request(into("actors"), 0)->into == replay_into::actors);
  auto subject = parse_request(into("subject:replay.x"), 0);
  REQUIRE(subject);
  CHECK(subject->into == replay_into::subject);
  CHECK(subject->where == "replay.x");
  auto store = parse_request(into("store:sqlite:a:b.db", "INGEST"), 0);
  REQUIRE(store);
  CHECK(store->into == replay_into::store);
  CHECK(store->where == "sqlite:a:b.db");
  for (auto bad : {"", "prints", "print:", "actors:x", "subject",
                   "store:", "store", "x:y"}) {
    CAPTURE(bad);
    CHECK(refusal(into(bad, "INGEST")).starts_with("--into: '"));
  }
}

TEST_CASE("what does not go together is refused") {
  auto words = into("print");
  words.step = true;
  CHECK(refusal(words) == "--step goes with --into actors only");
  words = into("actors");
  words.step = true;
  words.speed = "10x";
  CHECK(refusal(words) == "--step and --speed: one of them paces, not both");
  words = into("actors");
  words.pretty = true;
  CHECK(refusal(words) == "--pretty goes with --into print only");
  CHECK(refusal(into("store:sqlite:x"))
        == "--into store: a database is rebuilt from stream INGEST, not from "
           "JOBS");
  words = into("print");
  words.athlete_id = -1;
  CHECK(refusal(words) == "--athlete: a number above 0");
}

TEST_CASE("bad words are named with their flag") {
  auto words = into("print");
  words.speed = "fast";
  CHECK(refusal(words).starts_with("--speed: 'fast' is no speed"));
  words = into("print");
  words.from = "x";
  CHECK(refusal(words).starts_with("--from: 'x' is no sequence"));
  words = into("print");
  words.to = "x";
  CHECK(refusal(words).starts_with("--to: 'x' is no sequence"));
  words = into("subject:jobs.x");
  CHECK(refusal(words).starts_with("--into: subject jobs.x belongs to"));
  words.force = true;
  CHECK(parse_request(words, 0));
}
