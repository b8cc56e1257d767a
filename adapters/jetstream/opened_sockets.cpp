#include "adapters/jetstream/opened_sockets.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

namespace stravasync::jetstream {

namespace {

/// @returns the port that a connected TCP socket has at its other end.
std::optional<std::uint16_t> peer_port(int socket) {
  sockaddr_storage peer{};
  auto size = socklen_t{sizeof peer};
  auto* at = reinterpret_cast<sockaddr*>(&peer);
  if (getpeername(socket, at, &size) != 0)
    return std::nullopt;
  if (peer.ss_family == AF_INET)
    return ntohs(reinterpret_cast<const sockaddr_in*>(at)->sin_port);
  if (peer.ss_family == AF_INET6)
    return ntohs(reinterpret_cast<const sockaddr_in6*>(at)->sin6_port);
  return std::nullopt;
}

/// Calls `then` with descriptor and inode of each connection to `ports`.
template <class F>
void for_each_connection(const std::set<std::uint16_t>& ports, F&& then) {
  auto failed = std::error_code{};
  auto each = std::filesystem::directory_iterator{"/proc/self/fd", failed};
  for (; !failed && each != std::filesystem::directory_iterator{};
       each.increment(failed)) {
    auto name = each->path().filename().string();
    auto number = -1;
    std::from_chars(name.data(), name.data() + name.size(), number);
    struct stat what {};
    if (fstat(number, &what) != 0 || !S_ISSOCK(what.st_mode))
      continue;
    if (auto port = peer_port(number); port && ports.contains(*port))
      then(number, what.st_ino);
  }
}

} // namespace

opened_sockets::opened_sockets(std::set<std::uint16_t> ports)
  : ports_{std::move(ports)} {
  for_each_connection(ports_,
                      [this](int, ino_t inode) { before_.insert(inode); });
}

bool opened_sockets::shut_down(std::chrono::milliseconds age) {
  auto now = clock::now();
  auto result = false;
  for_each_connection(ports_, [&](int socket, ino_t inode) {
    if (before_.contains(inode))
      return;
    auto since = since_.try_emplace(inode, now).first->second;
    longest_ = std::max(longest_, now - since);
    if (now - since >= age && shutdown(socket, SHUT_RDWR) == 0)
      result = true;
  });
  return result;
}

} // namespace stravasync::jetstream
