#include "tests/adapters/strava/connect_proxy.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <stdexcept>
#include <string_view>

namespace stravasync::test {

namespace {

sockaddr_in loopback(unsigned short port) {
  sockaddr_in result{};
  result.sin_family = AF_INET;
  result.sin_port = htons(port);
  result.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return result;
}

/// Hands on what is there. @returns whether `from` is still open.
bool hand_on(int from, int to) {
  std::array<char, 16'384> bytes{};
  auto got = ::recv(from, bytes.data(), bytes.size(), 0);
  return got > 0
         && ::send(to, bytes.data(), static_cast<std::size_t>(got), 0) == got;
}

std::string read_header(int from) {
  std::string result;
  auto c = char{0};
  while (!result.ends_with("\r\n\r\n") && ::recv(from, &c, 1, 0) == 1)
    result += c;
  return result;
}

} // namespace

connect_proxy::connect_proxy(unsigned short to)
  : to_(to),
    listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  auto address = loopback(0);
  auto size = socklen_t{sizeof address};
  auto* at = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_, at, size) != 0 || ::listen(listener_, 8) != 0
      || ::getsockname(listener_, at, &size) != 0)
    throw std::runtime_error{"no proxy can listen"};
  port_ = ntohs(address.sin_port);
  thread_ = std::thread{[this] {
    while (true) {
      auto client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (client < 0)
        return;
      serve(client);
      ::close(client);
    }
  }};
}

connect_proxy::~connect_proxy() {
  stopping_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  ::close(listener_);
}

std::string connect_proxy::url() const {
  return "http://127.0.0.1:" + std::to_string(port_);
}

void connect_proxy::serve(int client) {
  asked_ = read_header(client);
  auto server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto address = loopback(to_);
  constexpr auto answer
    = std::string_view{"HTTP/1.1 200 Connection established\r\n\r\n"};
  if (::connect(server, reinterpret_cast<sockaddr*>(&address), sizeof address)
        == 0
      && ::send(client, answer.data(), answer.size(), 0) > 0) {
    auto open = true;
    while (open && !stopping_) {
      std::array<pollfd, 2> both{{{client, POLLIN, 0}, {server, POLLIN, 0}}};
      ::poll(both.data(), both.size(), 50);
      if (both[0].revents != 0)
        open = hand_on(client, server);
      if (open && both[1].revents != 0)
        open = hand_on(server, client);
    }
  }
  ::close(server);
}

} // namespace stravasync::test
