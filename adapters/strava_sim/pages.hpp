#pragma once

#include "adapters/strava_sim/athlete_book.hpp"
#include "adapters/strava_sim/token_book.hpp"

#include <cstddef>
#include <string>

namespace stravasync::strava_sim {

/// How many athletes the pages offer by name; others are chosen by id.
inline constexpr std::size_t consent_athletes_max = 40;

struct consent {
  std::string action; // Where the form goes: path and query of the page.
  std::string client_id;
  scope_list scopes; // That are asked for.
  std::vector<athlete_card> athletes;
  std::size_t synthetic_athletes = 0;
  std::string problem; // Shown above the form; empty: none.
};

/// @returns HTML: who are you, what do you allow, and two buttons. Works
/// without scripts.
[[nodiscard]] std::string consent_page(const consent& what);

/// @returns HTML: what this server is, and who lives here.
[[nodiscard]] std::string index_page(const std::vector<athlete_card>& athletes,
                                     std::size_t synthetic_athletes);

} // namespace stravasync::strava_sim
