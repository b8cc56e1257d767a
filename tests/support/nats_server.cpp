#include "tests/support/nats_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <stdexcept>
#include <thread>
#include <utility>

namespace test {

namespace {

using namespace std::chrono_literals;

constexpr auto patience = 30s;

bool accepts(std::uint16_t port) {
  auto socket = ::socket(AF_INET, SOCK_STREAM, 0);
  auto where = sockaddr_in{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port);
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto result = ::connect(socket, reinterpret_cast<const sockaddr*>(&where),
                          sizeof(where))
                == 0;
  ::close(socket);
  return result;
}

} // namespace

bool nats_server::installed() {
  return is_installed("nats-server");
}

nats_server::nats_server() : nats_server(options{}) {
}

nats_server::nats_server(options how) : port_(free_port()) {
  configure(std::move(how));
  start();
}

void nats_server::configure(options how) {
  auto file = std::ofstream{folder_.file("nats.conf")};
  file << "listen: 127.0.0.1:" << port_ << "\n";
  if (how.jetstream)
    file << "jetstream { store_dir: \"" << folder_.file("store") << "\" }\n";
  file << how.configuration << "\n";
}

std::string nats_server::url() const {
  return "nats://127.0.0.1:" + std::to_string(port_);
}

std::string nats_server::output() const {
  auto file = std::ifstream{folder_.file("nats.log")};
  return {std::istreambuf_iterator<char>{file}, {}};
}

void nats_server::start() {
  running_.emplace(
    process::spawn({.argv = {"nats-server", "-c", folder_.file("nats.conf")},
                    .output = folder_.file("nats.log")}));
  auto end = std::chrono::steady_clock::now() + patience;
  while (!accepts(port_)) {
    if (running_->wait(10ms) || std::chrono::steady_clock::now() > end)
      throw std::runtime_error("nats-server did not start: " + output());
  }
}

void nats_server::kill_hard() {
  if (!running_)
    return;
  running_->kill(SIGKILL);
  static_cast<void>(running_->wait(patience));
  running_.reset();
}

void nats_server::freeze() const {
  if (running_)
    running_->freeze();
}

void nats_server::thaw() const {
  if (running_)
    running_->kill(SIGCONT);
}

} // namespace test
