#include "tests/support/pgbouncer.hpp"

#include <chrono>
#include <fstream>
#include <stdexcept>
#include <thread>

namespace test {

using namespace std::chrono_literals;

pgbouncer::pgbouncer(const postgres_server& server, const std::string& mode) {
  auto settings = folder_.file("pgbouncer.ini");
  std::ofstream{settings} << "[databases]\n* = host=" << server.socket_folder()
                          << " port=" << server.port()
                          << " user=" << postgres_server::user
                          << "\n[pgbouncer]\nlisten_addr=127.0.0.1\n"
                          << "listen_port=" << port_
                          << "\nunix_socket_dir=\nauth_type=any\npool_mode="
                          << mode << "\ndefault_pool_size=3\n";
  postgres_server::give_to_server_user(folder_.path());
  program_.emplace(
    process::spawn({postgres_server::as_server_user({"pgbouncer", settings}),
                    {{"LC_ALL", "C"}},
                    folder_.file("pgbouncer.log")}));
  wait_until_it_listens();
}

std::string pgbouncer::missing() {
  if (!is_installed("pgbouncer"))
    return "pgbouncer is not installed";
  return {};
}

std::string pgbouncer::url(const std::string& database) const {
  return "postgresql://" + std::string{postgres_server::user}
         + "@127.0.0.1:" + std::to_string(port_) + "/" + database;
}

void pgbouncer::wait_until_it_listens() {
  auto deadline = std::chrono::steady_clock::now() + 60s;
  while (std::chrono::steady_clock::now() < deadline) {
    if (program_->wait(0ms))
      break;
    try {
      pqxx::connection{url("postgres")};
      return;
    } catch (const pqxx::broken_connection&) {
      std::this_thread::sleep_for(20ms);
    }
  }
  throw std::runtime_error{"PgBouncer does not start: " + program_->output()};
}

} // namespace test
