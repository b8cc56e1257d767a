#include "adapters/strava_sim/random_source.hpp"

#include <numeric>

namespace stravasync::strava_sim {

namespace {

std::uint64_t mix(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

constexpr auto golden_gamma = 0x9e3779b97f4a7c15ULL;

} // namespace

random_source::random_source(std::uint64_t seed, std::uint64_t stream)
  : state_{mix(seed + golden_gamma) ^ mix(stream * golden_gamma + 1)} {
}

std::uint64_t random_source::next() {
  state_ += golden_gamma;
  return mix(state_);
}

double random_source::uniform() {
  return static_cast<double>(next() >> 11) * 0x1.0p-53;
}

double random_source::uniform(double low, double high) {
  return low + (high - low) * uniform();
}

std::int64_t random_source::integer(std::int64_t low, std::int64_t high) {
  auto range = static_cast<std::uint64_t>(high - low) + 1;
  return low + static_cast<std::int64_t>(next() % range);
}

double random_source::normal(double mean, double deviation) {
  // A sum of four has a third of the variance of the unit normal.
  constexpr auto root_of_3 = 1.7320508075688772;
  auto sum = uniform() + uniform() + uniform() + uniform();
  return mean + (sum - 2.0) * root_of_3 * deviation;
}

bool random_source::chance(double probability) {
  return uniform() < probability;
}

std::size_t random_source::weighted(std::span<const double> weights) {
  auto left = uniform() * std::accumulate(weights.begin(), weights.end(), 0.0);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (left < weights[i])
      return i;
    left -= weights[i];
  }
  return 0;
}

} // namespace stravasync::strava_sim
