#include "adapters/telemetry/repetitions.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>

using namespace stravasync;
using namespace stravasync::telemetry;
using namespace std::chrono_literals;

namespace {

struct repetitions_fixture {
  repetitions folded{{10s, 1, 3}};
  unix_ms now_ms = 1'000;

  std::vector<log_entry>
  add(std::string_view text, log_level level = log_level::error,
      std::int64_t n = 0) {
    return folded.add(make_entry(now_ms, level, text, {{"n", n}}));
  }
};

std::int64_t n_of(const log_entry& entry) {
  return std::get<std::int64_t>(entry.fields.at(0).value);
}

} // namespace

TEST_CASE_METHOD(repetitions_fixture, "a storm is one line and one count",
                 "[repetitions]") {
  REQUIRE(add("call failed").size() == 1);
  for (auto n = std::int64_t{1}; n <= 123; ++n) {
    now_ms += 50;
    CHECK(add("call failed", log_level::error, n).empty());
  }
  now_ms = 11'000;
  auto written = add("something else");
  REQUIRE(written.size() == 2);
  CHECK(written[0].text == "call failed");
  CHECK(written[0].repeated == 123);
  CHECK(written[0].within == 10s);
  CHECK(n_of(written[0]) == 123);
  CHECK(written[1].text == "something else");
  CHECK(written[1].repeated == 0);
}

TEST_CASE_METHOD(repetitions_fixture,
                 "after the window a text is written in full again",
                 "[repetitions]") {
  CHECK(add("x").size() == 1);
  now_ms += 10'000;
  auto written = add("x");
  REQUIRE(written.size() == 1);
  CHECK(written[0].repeated == 0);
}

TEST_CASE_METHOD(repetitions_fixture, "levels and texts are counted apart",
                 "[repetitions]") {
  CHECK(add("x").size() == 1);
  CHECK(add("y").size() == 1);
  CHECK(add("x", log_level::warning).size() == 1);
  CHECK(add("x").empty());
}

TEST_CASE_METHOD(repetitions_fixture,
                 "what is no failure may be said a few times",
                 "[repetitions]") {
  for (auto n = 0; n < 3; ++n)
    CHECK(add("connected", log_level::info, n).size() == 1);
  CHECK(add("connected", log_level::info, 4).empty());
}

TEST_CASE_METHOD(repetitions_fixture, "what is due comes without a new entry",
                 "[repetitions]") {
  CHECK(add("x").size() == 1);
  CHECK(add("x").empty());
  CHECK(folded.due(now_ms + 9'999).empty());
  CHECK(folded.due(now_ms + 10'000).size() == 1);
  CHECK(folded.due(now_ms + 20'000).empty());
}

TEST_CASE_METHOD(repetitions_fixture, "at the end nothing is lost",
                 "[repetitions]") {
  CHECK(add("x").size() == 1);
  now_ms += 500;
  CHECK(add("x").empty());
  auto rest = folded.drain(now_ms);
  REQUIRE(rest.size() == 1);
  CHECK(rest[0].repeated == 1);
  CHECK(rest[0].within == 500ms);
  CHECK(folded.drain(now_ms).empty());
}

TEST_CASE_METHOD(repetitions_fixture, "a clock set back ends the window",
                 "[repetitions]") {
  now_ms = 1'000'000;
  CHECK(add("x").size() == 1);
  CHECK(add("x").empty());
  now_ms = 1'000;
  auto written = add("x");
  REQUIRE(written.size() == 2);
  CHECK(written[0].repeated == 1);
}

TEST_CASE_METHOD(repetitions_fixture, "texts without end do not fill memory",
                 "[repetitions]") {
  auto counts = std::size_t{0};
  for (auto n = 0; n < 5'000; ++n) {
    auto text = "text " + std::to_string(n);
    for (const auto& entry : add(text))
      counts += entry.repeated;
    for (const auto& entry : add(text))
      counts += entry.repeated;
  }
  for (const auto& entry : folded.drain(now_ms))
    counts += entry.repeated;
  CHECK(counts == 5'000);
}
