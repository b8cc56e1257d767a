#include "tests/support/connection.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace test {

namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error{what + ": " + std::strerror(errno)};
}

struct any_address {
  sockaddr_storage bytes{};
  socklen_t size = 0;
};

template <class Address>
any_address stored(const Address& address) {
  any_address result;
  std::memcpy(&result.bytes, &address, sizeof(address));
  result.size = sizeof(address);
  return result;
}

any_address parse(const std::string& text) {
  constexpr auto unix_prefix = std::string_view{"unix:"};
  if (text.starts_with(unix_prefix)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    text.copy(address.sun_path, sizeof(address.sun_path) - 1,
              unix_prefix.size());
    return stored(address);
  }
  auto colon = text.rfind(':');
  auto port = static_cast<std::uint16_t>(std::stoi(text.substr(colon + 1)));
  auto host = text.substr(0, colon);
  if (host.starts_with('[')) {
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(port);
    if (inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(),
                  &address.sin6_addr)
        == 1)
      return stored(address);
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  if (inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1)
    throw std::runtime_error{"no such address form: " + text};
  return stored(address);
}

/// @returns whether it is ready for `events` in time.
bool ready(int handle, short events, milliseconds patience) {
  pollfd entry{handle, events, 0};
  auto count = 0;
  do {
    count = ::poll(&entry, 1, static_cast<int>(patience.count()));
  } while (count < 0 && errno == EINTR);
  return count > 0;
}

} // namespace

connection::connection(const std::string& address, milliseconds timeout)
  : timeout_{timeout} {
  auto at = parse(address);
  handle_ = ::socket(at.bytes.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (handle_ < 0)
    fail("socket");
  const auto* name = reinterpret_cast<const sockaddr*>(&at.bytes);
  if (::connect(handle_, name, at.size) != 0) {
    ::close(std::exchange(handle_, -1));
    fail("connect to " + address);
  }
  ::fcntl(handle_, F_SETFL, O_NONBLOCK);
}

connection::connection(connection&& other) noexcept
  : handle_{std::exchange(other.handle_, -1)},
    timeout_{other.timeout_} {
}

connection& connection::operator=(connection&& other) noexcept {
  std::swap(handle_, other.handle_);
  timeout_ = other.timeout_;
  return *this;
}

connection::~connection() {
  if (handle_ >= 0)
    ::close(handle_);
}

void connection::write(std::string_view bytes) {
  if (try_write(bytes, timeout_) != bytes.size())
    fail("write");
}

std::size_t
connection::try_write(std::string_view bytes, milliseconds patience) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    auto count = ::send(handle_, bytes.data() + done, bytes.size() - done,
                        MSG_NOSIGNAL);
    if (count >= 0)
      done += static_cast<std::size_t>(count);
    else if (errno != EAGAIN || !ready(handle_, POLLOUT, patience))
      break;
  }
  return done;
}

std::string connection::read_some() {
  if (auto bytes = try_read(timeout_))
    return *bytes;
  throw std::runtime_error{"nothing came to read in time"};
}

std::optional<std::string> connection::try_read(milliseconds patience) {
  if (!ready(handle_, POLLIN, patience))
    return std::nullopt;
  std::array<char, 16 * 1024> buffer{};
  auto count = ::recv(handle_, buffer.data(), buffer.size(), 0);
  // A reset is an end too, for those who only want to know that it is over.
  if (count <= 0)
    return std::string{};
  return std::string(buffer.data(), static_cast<std::size_t>(count));
}

std::string connection::read_all() {
  std::string result;
  for (auto bytes = read_some(); !bytes.empty(); bytes = read_some())
    result += bytes;
  return result;
}

void connection::finish_writing() {
  ::shutdown(handle_, SHUT_WR);
}

} // namespace test
