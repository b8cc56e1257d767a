#include "tests/support/postgres_server.hpp"

#include <pwd.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <stdexcept>
#include <thread>

namespace test {

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

/// The newest version's folder of programs, or nothing.
std::string find_programs() {
  auto best = std::string{};
  auto newest = 0;
  auto ignored = std::error_code{};
  for (const auto& each :
       fs::directory_iterator{"/usr/lib/postgresql", ignored}) {
    auto version = std::atoi(each.path().filename().c_str());
    auto programs = each.path() / "bin";
    if (version > newest && fs::exists(programs / "initdb")) {
      newest = version;
      best = programs.string();
    }
  }
  return best;
}

std::string program(const std::string& name) {
  return find_programs() + "/" + name;
}

/// PostgreSQL refuses to run as root.
const passwd* server_user() {
  if (::geteuid() != 0)
    return ::getpwuid(::geteuid());
  auto* own = ::getpwnam("postgres");
  return own != nullptr ? own : ::getpwnam("nobody");
}

void write_file(const std::string& path, const std::string& text) {
  std::ofstream{path} << text;
}

} // namespace

postgres_server::postgres_server() : postgres_server{options{}} {
}

postgres_server::postgres_server(options what) : options_{std::move(what)} {
  prepare();
  start();
}

std::string postgres_server::missing() {
  if (find_programs().empty())
    return "no PostgreSQL server is installed below /usr/lib/postgresql";
  if (server_user() == nullptr)
    return "there is no user to run PostgreSQL as";
  if (::geteuid() == 0 && !is_installed("setpriv"))
    return "running as root, and setpriv is not installed";
  return {};
}

void postgres_server::give_to_server_user(const std::string& path) {
  const auto* who = server_user();
  if (::chown(path.c_str(), who->pw_uid, who->pw_gid) != 0)
    throw std::runtime_error{"cannot give away " + path};
}

std::vector<std::string>
postgres_server::as_server_user(std::vector<std::string> argv) {
  if (::geteuid() != 0)
    return argv;
  const auto* who = server_user();
  // A test that is killed takes its server with it.
  auto all = std::vector<std::string>{
    "setpriv", "--pdeathsig=KILL", "--reuid=" + std::to_string(who->pw_uid),
    "--regid=" + std::to_string(who->pw_gid), "--clear-groups"};
  std::move(argv.begin(), argv.end(), std::back_inserter(all));
  return all;
}

void postgres_server::run_tool(std::vector<std::string> argv, bool as_server) {
  auto name = argv.front();
  auto tool
    = process::spawn({as_server ? as_server_user(std::move(argv)) : argv,
                      {{"LC_ALL", "C"}},
                      folder_.file("tools.log")});
  if (tool.wait(300s) != 0)
    throw std::runtime_error{name + " failed: " + tool.output()};
}

void postgres_server::prepare() {
  write_file(folder_.file("password"), std::string{password} + "\n");
  if (options_.tls)
    make_certificate();
  for (const auto& path :
       {folder_.path(), folder_.file("password"), folder_.file("server.key")})
    if (fs::exists(path))
      give_to_server_user(path);
  run_tool({program("initdb"), "--pgdata", folder_.file("data"), "--username",
            user, "--pwfile", folder_.file("password"), "--auth-local=trust",
            "--auth-host=scram-sha-256", "--encoding=UTF8", "--locale=C",
            "--no-sync"},
           true);
}

void postgres_server::make_certificate() {
  run_tool({"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days",
            "2", "-subj", "/CN=localhost", "-addext",
            "subjectAltName=DNS:localhost", "-keyout",
            folder_.file("server.key"), "-out", certificate()},
           false);
  fs::permissions(folder_.file("server.key"),
                  fs::perms::owner_read | fs::perms::owner_write);
}

void postgres_server::start() {
  auto argv = std::vector<std::string>{
    program("postgres"),   "-D", folder_.file("data"), "-p",
    std::to_string(port_), "-k", folder_.path()};
  auto settings = options_.settings;
  settings.emplace_back("listen_addresses=127.0.0.1");
  if (!options_.durable)
    settings.emplace_back("fsync=off");
  if (options_.tls) {
    settings.emplace_back("ssl=on");
    settings.push_back("ssl_cert_file=" + certificate());
    settings.push_back("ssl_key_file=" + folder_.file("server.key"));
  }
  for (const auto& each : settings) {
    argv.emplace_back("-c");
    argv.push_back(each);
  }
  auto deadline = std::chrono::steady_clock::now() + 180s;
  server_.reset();
  while (std::chrono::steady_clock::now() < deadline) {
    // Ends at once while processes of the one before are still there.
    if (!server_ || server_->wait(0ms))
      server_.emplace(process::spawn(
        {as_server_user(argv), {{"LC_ALL", "C"}}, folder_.file("server.log")}));
    try {
      run("postgres", "SELECT 1");
      return;
    } catch (const pqxx::broken_connection&) {
      std::this_thread::sleep_for(20ms);
    }
  }
  throw std::runtime_error{"PostgreSQL does not start: " + server_->output()};
}

void postgres_server::kill() {
  server_->kill(SIGKILL);
  if (!server_->wait(60s))
    throw std::runtime_error{"PostgreSQL does not end"};
}

void postgres_server::signal(int number) const {
  server_->kill(number);
}

std::string postgres_server::url(const std::string& database,
                                 const std::string& more) const {
  return "postgresql://" + std::string{user}
         + "@127.0.0.1:" + std::to_string(port_) + "/" + database + more;
}

std::string postgres_server::socket_url(const std::string& database) const {
  return "postgresql://" + std::string{user} + "@/" + database
         + "?host=" + folder_.path() + "&port=" + std::to_string(port_);
}

pqxx::result postgres_server::run(const std::string& database,
                                  const std::string& statements) {
  auto connection = pqxx::connection{socket_url(database)};
  auto tx = pqxx::nontransaction{connection};
  return tx.exec(statements);
}

void postgres_server::wait_until_alone(const std::string& database) {
  auto connection = pqxx::connection{socket_url(database)};
  auto tx = pqxx::nontransaction{connection};
  auto end = std::chrono::steady_clock::now() + 30s;
  while (!tx.exec("SELECT 1 FROM pg_stat_activity WHERE datname = "
                  "current_database() AND pid <> pg_backend_pid() AND "
                  "backend_type = 'client backend'")
            .empty()) {
    if (std::chrono::steady_clock::now() > end)
      throw std::runtime_error{"sessions of " + database + " do not end"};
    std::this_thread::sleep_for(20ms);
  }
}

std::string postgres_server::create_database(const std::string& copy_of) {
  auto name = "test_" + std::to_string(++databases_);
  run("postgres", "CREATE DATABASE " + name + " TEMPLATE " + copy_of);
  return name;
}

} // namespace test
