#include "adapters/strava_sim/activity_edit.hpp"
#include "adapters/strava_sim/athlete_book.hpp"
#include "messages/error.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

namespace stravasync::strava_sim {

namespace {

namespace fs = std::filesystem;

caf::error bad_file(const fs::path& path, const std::string& why) {
  return make_failure(ec::invalid_argument, path.string() + ": " + why);
}

caf::expected<recording> read_recording(const fs::path& path) {
  auto ignored = std::error_code{};
  if (fs::exists(path, ignored) && !fs::is_regular_file(path, ignored))
    return bad_file(path, "is no regular file");
  auto stream = std::ifstream{path, std::ios::binary};
  auto text = std::string{std::istreambuf_iterator<char>{stream}, {}};
  if (!stream)
    return bad_file(path, "cannot be read");
  auto activities = read_activities(text);
  if (!activities)
    return bad_file(path, detail_of(activities.error()));
  if (activities->empty())
    return bad_file(path, "holds no activity, so no athlete");
  auto result = recording{activities->front().athlete_id, {}, {}};
  for (auto& activity : *activities) {
    if (activity.athlete_id != result.athlete_id)
      return bad_file(path, "holds activities of two athletes");
    activity.entry.slot = static_cast<std::int32_t>(result.texts.size());
    result.entries.push_back(activity.entry);
    result.texts.push_back(std::move(activity.json));
  }
  return result;
}

} // namespace

caf::expected<std::vector<recording>>
read_recordings(const std::string& folder) {
  auto problem = std::error_code{};
  auto paths = std::vector<fs::path>{};
  for (auto it = fs::directory_iterator{folder, problem};
       !problem && it != fs::directory_iterator{}; it.increment(problem))
    if (it->path().filename().string().ends_with("_activities.json"))
      paths.push_back(it->path());
  if (problem)
    return bad_file(folder, problem.message());
  std::ranges::sort(paths);
  auto result = std::vector<recording>{};
  for (const auto& path : paths) {
    auto recorded = read_recording(path);
    if (!recorded)
      return recorded.error();
    auto id = recorded->athlete_id;
    if (std::ranges::count(result, id, &recording::athlete_id) > 0)
      return bad_file(path, "holds an athlete that another file holds");
    result.push_back(std::move(*recorded));
  }
  return result;
}

} // namespace stravasync::strava_sim
