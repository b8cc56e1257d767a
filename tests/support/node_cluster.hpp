#pragma once

#include "tests/support/cluster.hpp"
#include "tests/support/nats_server.hpp"
#include "tests/support/postgres_server.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace test {

/// Many nodes of the binary on loopback, joined by a real nats-server and a
/// real PostgreSQL of their own, and a simulated Strava.
class node_cluster {
public:
  struct settings {
    variables sim;
    /// Of every node but the simulator.
    variables nodes;
    /// Where nodes find NATS, if not at the server itself.
    std::string bus_url;
  };

  /// Starts both servers and the simulator, and brings the schema into being.
  explicit node_cluster(settings how);

  /// Adds a node with an HTTP address of its own; does not start it.
  /// @param name Unique; its log is <name>.log.
  node&
  add(const std::string& name, const std::string& role, variables more = {});

  /// Starts a node that was added, and waits until it is ready.
  void start(const std::string& name);

  /// Starts it and does not wait.
  void launch(const std::string& name);

  [[nodiscard]] node& at(const std::string& name) {
    return *members_.at(name).program;
  }

  [[nodiscard]] const std::string& address(const std::string& name) const {
    return members_.at(name).address;
  }

  [[nodiscard]] http_client http(const std::string& name) const {
    return http_client{address(name)};
  }

  [[nodiscard]] boost::json::value
  get(const std::string& name, const std::string& target) const {
    return get_json(address(name), target);
  }

  /// @returns whether the node answers that it is ready.
  [[nodiscard]] bool ready(const std::string& name) const;

  /// Connects an athlete: `/connect` at one api node, the callback at another.
  void connect(std::int64_t athlete_id, const std::string& begin_at,
               const std::string& finish_at);

  [[nodiscard]] boost::json::value ask_sim(const std::string& target) const {
    return get_json(sim_address_, target);
  }

  /// @returns the athlete's state of its newest run, as a node says.
  [[nodiscard]] std::string
  state_of(const std::string& name, std::int64_t athlete_id) const;

  /// Runs a command of the binary with the nodes' settings.
  /// @returns its exit code and everything it wrote.
  std::pair<int, std::string> run(std::vector<std::string> arguments);

  [[nodiscard]] nats_server& nats() {
    return nats_;
  }

  [[nodiscard]] postgres_server& postgres() {
    return postgres_;
  }

  [[nodiscard]] const std::string& store_url() const {
    return store_url_;
  }

  [[nodiscard]] const std::string& database() const {
    return database_;
  }

  [[nodiscard]] node& sim() {
    return *sim_;
  }

  [[nodiscard]] const std::string& sim_address() const {
    return sim_address_;
  }

  [[nodiscard]] std::filesystem::path folder() const {
    return folder_.path();
  }

private:
  struct member {
    std::string address;
    std::unique_ptr<node> program;
  };

  stravasync::scratch_folder folder_;
  nats_server nats_;
  postgres_server postgres_;
  std::string database_;
  std::string store_url_;
  std::string sim_address_;
  std::unique_ptr<node> sim_;
  variables environment_;
  std::map<std::string, member> members_;
  int commands_ = 0;
};

} // namespace test

/// Ends a test case that needs servers where there are none.
#define REQUIRE_CLUSTER()                                                      \
  if (!::test::nats_server::installed())                                       \
    SKIP("nats-server is not installed");                                      \
  REQUIRE_POSTGRES()
