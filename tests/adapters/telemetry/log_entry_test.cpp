#include "adapters/telemetry/log_entry.hpp"

#include <catch2/catch_test_macros.hpp>
#include <simdjson.h>

#include <cstdint>
#include <limits>
#include <random>

using namespace stravasync;
using namespace stravasync::telemetry;
using namespace std::chrono_literals;

namespace {

constexpr auto noon_ms = unix_ms{1'700'000'000'123};

/// @returns the string at `name` after a strict parser has read `line`.
std::string string_at(const std::string& line, const char* name) {
  auto parser = simdjson::dom::parser{};
  auto value = std::string_view{};
  auto failed = parser.parse(line)[name].get(value);
  INFO(line);
  REQUIRE(failed == simdjson::SUCCESS);
  return std::string{value};
}

} // namespace

TEST_CASE("a JSON line has time, level, text and fields", "[log]") {
  auto entry = make_entry(noon_ms, log_level::warning, "page fetched",
                          {{"athlete", std::int64_t{70000001}},
                           {"took_s", 0.25},
                           {"last", true},
                           {"sport", std::string{"Ride"}}});
  CHECK(to_json(entry, "n1")
        == R"({"ts":"2023-11-14T22:13:20.123Z","level":"warning",)"
           R"("msg":"page fetched","node":"n1","athlete":70000001,)"
           R"("took_s":0.25,"last":true,"sport":"Ride"})");
}

TEST_CASE("a text line quotes only what needs it", "[log]") {
  auto entry = make_entry(noon_ms, log_level::info, "athlete connected",
                          {{"name", std::string{"Ada"}},
                           {"city", std::string{"S\xC3\xA3o Paulo"}},
                           {"empty", std::string{}},
                           {"n", std::int64_t{-1}}});
  CHECK(to_text(entry)
        == "athlete connected  name=Ada  city=\"S\xC3\xA3o Paulo\"  "
           "empty=\"\"  n=-1");
}

TEST_CASE("a value can neither fake a line nor drive the terminal", "[log]") {
  auto entry = make_entry(noon_ms, log_level::info, "x\ny",
                          {{"v", std::string{"a\nERROR \x1b[31m\x7f \xC2\x9B"
                                             "2J"}}});
  auto text = to_text(entry);
  for (auto c : text) {
    CHECK(static_cast<unsigned char>(c) >= 0x20);
    CHECK(c != 0x7F);
  }
  CHECK(text.find("\xC2\x9B") == std::string::npos);
  auto line = to_json(entry, {});
  CHECK(line.find('\n') == std::string::npos);
  CHECK(string_at(line, "v")
        == "a\nERROR \x1b[31m\x7f \xC2\x9B"
           "2J");
}

TEST_CASE("what is not UTF-8 becomes the replacement character", "[log]") {
  auto shown = [](std::string value) {
    auto entry = make_entry(noon_ms, log_level::info, "x", {{"v", value}});
    return string_at(to_json(entry, {}), "v");
  };
  const auto bad = std::string{"\xEF\xBF\xBD"};
  CHECK(shown("\xFF") == bad);
  CHECK(shown("a\xC3") == "a" + bad);
  CHECK(shown("\xC0\xAF") == bad + bad);             // Overlong.
  CHECK(shown("\xED\xA0\x80") == bad + bad + bad);   // Surrogate.
  CHECK(shown("\xF4\x90\x80\x80").starts_with(bad)); // Above U+10FFFF.
  CHECK(shown("\xF0\x9F\x9A\xB4") == "\xF0\x9F\x9A\xB4");
  CHECK(shown(std::string{"a\0b", 3}) == (std::string{"a\0b", 3}));
}

TEST_CASE("any bytes give a valid line", "[log]") {
  auto random = std::mt19937{7}; // NOLINT: the same bytes each time.
  auto byte = std::uniform_int_distribution<int>{0, 255};
  for (auto round = 0; round < 2'000; ++round) {
    auto value = std::string(static_cast<std::size_t>(round % 17), '\0');
    for (auto& c : value)
      c = static_cast<char>(byte(random));
    auto entry = make_entry(noon_ms, log_level::error, value, {{"v", value}});
    CHECK(string_at(to_json(entry, value), "level") == "error");
  }
}

TEST_CASE("numbers that JSON has no word for become texts", "[log]") {
  auto entry = make_entry(noon_ms, log_level::info, "x",
                          {{"a", std::numeric_limits<double>::quiet_NaN()},
                           {"b", -std::numeric_limits<double>::infinity()}});
  auto line = to_json(entry, {});
  CHECK(string_at(line, "a") == "nan");
  CHECK(string_at(line, "b") == "-inf");
}

TEST_CASE("a count is a field in JSON and words in text", "[log]") {
  auto entry = make_entry(noon_ms, log_level::error, "call failed", {});
  entry.repeated = 123;
  entry.within = 10s;
  CHECK(to_text(entry) == "call failed (repeated 123 times in 10 s)");
  CHECK(to_json(entry, {}).find(R"("repeated":123,"within_ms":10000)")
        != std::string::npos);
  entry.repeated = 1;
  entry.within = 1500ms;
  CHECK(to_text(entry) == "call failed (repeated 1 time in 1.5 s)");
}
