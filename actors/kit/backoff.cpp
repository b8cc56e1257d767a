#include "actors/kit/backoff.hpp"

#include <algorithm>
#include <cmath>

namespace kit {

std::chrono::milliseconds
backoff_after(std::uint32_t attempt, const backoff_config& config,
              double random01) {
  auto bound = std::max(config.min, std::chrono::milliseconds{0});
  const auto max = std::max(bound, config.max);
  // Stop doubling at the bound: doubling on would overflow for large attempts,
  // and no more than the bits of a count can be needed.
  for (auto i = 1u; i < std::min(attempt, 64u) && bound < max; ++i)
    bound = bound > max / 2 ? max : bound * 2;
  const auto share = std::isnan(random01) ? 1.0
                                          : std::clamp(random01, 0.0, 1.0);
  if (share >= 1.0)
    return bound;
  // Below 1 the product stays below the bound, which fits.
  return std::chrono::milliseconds{
    static_cast<std::int64_t>(share * static_cast<double>(bound.count()))};
}

} // namespace kit
