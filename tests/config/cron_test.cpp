#include "config/cron.hpp"

#include "messages/error.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstdio>
#include <string>
#include <vector>

using namespace stravasync;
using namespace std::chrono_literals;
using std::chrono::sys_days;
using std::chrono::sys_seconds;

namespace {

using lines = std::vector<std::string>;

cron planned(std::string_view line) {
  auto result = cron::parse(line);
  REQUIRE(result);
  return *result;
}

sys_seconds at(int y, unsigned m, unsigned d, int h = 0, int min = 0) {
  return sys_days{std::chrono::year{y} / static_cast<int>(m)
                  / static_cast<int>(d)}
         + std::chrono::hours{h} + std::chrono::minutes{min};
}

std::string text_of(sys_seconds t) {
  auto d = std::chrono::floor<std::chrono::days>(t);
  auto date = std::chrono::year_month_day{d};
  auto time = std::chrono::hh_mm_ss{t - d};
  constexpr auto size = 40;
  std::string result(size, '\0');
  auto length = std::snprintf(
    result.data(), result.size(), "%d-%02u-%02u %02d:%02d:%02d",
    static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
    static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
    static_cast<int>(time.minutes().count()),
    static_cast<int>(time.seconds().count()));
  result.resize(static_cast<std::size_t>(length));
  return result;
}

/// The next `count` planned times after `t`.
lines times(std::string_view line, sys_seconds t, int count) {
  auto what = planned(line);
  lines result;
  for (auto i = 0; i < count; ++i)
    result.push_back(text_of(t = what.next_after(t)));
  return result;
}

std::string refusal_of(std::string_view line) {
  auto result = cron::parse(line);
  REQUIRE_FALSE(result);
  CHECK(code_of(result.error()) == ec::invalid_argument);
  return detail_of(result.error());
}

} // namespace

TEST_CASE("a line of stars is every minute", "[cron]") {
  CHECK(times("* * * * *", at(2026, 12, 31, 23, 58) + 59s, 3)
        == lines{"2026-12-31 23:59:00", "2027-01-01 00:00:00",
                 "2027-01-01 00:01:00"});
}

TEST_CASE("the time after a planned time is the next one", "[cron]") {
  CHECK(times("30 4 * * *", at(2026, 3, 1, 4, 30), 2)
        == lines{"2026-03-02 04:30:00", "2026-03-03 04:30:00"});
}

TEST_CASE("lists, ranges and steps select what they name", "[cron]") {
  CHECK(times("*/25 9 * * *", at(2026, 1, 1), 4)
        == lines{"2026-01-01 09:00:00", "2026-01-01 09:25:00",
                 "2026-01-01 09:50:00", "2026-01-02 09:00:00"});
  CHECK(times("5,50-52 0-6/3 * * *", at(2026, 1, 1), 6)
        == lines{"2026-01-01 00:05:00", "2026-01-01 00:50:00",
                 "2026-01-01 00:51:00", "2026-01-01 00:52:00",
                 "2026-01-01 03:05:00", "2026-01-01 03:50:00"});
}

TEST_CASE("months and weekdays have names", "[cron]") {
  CHECK(times("0 12 1 Feb,aug *", at(2026, 1, 1), 3)
        == lines{"2026-02-01 12:00:00", "2026-08-01 12:00:00",
                 "2027-02-01 12:00:00"});
  // 2026-11-20 is a Friday.
  CHECK(times("0 0 * * mon-wed/2", at(2026, 11, 20), 2)
        == lines{"2026-11-23 00:00:00", "2026-11-25 00:00:00"});
}

TEST_CASE("Sunday is 0, 7 and the end of a range", "[cron]") {
  for (const auto* line : {"0 0 * * 0", "0 0 * * 7", "0 0 * * SUN"})
    CHECK(times(line, at(2026, 11, 20), 2)
          == lines{"2026-11-22 00:00:00", "2026-11-29 00:00:00"});
  CHECK(times("0 0 * * fri-sun", at(2026, 11, 19), 4)
        == lines{"2026-11-20 00:00:00", "2026-11-21 00:00:00",
                 "2026-11-22 00:00:00", "2026-11-27 00:00:00"});
}

