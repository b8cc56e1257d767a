#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace stravasync::strava_sim {

/// Numbers that are the same on every machine for the same seed: the standard
/// library's distributions are not.
class random_source {
public:
  /// @param stream Sources of one seed with different streams are independent.
  explicit random_source(std::uint64_t seed, std::uint64_t stream = 0);

  /// splitmix64 (Steele, Lea, Flood 2014).
  std::uint64_t next();

  /// In [0, 1).
  double uniform();

  /// In [low, high).
  double uniform(double low, double high);

  /// In [low, high], both included.
  std::int64_t integer(std::int64_t low, std::int64_t high);

  /// About normal (a sum of four uniforms), never farther than 3.5 deviations.
  double normal(double mean, double deviation);

  bool chance(double probability);

  template <class T, std::size_t N>
  const T& pick(const std::array<T, N>& items) {
    return items.at(static_cast<std::size_t>(next() % N));
  }

  /// @returns an index, in proportion to the weights; 0 if all are zero.
  std::size_t weighted(std::span<const double> weights);

private:
  std::uint64_t state_;
};

} // namespace stravasync::strava_sim
