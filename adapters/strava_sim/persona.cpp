#include "adapters/strava_sim/persona.hpp"

#include "adapters/strava_sim/random_source.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace stravasync::strava_sim {

namespace {

constexpr auto female_names = std::to_array<std::string_view>(
  {"Anna",  "Maya",   "Sofia",  "Ingrid", "Claire", "Yuki", "Priya",
   "Lena",  "Camila", "Hannah", "Zoë",    "Emma",   "Aino", "Giulia",
   "Marta", "Naledi", "Olivia", "Freya",  "Élodie", "Ruth"});
constexpr auto male_names = std::to_array<std::string_view>(
  {"Jonas", "Mateo",  "Oliver", "Lukas",  "Pierre", "Kenji", "Arjun",
   "Erik",  "Andrés", "Tom",    "Felix",  "Jack",   "Mikko", "Marco",
   "Pau",   "Thabo",  "Liam",   "Callum", "Rémi",   "Sam"});
constexpr auto last_names = std::to_array<std::string_view>(
  {"Schneider", "Rossi",    "Martin",   "Keller",  "Novak",  "Andersen",
   "Tanaka",    "Kulkarni", "Restrepo", "Walsh",   "Müller", "Lindqvist",
   "Virtanen",  "Ferrari",  "Vidal",    "Mokoena", "Taylor", "Campbell",
   "Lefèvre",   "Brooks",   "Gruber",   "Hofer",   "Baker",  "O'Neill",
   "Sørensen",  "Meier",    "Clarke",   "Moreau",  "Sato",   "Young"});

constexpr auto shoe_names = std::to_array<std::string_view>(
  {"Nimbus 25", "Pegasus 40", "Clifton 9", "Endorphin Speed 3", "Speedgoat 5",
   "Ghost 15", "Vaporfly 3", "Torrent 3", "1080v13"});
constexpr auto bike_names = std::to_array<std::string_view>(
  {"Road bike", "Canyon Endurace", "Gravel", "Old steel", "Trek Domane",
   "Hardtail", "Commuter", "Winter bike"});

struct device_model {
  std::string_view name, tag;
};

constexpr auto devices
  = std::to_array<device_model>({{"Garmin Forerunner 265", "garmin_ping_"},
                                 {"Garmin Fenix 7", "garmin_ping_"},
                                 {"COROS PACE 3", "coros_"},
                                 {"Suunto 9 Peak", "suunto_"},
                                 {"Apple Watch Series 9", "apple_health_"},
                                 {"Polar Vantage V3", "polar_"},
                                 {"Strava App", "strava_app_"}});

using enum sport;

struct taste {
  sport kind;
  double weight;
};

/// The kinds of athletes there are; each inner list is one kind.
std::vector<taste> pick_tastes(random_source& random) {
  const auto kinds = std::to_array<std::vector<taste>>({
    // A runner.
    {{run, 10},
     {trail_run, 1.2},
     {weight_training, 1},
     {walk, .6},
     {hike, .5},
     {yoga, .4}},
    // A cyclist.
    {{ride, 8},
     {gravel_ride, 2},
     {virtual_ride, 4},
     {mountain_bike_ride, .8},
     {run, .8},
     {weight_training, .8},
     {hike, .3}},
    // A triathlete.
    {{run, 4.5},
     {ride, 3.5},
     {virtual_ride, 1.5},
     {pool_swim, 3.2},
     {open_water_swim, 1.2},
     {weight_training, .6}},
    // Someone who lives for the mountains.
    {{trail_run, 4},
     {run, 2.5},
     {hike, 3},
     {backcountry_ski, 2},
     {nordic_ski, 1.5},
     {alpine_ski, 1.5},
     {mountain_bike_ride, 1.2}},
    // A swimmer.
    {{pool_swim, 7},
     {open_water_swim, 2},
     {run, 2},
     {weight_training, 1},
     {walk, 1},
     {rowing, .6}},
    // A bit of everything.
    {{run, 3},
     {ride, 2.5},
     {walk, 1.5},
     {hike, 1.2},
     {yoga, 1.2},
     {weight_training, 1.5},
     {pool_swim, 1},
     {alpine_ski, .6},
     {rowing, .8}},
  });
  constexpr auto shares = std::array{.32, .24, .16, .12, .06, .10};
  return kinds.at(random.weighted(shares));
}

void choose_body(persona& p, random_source& random) {
  p.fitness = std::clamp(random.normal(p.female ? .96 : 1.03, .11), .72, 1.38);
  p.weight_kg = random.normal(p.female ? 62 : 76, 7);
  p.resting_hr = random.normal(54 - 12 * (p.fitness - 1), 4);
  p.maximum_hr = random.normal(187, 8);
  p.sessions_per_week = std::clamp(random.normal(5.2, 1.3), 3.2, 8.5);
}

void choose_habits(persona& p, random_source& random) {
  p.morning_share = random.uniform(.15, .85);
  p.private_share = random.chance(.3) ? random.uniform(.05, .14)
                                      : random.uniform(.01, .03);
  p.followers_share = random.chance(.25) ? random.uniform(.2, .6) : .03;
  p.strap = random.chance(.93);
  p.hides_start_times = random.chance(.12);
  auto weight_of = [&p](sport kind) {
    return p.tastes[static_cast<std::size_t>(kind)];
  };
  auto cyclist = weight_of(ride) > 2;
  p.commutes = cyclist && random.chance(.4);
  p.power_meter = cyclist && random.chance(.55);
  const auto& device = random.pick(devices);
  p.device = device.name;
  p.device_tag = device.tag;
}

/// Three pairs of shoes and two bikes at most; the first ones are the oldest.
void choose_gear(persona& p, random_source& random) {
  auto add = [&p, number = p.id * 10](gear_kind kind,
                                      std::string_view name) mutable {
    auto id = (kind == gear_kind::shoe ? "g" : "b") + std::to_string(++number);
    p.gear.push_back({id, std::string{name}, kind});
  };
  for (auto i = 0; i < 3; ++i)
    add(gear_kind::shoe, random.pick(shoe_names));
  for (auto i = 0; i < 2; ++i)
    add(gear_kind::bike, random.pick(bike_names));
}

std::string ascii_lower(std::string_view text) {
  auto result = std::string{};
  for (auto c : text)
    if (std::isalpha(static_cast<unsigned char>(c)) != 0)
      result += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

} // namespace

persona make_persona(std::int64_t id, std::uint64_t seed) {
  auto random = random_source{seed, static_cast<std::uint64_t>(id)};
  auto p = persona{};
  p.id = id;
  p.seed = random.next();
  p.female = random.chance(.42);
  p.first_name = p.female ? random.pick(female_names) : random.pick(male_names);
  p.last_name = random.pick(last_names);
  p.username = ascii_lower(p.first_name) + "_" + ascii_lower(p.last_name)
               + std::to_string(id % 1'000);
  p.premium = random.chance(.35);
  auto towns = home_towns();
  p.home = &towns[static_cast<std::size_t>(random.next() % towns.size())];
  p.home_latitude = p.home->latitude + random.uniform(-.03, .03);
  p.home_longitude = p.home->longitude + random.uniform(-.04, .04);
  p.imperial = p.home->country == "United States";
  for (const auto& [kind, weight] : pick_tastes(random))
    p.tastes[static_cast<std::size_t>(kind)] = weight * random.uniform(.6, 1.4);
  choose_body(p, random);
  choose_habits(p, random);
  choose_gear(p, random);
  return p;
}

} // namespace stravasync::strava_sim
