#pragma once

#include "tests/support/http_client.hpp"
#include "tests/support/process.hpp"
#include "tests/support/scratch_folder.hpp"

#include <boost/json/value.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// @file
/// The real binary as processes, for tests from the outside: one that simulates
/// Strava, and one that is Stravasync.

namespace test {

using variables = std::vector<std::pair<std::string, std::string>>;

/// @returns whether `done` became true within `most`; looks every 20 ms.
[[nodiscard]] bool
eventually(const std::function<bool()>& done, std::chrono::milliseconds most);

/// One process of the binary that is being tested.
class node {
public:
  /// @param role Of `--role`.
  /// @param more Environment beside what the fixture sets.
  /// @param name Of its log in `folder`; empty: as the role.
  node(std::string role, std::filesystem::path folder, variables more,
       std::string name = {});

  /// Starts it, and waits until it answers at `address` (empty: does not wait).
  /// Throws if it ends before that or does not answer within 20 s.
  void start(const std::string& address, std::string_view ready_path);

  /// SIGKILL, and waits for its end.
  void kill_hard();

  /// SIGTERM. @returns its exit code, or nothing after `most`.
  std::optional<int> stop(std::chrono::milliseconds most);

  [[nodiscard]] bool running() const {
    return running_.has_value();
  }

  [[nodiscard]] process& program() {
    return *running_;
  }

  /// What all its runs so far wrote.
  [[nodiscard]] std::string output() const;

private:
  std::string role_;
  std::string name_;
  std::filesystem::path folder_;
  variables environment_;
  std::optional<process> running_;
};

/// GET of `target` at "host:port"; throws unless it answers 200.
[[nodiscard]] boost::json::value
get_json(const std::string& address, const std::string& target);

/// What a browser brings back from Strava.
struct given_consent {
  std::string address; // Of the node that it is sent to.
  std::string target;
  header_list cookies;
};

/// Begins to connect an athlete at the node on `address`, and gives consent at
/// the simulator as a browser would.
[[nodiscard]] given_consent
consent(const std::string& address, std::int64_t athlete_id,
        const std::string& scope = "read,activity:read_all,profile:read_all");

/// A simulator and a Stravasync in a folder of their own, on free ports.
class installation {
public:
  /// @param sim,app Environment of each, beyond what joins them.
  explicit installation(variables sim = {}, variables app = {});

  node& sim() {
    return *sim_;
  }

  node& app() {
    return *app_;
  }

  void start_sim();
  void start_app();

  [[nodiscard]] http_client sim_http() const {
    return http_client{sim_address_};
  }

  [[nodiscard]] http_client app_http() const {
    return http_client{app_address_};
  }

  /// Gives consent for one athlete as a browser would. @returns the reply of
  /// the callback.
  http_reply
  connect(std::int64_t athlete_id,
          const std::string& scope = "read,activity:read_all,profile:read_all");

  /// GET of `target` at the app; throws unless it answers 200.
  boost::json::value get(const std::string& target);

  /// The same at the simulator.
  boost::json::value ask_sim(const std::string& target);

  /// Sets the simulator's faults, see `POST /sim/faults`.
  void set_faults(const std::string& json);

  /// @returns whether the athlete's state became `state` within `most`.
  bool wait_for_state(std::int64_t athlete_id, std::string_view state,
                      std::chrono::milliseconds most);

  [[nodiscard]] std::filesystem::path folder() const {
    return folder_.path();
  }

  [[nodiscard]] const std::string& app_address() const {
    return app_address_;
  }

  [[nodiscard]] const std::string& sim_address() const {
    return sim_address_;
  }

private:
  stravasync::scratch_folder folder_;
  std::string sim_address_;
  std::string app_address_;
  std::unique_ptr<node> sim_;
  std::unique_ptr<node> app_;
};

} // namespace test
