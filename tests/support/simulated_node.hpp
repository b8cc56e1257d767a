#pragma once

#include "config/settings.hpp"
#include "tests/support/deterministic_system.hpp"
#include "tests/support/lockstep_bus.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/simulated_actors.hpp"
#include "tests/support/simulated_strava.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace test {

/// What a node has become after some time.
struct node_figures {
  std::int64_t store_bytes = 0; // Files, after a checkpoint.
  std::int64_t bus_bytes = 0;
  std::map<std::string, std::int64_t> rows;     // By table.
  std::map<std::string, std::int64_t> messages; // By stream.
  std::int64_t memory_bytes = 0;                // Of the whole process.
  double start_ms = 0;                          // To open both files, median.
  double activity_ms = 0; // To read one, and so on, medians.
  double athletes_ms = 0;
  double list_ms = 0;
  std::uint64_t calls = 0; // To Strava, so far.
  /// Since the athlete who was synced longest ago was.
  stravasync::unix_ms stalest_ms = 0;
};

/// One node with all its actors that time has something to do with, on a real
/// store and a real embedded bus, with a simulated Strava and a clock that is
/// moved by hand: years pass in minutes. Nothing of it has a thread but the
/// bus.
class simulated_node {
public:
  /// @param athletes Connected at the begin, with a history each.
  simulated_node(const stravasync::settings& config, std::size_t athletes,
                 std::size_t activities_each);
  ~simulated_node();

  simulated_node(const simulated_node&) = delete;
  simulated_node& operator=(const simulated_node&) = delete;

  /// Lets time pass in steps, as many whole ones as `by` holds, and all that
  /// falls due be done at the end of each.
  void pass(std::chrono::milliseconds by, std::chrono::milliseconds step);

  /// Stops it, and starts it again with the actors of these roles alone.
  void run_as(std::set<stravasync::role> roles);

  /// Stops it, looks, and starts it again.
  [[nodiscard]] node_figures look();

  [[nodiscard]] const simulated_strava& strava() const {
    return *strava_;
  }

private:
  void open();
  void start();
  void stop();
  void connect(std::size_t athletes);
  /// Does all there is to do at this time.
  void settle();
  [[nodiscard]] double time_to_open();
  template <class Reply, class Actor, class Request>
  double time_to_ask(const Actor& whom, const Request& request);

  stravasync::scratch_folder folder_;
  stravasync::settings config_;
  std::shared_ptr<stravasync::unix_ms> now_;
  std::shared_ptr<simulated_strava> strava_;
  std::shared_ptr<stravasync::log> log_;
  std::vector<std::int64_t> ids_;
  std::unique_ptr<deterministic_system> system_;
  std::shared_ptr<lockstep_bus> bus_;
  std::unique_ptr<simulated_actors> actors_;
};

} // namespace test
