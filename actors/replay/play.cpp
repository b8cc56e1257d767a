#include "actors/replay/play.hpp"

#include "messages/error.hpp"

#include <array>
#include <cstdio>
#include <utility>

namespace stravasync {

namespace {

using steady = std::chrono::steady_clock;
using std::chrono::milliseconds;

std::string counted(std::uint64_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

/// "0.25 s", "4m 10s", "3d 2h".
std::string duration_text(std::int64_t ms) {
  constexpr auto minute = std::int64_t{60'000};
  constexpr auto hour = 60 * minute;
  constexpr auto day = 24 * hour;
  if (ms < minute) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.2f s",
                  static_cast<double>(ms) / 1'000);
    return text.data();
  }
  auto two = [](std::int64_t large, const char* l, std::int64_t small,
                const char* s) {
    return std::to_string(large) + l + " " + std::to_string(small) + s;
  };
  if (ms < hour)
    return two(ms / minute, "m", ms % minute / 1'000, "s");
  if (ms < day)
    return two(ms / hour, "h", ms % hour / minute, "m");
  return two(ms / day, "d", ms % day / hour, "h");
}

void note(replay_summary& in, const stored_message& what, bool good) {
  if (in.messages++ == 0)
    in.first_stored_at_ms = what.stored_at_ms;
  in.last_stored_at_ms = what.stored_at_ms;
  in.failures += good ? 0 : 1;
}

} // namespace

std::string to_text(const replay_summary& summary) {
  auto span = summary.last_stored_at_ms - summary.first_stored_at_ms;
  auto result = summary.interrupted ? std::string{"interrupted after "}
                                    : std::string{};
  result += counted(summary.messages, "message") + " recorded over "
            + duration_text(span) + ", replayed in "
            + duration_text(summary.took.count()) + ", "
            + (summary.failures == 0 ? "none"
                                     : std::to_string(summary.failures))
            + " failed";
  return result;
}

caf::expected<replay_summary>
play(recording& from, replay_target& to, const play_options& how) {
  replay_summary result;
  auto pace = pacer{how.speed};
  auto begun = steady::now();
  auto proceed = [&](const stored_message& what) {
    return how.wait_until(pace.due(what.stored_at_ms, steady::now()))
           && (!how.confirm || how.confirm(what));
  };
  while (true) {
    auto next = from.next();
    if (!next)
      return next.error();
    if (!*next)
      break;
    if (!proceed(**next)) {
      result.interrupted = true;
      break;
    }
    auto good = to.take(**next);
    if (!good)
      return with_context(good.error(),
                          "message " + std::to_string((*next)->sequence));
    note(result, **next, *good);
    if (how.progress)
      how.progress(result);
  }
  if (result.messages == 0 && !result.interrupted)
    return make_failure(ec::not_found, "nothing recorded " + from.text());
  result.took = std::chrono::duration_cast<milliseconds>(steady::now() - begun);
  result.remarks = to.finish();
  return result;
}

} // namespace stravasync
