#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stravasync::strava_sim {

/// What lists need to know of one activity.
struct history_entry {
  std::int64_t id = 0;
  std::int64_t start_s = 0;
  bool only_me = false;
  /// Where the text is: index for the renderer, or -1: among the edited ones.
  std::int32_t slot = -1;
};

/// One athlete's activities, whether recorded, invented or edited. Not
/// thread-safe.
class athlete_history {
public:
  /// Gives the JSON of a slot.
  using renderer = std::function<std::string(std::int32_t slot)>;

  /// @param entries In any order.
  athlete_history(std::vector<history_entry> entries, renderer render);

  /// Newest start first; of equal starts the greater id first.
  [[nodiscard]] std::span<const history_entry> entries() const;

  /// @returns the SummaryActivity, byte for byte as recorded if nobody edited
  /// it.
  [[nodiscard]] std::string json(const history_entry& entry) const;

  [[nodiscard]] const history_entry* find(std::int64_t id) const;

  /// Adds or replaces by id.
  void put(history_entry entry, std::string json);

  /// @returns whether there was one.
  bool erase(std::int64_t id);

private:
  struct edited {
    std::int64_t id;
    std::string json;
  };

  std::vector<history_entry> entries_;
  renderer render_;
  std::vector<edited> edits_;
};

/// `GET /athlete/activities`, its parameters.
struct list_query {
  std::optional<std::int64_t> before_s;
  std::optional<std::int64_t> after_s;
  std::uint32_t page = 1;      // From 1.
  std::uint32_t per_page = 30; // At most 200.
  bool with_only_me = false;   // Whether the token may see those.
};

struct list_rules {
  bool inclusive_bounds = false;
  double short_page_rate = 0;
  std::uint64_t seed = 0; // Decides which pages are short.
};

/// @returns the entries of one page in Strava's order: newest first, but oldest
/// first with `after` alone. An empty page ends a list; a shorter one need not,
/// if the rules say so, and loses nothing.
[[nodiscard]] std::vector<history_entry>
list_page(std::span<const history_entry> newest_first, const list_query& query,
          const list_rules& rules);

} // namespace stravasync::strava_sim
