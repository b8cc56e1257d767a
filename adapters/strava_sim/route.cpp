#include "adapters/strava_sim/route.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace stravasync::strava_sim {

namespace {

constexpr double tau = 2 * std::numbers::pi;
constexpr double metres_per_degree = 111'320;

/// East and north of the start, metres.
struct step {
  double east = 0, north = 0;
};

using course = std::vector<step>;

double length_of(const course& points) {
  auto result = 0.0;
  for (std::size_t i = 1; i < points.size(); ++i)
    result += std::hypot(points[i].east - points[i - 1].east,
                         points[i].north - points[i - 1].north);
  return result;
}

std::size_t points_for(double distance_m) {
  return static_cast<std::size_t>(std::clamp(distance_m / 90, 24.0, 130.0));
}

/// A point that goes round a circle in equal steps: sine and cosine of a great
/// many angles for the price of two.
class rotor {
public:
  rotor(double first_angle, double step)
    : cosine_{std::cos(first_angle)},
      sine_{std::sin(first_angle)},
      step_cosine_{std::cos(step)},
      step_sine_{std::sin(step)} {
  }

  [[nodiscard]] double cosine() const {
    return cosine_;
  }

  [[nodiscard]] double sine() const {
    return sine_;
  }

  void turn() {
    auto cosine = cosine_ * step_cosine_ - sine_ * step_sine_;
    sine_ = sine_ * step_cosine_ + cosine_ * step_sine_;
    cosine_ = cosine;
  }

private:
  double cosine_, sine_, step_cosine_, step_sine_;
};

/// A closed curve around a point beside the start, uneven as roads are.
course draw_loop(double distance_m, random_source& random) {
  auto count = points_for(distance_m);
  auto step = (random.chance(.5) ? tau : -tau) / static_cast<double>(count);
  auto round = rotor{random.uniform(0, tau), step};
  auto stretch = random.uniform(.55, 1.0);
  struct wave {
    double height;
    rotor phase;
  };
  auto waves = std::vector<wave>{};
  for (auto i = 0; i < 4; ++i)
    waves.push_back({random.uniform(.05, .34) / (1 + .5 * i),
                     {random.uniform(0, tau), step * (i + 2)}});
  auto result = course{};
  result.reserve(count + 1);
  for (std::size_t i = 0; i < count; ++i) {
    auto radius = i == 0 ? 1.0 : random.normal(1, .02);
    for (auto& [height, phase] : waves) {
      radius += height * phase.sine();
      phase.turn();
    }
    result.push_back(
      {radius * round.cosine(), radius * round.sine() * stretch});
    round.turn();
  }
  result.push_back(result.front());
  return result;
}

/// A way that bends now and then; every few hundred metres a crossing.
course draw_wander(std::size_t count, random_source& random) {
  auto heading = random.uniform(0, tau);
  auto drift = random.uniform(-.05, .05);
  auto result = course{{0, 0}};
  for (std::size_t i = 1; i <= count; ++i) {
    heading += drift + random.normal(0, .16);
    if (random.chance(.1))
      heading += random.uniform(-.9, .9);
    auto last = result.back();
    auto length = random.uniform(.6, 1.4);
    result.push_back({last.east + length * std::cos(heading),
                      last.north + length * std::sin(heading)});
  }
  return result;
}

/// The way back is the way out as a receiver sees it a second time.
course draw_out_and_back(double distance_m, random_source& random) {
  auto out = draw_wander(points_for(distance_m) / 2, random);
  auto result = out;
  for (auto i = out.size() - 1; i-- > 0;)
    result.push_back({out[i].east + random.normal(0, .03),
                      out[i].north + random.normal(0, .03)});
  return result;
}

/// Up and down along a shore.
course draw_shore_laps(double distance_m, random_source& random) {
  auto lap_m = random.uniform(350, 700);
  auto laps = std::max(1.0, std::round(distance_m / (2 * lap_m)));
  auto heading = random.uniform(0, tau);
  auto result = course{};
  for (auto i = 0; i < static_cast<int>(laps); ++i)
    for (auto [along, across] : {std::pair{0.0, 0.0},
                                 {.33, .02},
                                 {.66, .03},
                                 {1.0, .05},
                                 {.66, .09},
                                 {.33, .07}}) {
      auto a = along + random.normal(0, .012);
      auto b = across + random.normal(0, .012);
      result.push_back({a * std::cos(heading) - b * std::sin(heading),
                        a * std::sin(heading) + b * std::cos(heading)});
    }
  result.push_back(result.front());
  return result;
}

/// Straight up by lift, down in turns; a few lifts of one mountain.
course draw_pistes(double distance_m, random_source& random) {
  auto runs = std::clamp(static_cast<int>(distance_m / 3'600), 2, 14);
  auto uphill = random.uniform(0, tau);
  auto result = course{};
  for (auto run = 0; run < runs; ++run) {
    auto base = random.uniform(-.5, .5);
    auto top = base + random.uniform(-.3, .3);
    auto height = random.uniform(.7, 1.2);
    auto add = [&](double up, double across) {
      result.push_back({up * std::cos(uphill) - across * std::sin(uphill),
                        up * std::sin(uphill) + across * std::cos(uphill)});
    };
    add(0, base);
    add(height, top);
    for (auto turn = 1; turn < 8; ++turn) {
      auto down = 1 - turn / 8.0;
      auto swing = (turn % 2 == 0 ? 1 : -1) * random.uniform(.02, .09);
      add(height * down, base + (top - base) * down + swing);
    }
  }
  return result;
}

course draw(route_shape shape, double distance_m, random_source& random) {
  switch (shape) {
    case route_shape::none:
      return {};
    case route_shape::loop:
      return random.chance(.6) ? draw_loop(distance_m, random)
                               : draw_out_and_back(distance_m, random);
    case route_shape::laps:
      return draw_shore_laps(distance_m, random);
    case route_shape::pistes:
      return draw_pistes(distance_m, random);
  }
  return {};
}

} // namespace

std::vector<coordinate> make_route(route_shape shape, coordinate start,
                                   double distance_m, random_source& random) {
  if (distance_m < 100)
    return {};
  auto points = draw(shape, distance_m, random);
  auto length = length_of(points);
  if (length <= 0)
    return {};
  auto scale = distance_m / length;
  auto origin = points.front();
  auto east_degree = metres_per_degree * std::cos(start.latitude * tau / 360);
  // Nobody starts on the same square metre every day.
  start.latitude += random.normal(0, 25) / metres_per_degree;
  start.longitude += random.normal(0, 25) / east_degree;
  auto result = std::vector<coordinate>{};
  result.reserve(points.size());
  for (const auto& point : points)
    result.push_back(
      {start.latitude
         + (point.north - origin.north) * scale / metres_per_degree,
       start.longitude + (point.east - origin.east) * scale / east_degree});
  return result;
}

} // namespace stravasync::strava_sim
