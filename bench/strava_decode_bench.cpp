// What reading Strava's JSON costs per activity: the split of a fetched page,
// and the decoding of one SummaryActivity into its columns. Uses the recorded
// history beside the source tree if there is one, else activities of its shape.

#include "actors/ports/entities.hpp"
#include "adapters/strava/activities_page.hpp"
#include "adapters/strava/strava_client.hpp"
#include "tests/support/paths.hpp"

#include <benchmark/benchmark.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace {

using namespace stravasync;

std::string made_activity(int number) {
  auto id = std::to_string(9'000'000'000 + number);
  return R"({"resource_state":2,"athlete":{"id":70000001,"resource_state":1},)"
         R"("name":"Evening Run","distance":5053.8,"moving_time":1678,)"
         R"("elapsed_time":1709,"total_elevation_gain":28.0,"type":"Run",)"
         R"("sport_type":"Run","workout_type":0,"id":)"
         + id
         + R"(,"start_date":"2023-09-03T22:29:20Z",)"
           R"("start_date_local":"2023-09-03T18:29:20Z",)"
           R"("timezone":"(GMT-05:00) America/New_York","utc_offset":-14400.0,)"
           R"("location_city":null,"location_state":null,"kudos_count":2,)"
           R"("comment_count":0,"athlete_count":1,"photo_count":0,)"
           R"("map":{"id":"a)"
         + id + R"(","summary_polyline":")" + std::string(600, 'k')
         + R"(","resource_state":2},"trainer":false,"commute":false,)"
           R"("manual":false,"private":false,"visibility":"everyone",)"
           R"("flagged":false,"gear_id":"g8000008",)"
           R"("start_latlng":[33.3,-44.8],)"
           R"("end_latlng":[33.34,-44.82],"average_speed":3.012,)"
           R"("max_speed":8.124,"average_cadence":76.8,"has_heartrate":true,)"
           R"("average_heartrate":148.0,"max_heartrate":168.0,)"
           R"("elev_high":10.8,"elev_low":-6.2,"upload_id":9500764007,)"
           R"("upload_id_str":"9500764007","pr_count":1,"suffer_score":34.0})";
}

std::string history() {
  auto file = std::filesystem::path{STRAVASYNC_SOURCE_DIR}.parent_path()
              / "shared" / "data" / "athlete_70000001_activities.json";
  auto in = std::ifstream{file, std::ios::binary};
  auto result = std::string{std::istreambuf_iterator<char>{in}, {}};
  if (!result.empty())
    return result;
  for (auto i = 0; i < 700; ++i)
    result += (i == 0 ? "[" : ",") + made_activity(i);
  return result + "]";
}

void split_page(benchmark::State& state) {
  const auto page = history();
  auto items = std::int64_t{0};
  for (auto _ : state) {
    auto result = strava::parse_activities(page);
    if (result.unreadable) {
      state.SkipWithError("the page does not parse");
      break;
    }
    items += static_cast<std::int64_t>(result.items.size());
  }
  state.SetItemsProcessed(items);
  state.SetBytesProcessed(state.iterations()
                          * static_cast<std::int64_t>(page.size()));
}
BENCHMARK(split_page)->Unit(benchmark::kMicrosecond);

void decode_activity(benchmark::State& state) {
  auto page = strava::parse_activities(history());
  if (page.unreadable) {
    state.SkipWithError("the page does not parse");
    return;
  }
  auto decoder = strava::make_decoder();
  auto next = std::size_t{0};
  auto bytes = std::int64_t{0};
  for (auto _ : state) {
    const auto& json = page.items[next].json;
    auto row = decoder->decode_activity(json);
    benchmark::DoNotOptimize(row);
    bytes += static_cast<std::int64_t>(json.size());
    next = next + 1 == page.items.size() ? 0 : next + 1;
  }
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(bytes);
}
BENCHMARK(decode_activity);

} // namespace

BENCHMARK_MAIN();
