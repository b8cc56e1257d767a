#include "adapters/strava_sim/places.hpp"

#include <array>

namespace stravasync::strava_sim {

namespace {

constexpr std::int32_t hour = 3'600;

constexpr auto berlin = time_zone{"Europe/Berlin", hour, dst_rule::europe};
constexpr auto zurich = time_zone{"Europe/Zurich", hour, dst_rule::europe};
constexpr auto paris = time_zone{"Europe/Paris", hour, dst_rule::europe};
constexpr auto vienna = time_zone{"Europe/Vienna", hour, dst_rule::europe};
constexpr auto rome = time_zone{"Europe/Rome", hour, dst_rule::europe};
constexpr auto oslo = time_zone{"Europe/Oslo", hour, dst_rule::europe};
constexpr auto madrid = time_zone{"Europe/Madrid", hour, dst_rule::europe};
constexpr auto london = time_zone{"Europe/London", 0, dst_rule::europe};
constexpr auto helsinki = time_zone{"Europe/Helsinki", 2 * hour,
                                    dst_rule::europe};
constexpr auto new_york = time_zone{"America/New_York", -5 * hour,
                                    dst_rule::america};
constexpr auto denver = time_zone{"America/Denver", -7 * hour,
                                  dst_rule::america};
constexpr auto los_angeles = time_zone{"America/Los_Angeles", -8 * hour,
                                       dst_rule::america};
constexpr auto bogota = time_zone{"America/Bogota", -5 * hour, dst_rule::none};
constexpr auto tokyo = time_zone{"Asia/Tokyo", 9 * hour, dst_rule::none};
constexpr auto kolkata = time_zone{"Asia/Kolkata", 5 * hour + 1'800,
                                   dst_rule::none};
constexpr auto sydney = time_zone{"Australia/Sydney", 10 * hour,
                                  dst_rule::australia};
constexpr auto auckland = time_zone{"Pacific/Auckland", 12 * hour,
                                    dst_rule::new_zealand};
constexpr auto johannesburg = time_zone{"Africa/Johannesburg", 2 * hour,
                                        dst_rule::none};

constexpr auto towns = std::array<place, 22>{{
  {"Leipzig", "Sachsen", "Germany", 51.34, 12.37, berlin, 113, 3, false, true},
  {"Freiburg", "Baden-Württemberg", "Germany", 47.99, 7.85, berlin, 278, 14,
   true, false},
  {"Münster", "Nordrhein-Westfalen", "Germany", 51.96, 7.63, berlin, 60, 2,
   false, false},
  {"Winterthur", "Zürich", "Switzerland", 47.50, 8.72, zurich, 440, 12, true,
   false},
  {"Thun", "Bern", "Switzerland", 46.76, 7.63, zurich, 560, 16, true, true},
  {"Annecy", "Haute-Savoie", "France", 45.90, 6.13, paris, 450, 15, true, true},
  {"Nantes", "Loire-Atlantique", "France", 47.22, -1.55, paris, 20, 4, false,
   true},
  {"Graz", "Steiermark", "Austria", 47.07, 15.44, vienna, 353, 10, true, false},
  {"Bergamo", "Lombardia", "Italy", 45.70, 9.67, rome, 250, 14, true, false},
  {"Girona", "Catalunya", "Spain", 41.98, 2.82, madrid, 75, 13, false, false},
  {"Lillehammer", "Innlandet", "Norway", 61.12, 10.47, oslo, 180, 15, true,
   true},
  {"Tampere", "Pirkanmaa", "Finland", 61.50, 23.76, helsinki, 114, 6, false,
   true},
  {"Sheffield", "England", "United Kingdom", 53.38, -1.47, london, 120, 14,
   false, false},
  {"Edinburgh", "Scotland", "United Kingdom", 55.95, -3.19, london, 70, 10,
   false, true},
  {"Burlington", "Vermont", "United States", 44.48, -73.21, new_york, 60, 9,
   true, true},
  {"Boulder", "Colorado", "United States", 40.02, -105.27, denver, 1'630, 13,
   true, false},
  {"Santa Cruz", "California", "United States", 36.97, -122.03, los_angeles, 20,
   12, false, true},
  {"Medellín", "Antioquia", "Colombia", 6.24, -75.58, bogota, 1'495, 16, false,
   false},
  {"Matsumoto", "Nagano", "Japan", 36.24, 137.97, tokyo, 592, 9, true, false},
  {"Pune", "Maharashtra", "India", 18.52, 73.86, kolkata, 560, 7, false, false},
  {"Wollongong", "New South Wales", "Australia", -34.42, 150.89, sydney, 15, 9,
   false, true},
  {"Stellenbosch", "Western Cape", "South Africa", -33.93, 18.86, johannesburg,
   136, 11, false, false},
}};

constexpr auto resorts = std::array<place, 6>{{
  {"Davos", "Graubünden", "Switzerland", 46.80, 9.84, zurich, 1'560, 30, true,
   false},
  {"Les Arcs", "Savoie", "France", 45.57, 6.83, paris, 1'800, 30, true, false},
  {"Saalbach", "Salzburg", "Austria", 47.39, 12.64, vienna, 1'003, 28, true,
   false},
  {"Breckenridge", "Colorado", "United States", 39.48, -106.07, denver, 2'926,
   25, true, false},
  {"Hakuba", "Nagano", "Japan", 36.70, 137.86, tokyo, 760, 26, true, false},
  {"Queenstown", "Otago", "New Zealand", -45.03, 168.66, auckland, 310, 26,
   true, true},
}};

} // namespace

std::span<const place> home_towns() {
  return towns;
}

std::span<const place> ski_resorts() {
  return resorts;
}

} // namespace stravasync::strava_sim
