#pragma once

#include "tests/support/process.hpp"
#include "tests/support/scratch_folder.hpp"

#include <pqxx/pqxx>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace test {

/// A PostgreSQL server that a test started on a free port of 127.0.0.1 and a
/// unix socket, with data of its own; gone at the end. Over TCP it asks for the
/// password, over the socket it does not. All functions throw
/// `std::runtime_error` if the server does not do as it is told.
class postgres_server {
public:
  static constexpr auto user = "tester";
  static constexpr auto password = "p'ss w\\rd%";

  struct options {
    /// TLS with a self-signed certificate for localhost: `certificate()`.
    bool tls = false;
    /// Commits reach the disk: needed only where a machine's crash is played.
    bool durable = false;
    /// More settings, as `name=value`.
    std::vector<std::string> settings;
  };

  postgres_server();
  explicit postgres_server(options what);

  /// @returns why there can be no server here, or nothing.
  [[nodiscard]] static std::string missing();

  /// SIGKILL for the server, as a crash: what it had committed stays.
  void kill();

  /// SIGSTOP or SIGCONT for the server's main process.
  void signal(int number) const;

  /// Starts it again on the same data and port, and waits until it answers.
  void start();

  [[nodiscard]] std::string
  url(const std::string& database, const std::string& more = {}) const;

  [[nodiscard]] std::string socket_url(const std::string& database) const;

  [[nodiscard]] std::string certificate() const {
    return folder_.file("server.crt");
  }

  [[nodiscard]] std::uint16_t port() const {
    return port_;
  }

  /// Where its unix socket is.
  [[nodiscard]] std::string socket_folder() const {
    return folder_.path();
  }

  /// @returns how to run a program as the user that the server runs as.
  [[nodiscard]] static std::vector<std::string>
  as_server_user(std::vector<std::string> argv);

  static void give_to_server_user(const std::string& path);

  /// Runs statements as its owner, past the adapter.
  pqxx::result run(const std::string& database, const std::string& statements);

  /// Waits until nobody else is connected to the database, 30 s at most: a
  /// session tells what it did, for pg_stat_database, when it has ended, which
  /// is after whoever had it is gone.
  void wait_until_alone(const std::string& database);

  /// Makes a database, as a copy of another one if that is named.
  /// @returns its name.
  std::string create_database(const std::string& copy_of = "template1");

private:
  void prepare();
  void make_certificate();
  void run_tool(std::vector<std::string> argv, bool as_server);

  options options_;
  stravasync::scratch_folder folder_;
  std::uint16_t port_ = free_port();
  int databases_ = 0;
  std::optional<process> server_;
};

} // namespace test

/// Ends a test case that needs a server where none can be.
#define REQUIRE_POSTGRES()                                                     \
  if (auto why = ::test::postgres_server::missing(); !why.empty())             \
  SKIP(why)
