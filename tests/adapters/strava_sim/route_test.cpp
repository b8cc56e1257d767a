#include "adapters/strava_sim/synthetic.hpp"
#include "tests/adapters/strava_sim/fixture.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cmath>
#include <optional>
#include <string>
#include <vector>

using namespace stravasync::strava_sim;
using test::sim::json;

namespace {

namespace dom = simdjson::dom;

struct point {
  double latitude, longitude;
};

/// Google's algorithm, read from its description; empty for text that is no
/// polyline.
std::vector<point> decode(std::string_view text) {
  auto result = std::vector<point>{};
  std::int64_t at[2] = {0, 0};
  auto i = std::size_t{0};
  while (i < text.size()) {
    for (auto& coordinate : at) {
      auto bits = std::uint64_t{0};
      auto shift = 0U;
      for (auto more = true; more; ++i) {
        if (i == text.size() || text[i] < 63 || text[i] > 126)
          return {};
        auto chunk = static_cast<std::uint64_t>(text[i] - 63);
        bits |= (chunk & 0x1f) << shift;
        shift += 5;
        more = chunk >= 0x20;
      }
      auto half = static_cast<std::int64_t>(bits >> 1);
      coordinate += (bits & 1) != 0 ? ~half : half;
    }
    result.push_back(
      {static_cast<double>(at[0]) / 1e5, static_cast<double>(at[1]) / 1e5});
  }
  return result;
}

double metres(const std::vector<point>& route) {
  constexpr auto radian = 3.14159265 / 180;
  auto result = 0.0;
  for (std::size_t i = 1; i < route.size(); ++i) {
    auto north = route[i].latitude - route[i - 1].latitude;
    auto east = (route[i].longitude - route[i - 1].longitude)
                * std::cos(route[i].latitude * radian);
    result += std::hypot(north, east) * 111'320;
  }
  return result;
}

/// @returns whether the activity has a route of its own.
bool check_route(dom::element activity) {
  auto line = std::string_view{activity["map"]["summary_polyline"]};
  auto route = decode(line);
  CHECK(route.empty() == line.empty());
  auto start = dom::array{activity["start_latlng"]};
  CHECK(route.empty() == (start.size() == 0));
  if (route.empty() || bool{activity["commute"]})
    return false;
  auto length = metres(route);
  auto distance = double{activity["distance"]};
  CHECK(std::abs(length - distance) < .02 * distance + 30);
  CHECK(std::abs(route.front().latitude - double{start.at(0)}) < 2e-5);
  CHECK(std::abs(route.front().longitude - double{start.at(1)}) < 2e-5);
  return true;
}

} // namespace

TEST_CASE("routes are valid polylines as long as the activity") {
  auto drawn = 0;
  for (auto id : {80'000'001, 80'000'003, 80'000'005, 80'000'007})
    for (const auto& activity : synthetic_athlete(id, 1, 200).activities_json) {
      INFO(activity);
      auto parsed = json{activity};
      drawn += check_route(parsed.root()) ? 1 : 0;
    }
  CHECK(drawn > 400);
}

TEST_CASE("routes start around the athlete's home, not far away") {
  auto far = 0;
  auto all = 0;
  auto home = std::optional<point>{};
  for (const auto& activity :
       synthetic_athlete(80'000'001, 1, 300).activities_json) {
    auto parsed = json{activity};
    auto route = decode(parsed.at("/map/summary_polyline"));
    if (route.empty())
      continue;
    if (!home)
      home = route.front();
    ++all;
    far += metres({*home, route.front()}) > 10'000 ? 1 : 0;
  }
  // Some are holidays.
  CHECK(all > 200);
  CHECK(far < all / 4);
}
