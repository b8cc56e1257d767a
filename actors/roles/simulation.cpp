#include "actors/roles/simulation.hpp"

#include "messages/error.hpp"

#include <filesystem>

namespace stravasync {

caf::expected<std::unique_ptr<strava_sim::simulator>>
start_simulator(const settings& config, log& journal) {
  const auto& from = config.sim;
  if (auto folder = std::filesystem::path{from.state}.parent_path();
      !folder.empty()) {
    auto failed = std::error_code{};
    std::filesystem::create_directories(folder, failed);
    if (failed)
      return make_failure(ec::unavailable,
                          "sim.state: " + folder.string()
                            + " cannot be made: " + failed.message());
  }
  strava_sim::simulator_options options;
  options.listen = from.listen;
  options.data_folder = from.data;
  options.state_path = from.state;
  options.limits = {from.limits.short_all, from.limits.day_all,
                    from.limits.short_read, from.limits.day_read};
  options.window = from.window;
  options.latency = from.latency;
  options.error_rate = from.error_rate;
  options.seed = from.seed;
  options.synthetic_athletes = from.athletes;
  options.activities_per_athlete = from.activities;
  // The client's own settings: set for it, the simulator insists on them.
  options.client_id = config.strava.client_id;
  options.client_secret = config.strava.client_secret.reveal();
  auto started = strava_sim::start(std::move(options), journal);
  if (!started)
    return with_context(started.error(), "the simulator");
  for (const auto& address : (*started)->addresses())
    journal.info("simulating Strava", {{"address", address}});
  return started;
}

} // namespace stravasync
