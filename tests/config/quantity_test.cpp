#include "config/quantity.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <string>

using namespace stravasync;
using namespace std::chrono_literals;

TEST_CASE("durations are whole numbers with a unit", "[quantity]") {
  CHECK(*parse_duration("50ms") == 50ms);
  CHECK(*parse_duration("10s") == 10s);
  CHECK(*parse_duration("15m") == 15min);
  CHECK(*parse_duration("1h") == 1h);
  CHECK(*parse_duration("7d") == 168h);
  CHECK(*parse_duration("0") == 0ms);
  CHECK(*parse_duration("0s") == 0ms);
}

TEST_CASE("what is not a duration is refused", "[quantity]") {
  auto text = GENERATE(as<std::string>{}, "", "15", "s", "-1s", "1.5s", "1 s",
                       "1S", "15min", "1h30m", "+1s", " 1s", "1s ",
                       "99999999999999999999d", "9223372036854775807d");
  INFO(text);
  CHECK_FALSE(parse_duration(text));
}

TEST_CASE("a duration is shown in its largest whole unit", "[quantity]") {
  CHECK(format_duration(0ms) == "0s");
  CHECK(format_duration(50ms) == "50ms");
  CHECK(format_duration(1500ms) == "1500ms");
  CHECK(format_duration(90min) == "90m");
  CHECK(format_duration(24h) == "1d");
}

TEST_CASE("sizes are whole numbers of bytes or binary units", "[quantity]") {
  CHECK(*parse_bytes("512") == 512);
  CHECK(*parse_bytes("512B") == 512);
  CHECK(*parse_bytes("16KiB") == 16384);
  CHECK(*parse_bytes("1MiB") == 1048576);
  CHECK(*parse_bytes("4GiB") == 4294967296);
  CHECK(*parse_bytes("1TiB") == 1099511627776);
}

TEST_CASE("what is not a size is refused", "[quantity]") {
  auto text = GENERATE(as<std::string>{}, "", "KiB", "1KB", "1k", "-1",
                       "1.5MiB", "1 MiB", "99999999999999999999",
                       "16777216TiB");
  INFO(text);
  CHECK_FALSE(parse_bytes(text));
}

TEST_CASE("a size is shown in its largest whole unit", "[quantity]") {
  CHECK(format_bytes(0) == "0B");
  CHECK(format_bytes(1000) == "1000B");
  CHECK(format_bytes(16384) == "16KiB");
  CHECK(format_bytes(std::uint64_t{1} << 40) == "1TiB");
}

TEST_CASE("what is shown reads back as the same value", "[quantity]") {
  auto value = GENERATE(std::uint64_t{1}, 1023, 1024, 1536, 90'000, 86'400'000,
                        999'999'999);
  CHECK(*parse_bytes(format_bytes(value)) == value);
  auto time = std::chrono::milliseconds{value};
  CHECK(*parse_duration(format_duration(time)) == time);
}

TEST_CASE("numbers have nothing before or behind them", "[quantity]") {
  CHECK(*parse_whole("200") == 200);
  CHECK_FALSE(parse_whole("200 "));
  CHECK_FALSE(parse_whole("0x10"));
  CHECK_FALSE(parse_whole("-1"));
  CHECK(*parse_real("0.66") == 0.66);
  CHECK(*parse_real("1") == 1.0);
  CHECK_FALSE(parse_real("nan"));
  CHECK_FALSE(parse_real("inf"));
  CHECK_FALSE(parse_real("0,5"));
  CHECK_FALSE(parse_real(""));
  CHECK(format_real(0.1) == "0.1");
}

TEST_CASE("lists are split at commas and trimmed", "[quantity]") {
  using list = std::vector<std::string>;
  CHECK(split_list("").empty());
  CHECK(split_list("  ").empty());
  CHECK(split_list("a") == list{"a"});
  CHECK(split_list("a, b ,c") == list{"a", "b", "c"});
  CHECK(split_list("a,,b") == list{"a", "", "b"});
}

TEST_CASE("base64 is checked for alphabet, length and padding", "[quantity]") {
  CHECK(is_base64_of("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", 32));
  CHECK_FALSE(is_base64_of("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", 32));
  CHECK_FALSE(is_base64_of("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==", 32));
  CHECK_FALSE(is_base64_of("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh-=", 32));
  CHECK_FALSE(is_base64_of("", 32));
  CHECK(is_base64_of("YQ==", 1));
  CHECK(is_base64_of("YWJj", 3));
}
