#pragma once

#include "adapters/strava_sim/athlete_history.hpp"

#include <caf/error.hpp>
#include <caf/expected.hpp>

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace stravasync::strava_sim {

/// Recorded activities of one athlete as read from a file.
struct recording {
  std::int64_t athlete_id = 0;
  std::vector<history_entry> entries; // Slots index `texts`.
  std::vector<std::string> texts;
};

/// Reads every `*_activities.json` of the folder. Fails with
/// `ec::invalid_argument`; the detail names folder or file and what is wrong
/// (unreadable, broken, two athletes, an athlete in two files, no activity).
[[nodiscard]] caf::expected<std::vector<recording>>
read_recordings(const std::string& folder);

/// One athlete as the API shows it.
struct athlete_data {
  std::string summary_json;
  std::string detailed_json;
  athlete_history history;
};

/// What the pages show of an athlete.
struct athlete_card {
  std::int64_t id = 0;
  std::string name;
  std::string town;
  std::size_t activities = 0;
  bool recorded = false;
};

/// All athletes there are: recorded ones, and an invented one for every other
/// id. Invented ones are made when asked for; those that nobody edited are
/// forgotten again, least recently used first, beyond a number of activities.
/// Not thread-safe.
class athlete_book {
public:
  struct rules {
    std::uint64_t seed = 1;
    std::size_t synthetic_athletes = 0;
    std::size_t activities_per_athlete = 0;
    std::size_t held_activities_max = 300'000; // About 50 MB.
  };

  athlete_book(rules with, std::vector<recording> recordings);

  /// @param id 1 to `athlete_id_max`. The reference is good until the next
  /// call.
  athlete_data& find(std::int64_t id);

  /// Adds or replaces an activity; the athlete is kept from now on.
  void put(std::int64_t athlete_id, history_entry entry, std::string json);

  /// @returns whether there was one.
  bool erase(std::int64_t athlete_id, std::int64_t activity_id);

  /// Every `put` and `erase` that still matters, by athlete and activity; the
  /// text is empty for an erased one.
  using edit_map = std::map<std::pair<std::int64_t, std::int64_t>, std::string>;
  [[nodiscard]] const edit_map& edits() const;

  /// @returns a new invented activity at a time, with an id that nobody has.
  std::string invent(std::int64_t athlete_id, std::int64_t start_s,
                     const std::string& sport_type);

  /// Recorded ones first, then at most `limit` of the invented ones that are
  /// offered.
  [[nodiscard]] std::vector<athlete_card> cards(std::size_t limit) const;

  [[nodiscard]] athlete_card card(std::int64_t id) const;

private:
  struct held {
    athlete_data data;
    bool pinned = false;
    std::list<std::int64_t>::iterator used;
  };

  athlete_data make_synthetic(std::int64_t id) const;
  void forget_some();

  rules rules_;
  std::unordered_map<std::int64_t, held> held_;
  std::list<std::int64_t> used_; // Most recently used first.
  std::vector<std::int64_t> recorded_;
  edit_map edits_;
};

} // namespace stravasync::strava_sim
