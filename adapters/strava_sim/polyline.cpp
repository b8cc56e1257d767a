#include "adapters/strava_sim/polyline.hpp"

#include <cmath>
#include <cstdint>

namespace stravasync::strava_sim {

namespace {

void append_difference(std::string& out, std::int64_t difference) {
  auto bits = static_cast<std::uint64_t>(difference) << 1;
  if (difference < 0)
    bits = ~bits;
  for (; bits >= 0x20; bits >>= 5)
    out += static_cast<char>((0x20 | (bits & 0x1f)) + 63);
  out += static_cast<char>(bits + 63);
}

} // namespace

std::string encode_polyline(std::span<const coordinate> points) {
  auto result = std::string{};
  auto last_latitude = std::int64_t{0};
  auto last_longitude = std::int64_t{0};
  for (const auto& point : points) {
    auto latitude = std::llround(point.latitude * 1e5);
    auto longitude = std::llround(point.longitude * 1e5);
    append_difference(result, latitude - last_latitude);
    append_difference(result, longitude - last_longitude);
    last_latitude = latitude;
    last_longitude = longitude;
  }
  return result;
}

} // namespace stravasync::strava_sim
