#include "config/nearest.hpp"

#include <algorithm>
#include <limits>
#include <vector>

namespace stravasync {

std::size_t edit_distance(std::string_view left, std::string_view right) {
  // Three rows of the usual table are enough, the oldest one for swaps.
  auto width = right.size() + 1;
  auto before = std::vector<std::size_t>(width);
  auto above = std::vector<std::size_t>(width);
  auto row = std::vector<std::size_t>(width);
  for (auto j = std::size_t{0}; j < width; ++j)
    row[j] = j;
  for (auto i = std::size_t{1}; i <= left.size(); ++i) {
    before.swap(above);
    above.swap(row);
    row[0] = i;
    for (auto j = std::size_t{1}; j < width; ++j) {
      auto replace = above[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, replace});
      if (i > 1 && j > 1 && left[i - 1] == right[j - 2]
          && left[i - 2] == right[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row.back();
}

std::string_view
nearest(std::string_view name, std::span<const std::string> candidates) {
  auto best = std::string_view{};
  auto least = std::numeric_limits<std::size_t>::max();
  for (const auto& candidate : candidates) {
    auto distance = edit_distance(name, candidate);
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return least <= std::max<std::size_t>(1, name.size() / 3)
           ? best
           : std::string_view{};
}

std::string
suggestion(std::string_view name, std::span<const std::string> candidates) {
  auto meant = nearest(name, candidates);
  return meant.empty() ? std::string{}
                       : ", did you mean " + std::string{meant} + "?";
}

} // namespace stravasync