TEST_CASE("a day of the month or a weekday is enough", "[cron]") {
  CHECK(times("0 0 13 * fri", at(2026, 11, 8), 4)
        == lines{"2026-11-13 00:00:00", "2026-11-20 00:00:00",
                 "2026-11-27 00:00:00", "2026-12-04 00:00:00"});
}

TEST_CASE("if one of them begins with a star, both have to match", "[cron]") {
  // Odd days of the month that are Mondays.
  CHECK(times("0 0 */2 * mon", at(2026, 11, 1), 2)
        == lines{"2026-11-09 00:00:00", "2026-11-23 00:00:00"});
  CHECK(times("0 0 1 * *", at(2026, 11, 1), 1) == lines{"2026-12-01 00:00:00"});
}

TEST_CASE("leap days come when they come", "[cron]") {
  CHECK(times("0 0 29 2 *", at(2096, 1, 1), 3)
        == lines{"2096-02-29 00:00:00", "2104-02-29 00:00:00",
                 "2108-02-29 00:00:00"});
  CHECK(times("0 0 31 * *", at(2026, 1, 31), 2)
        == lines{"2026-03-31 00:00:00", "2026-05-31 00:00:00"});
}

TEST_CASE("the newest planned time is found backwards", "[cron]") {
  auto what = planned("30 4 * * mon");
  CHECK(text_of(what.latest_by(at(2026, 11, 23, 4, 30)))
        == "2026-11-23 04:30:00");
  CHECK(text_of(what.latest_by(at(2026, 11, 23, 4, 30) - 1s))
        == "2026-11-16 04:30:00");
  CHECK(text_of(planned("0 0 29 2 *").latest_by(at(2103, 12, 31)))
        == "2096-02-29 00:00:00");
}

TEST_CASE("back and forth agree", "[cron]") {
  for (const auto* line :
       {"*/7 * * * *", "0 3 * * sun", "15 */5 1,15 * *", "59 23 31 12 *"}) {
    auto what = planned(line);
    auto t = at(2026, 1, 1);
    for (auto i = 0; i < 200; ++i) {
      auto next = what.next_after(t);
      CHECK(what.latest_by(next) == next);
      CHECK(what.latest_by(next - 1s) <= t);
      t = next;
    }
  }
}

TEST_CASE("what is wrong with a line is told with its field", "[cron]") {
  CHECK(refusal_of("* * * *")
        == "needs five fields (minute, hour, day of month, month, weekday), "
           "has 4");
  CHECK(refusal_of("@daily").find("has 1") != std::string::npos);
  CHECK(refusal_of("").find("has 0") != std::string::npos);
  CHECK(refusal_of("60 * * * *") == "minute: 60 is outside 0 to 59");
  CHECK(refusal_of("* 24 * * *") == "hour: 24 is outside 0 to 23");
  CHECK(refusal_of("* * 0 * *") == "day of month: 0 is outside 1 to 31");
  CHECK(refusal_of("* * * foo *") == "month: \"foo\" is no number or name");
  CHECK(refusal_of("* * * * 8") == "weekday: 8 is outside 0 to 7");
  CHECK(refusal_of("-1 * * * *") == "minute: \"\" is no number");
  CHECK(refusal_of("1- * * * *") == "minute: \"\" is no number");
  CHECK(refusal_of("5-1 * * * *")
        == "minute: the range \"5-1\" ends before it begins");
  CHECK(refusal_of("1-2-3 * * * *") == "minute: \"1-2-3\" is no range");
  CHECK(refusal_of("1,,2 * * * *") == "minute: \"\" is no number or range");
  CHECK(refusal_of("*/0 * * * *")
        == "minute: a step of \"0\" is outside 1 to 59");
  CHECK(refusal_of("5/15 * * * *")
        == "minute: the step in \"5/15\" needs a range or * before it");
  CHECK(refusal_of("*/2/3 * * * *")
        == "minute: \"*/2/3\" is no number or range");
  CHECK(refusal_of("99999999999 * * * *")
        == "minute: \"99999999999\" is no number");
}

TEST_CASE("a day that never comes is refused", "[cron]") {
  CHECK(refusal_of("0 0 30 2 *")
        == "day of month: 30 never comes in the months named");
  CHECK(refusal_of("0 0 31 apr,jun *").starts_with("day of month: 31 never"));
  // But as one of two ways for a day to match it does no harm.
  CHECK(cron::parse("0 0 30 2 mon"));
}
