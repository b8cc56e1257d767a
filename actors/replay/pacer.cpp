#include "actors/replay/pacer.hpp"

#include "messages/error.hpp"

#include <algorithm>
#include <charconv>
#include <string>

namespace stravasync {

namespace {

constexpr auto slowest = 0.001;
constexpr auto fastest = 1'000'000.0;

} // namespace

caf::expected<replay_speed> parse_speed(std::string_view text) {
  if (text == "max")
    return replay_speed{0};
  auto number = text.substr(0, text.find('x'));
  auto value = replay_speed{0};
  const auto* end = number.data() + number.size();
  auto read = std::from_chars(number.data(), end, value);
  // Negated, so that it holds for no number too.
  if (text.size() != number.size() + 1 || read.ec != std::errc{}
      || read.ptr != end || !(value >= slowest && value <= fastest))
    return make_failure(ec::invalid_argument,
                        "'" + std::string{text}
                          + "' is no speed: max, or a number from 0.001 to "
                            "1000000 and x, such as 10x");
  return value;
}

pacer::time_point pacer::due(unix_ms stored_at_ms, time_point now) {
  if (!first_)
    first_ = {stored_at_ms, now};
  if (speed_ == 0)
    return now;
  using recorded = std::chrono::duration<double, std::milli>;
  // The order is the stream's; a clock that went back makes nobody wait.
  auto since = std::max<unix_ms>(stored_at_ms - first_->stored_at_ms, 0);
  auto after = recorded{static_cast<double>(since) / speed_};
  return first_->at
         + std::chrono::duration_cast<std::chrono::steady_clock::duration>(
           after);
}

} // namespace stravasync
