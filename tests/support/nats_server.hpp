#pragma once

#include "tests/support/process.hpp"
#include "tests/support/scratch_folder.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace test {

/// A real nats-server on a port of its own, with what it stores in a folder of
/// its own. Ends with the destructor.
class nats_server {
public:
  struct options {
    bool jetstream = true;
    /// Added to the configuration file, such as "max_payload: 2MB".
    std::string configuration;
  };

  /// @returns whether there is a nats-server to start.
  [[nodiscard]] static bool installed();

  /// Starts it and waits until it answers. Throws `std::runtime_error` with
  /// what it wrote if it does not.
  nats_server();
  explicit nats_server(options how);

  /// "nats://127.0.0.1:PORT"
  [[nodiscard]] std::string url() const;

  [[nodiscard]] std::uint16_t port() const {
    return port_;
  }

  /// For files that its configuration names.
  [[nodiscard]] std::string file(const std::string& name) const {
    return folder_.file(name);
  }

  /// Ends it with SIGKILL.
  void kill_hard();

  /// Stops it from answering, at once, and lets it go on.
  void freeze() const;
  void thaw() const;

  /// Starts it again on the same port with what it had stored.
  void start();

  /// Writes its configuration anew, for the next `start`.
  void configure(options how);

  [[nodiscard]] std::string output() const;

private:
  stravasync::scratch_folder folder_;
  std::uint16_t port_;
  std::optional<process> running_;
};

} // namespace test
