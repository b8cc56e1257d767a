#include "actors/ports/entities.hpp"
#include "adapters/strava/activities_page.hpp"
#include "tests/adapters/strava/calls.hpp"
#include "tests/support/paths.hpp"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

using namespace stravasync;
using namespace stravasync::test;

namespace {

/// The recorded history beside the source tree, or nothing.
std::string recorded_history() {
  auto file = std::filesystem::path{STRAVASYNC_SOURCE_DIR}.parent_path()
              / "shared" / "data" / "athlete_70000001_activities.json";
  auto in = std::ifstream{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

} // namespace

TEST_CASE("a recorded history decodes whole and keeps every byte") {
  auto history = recorded_history();
  if (history.empty())
    SKIP("there is no recorded history beside the source tree");
  auto page = strava::parse_activities(history);
  REQUIRE(page.items.size() == 700);

  auto decoder = strava::make_decoder();
  auto together = std::string{};
  auto distance_m = 0.0;
  std::map<std::string, int> sports;
  for (const auto& item : page.items) {
    together += (together.empty() ? "[" : ",") + item.json;
    auto row = decoder->decode_activity(item.json);
    REQUIRE(row);
    CHECK(row->id == item.id);
    CHECK(row->athlete_id == 70'000'001);
    CHECK(row->start_at_ms == *item.start_s * 1'000);
    CHECK(row->start_local_at_ms
          == row->start_at_ms
               + static_cast<unix_ms>(row->utc_offset_s * 1'000));
    CHECK(row->raw == item.json);
    distance_m += row->distance_m;
    ++sports[row->sport_type];
  }
  while (!history.empty() && history.back() == '\n')
    history.pop_back();
  CHECK(together + "]" == history);
  CHECK(std::abs(distance_m - 6'546'854.3) < 0.05);
  CHECK(sports.at("Run") > 500);
}
