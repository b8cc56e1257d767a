#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <set>

namespace stravasync::jetstream {

/// The TCP connections of this process to some ports that came into being since
/// this object did: a way to end a socket that a library does not hand out. One
/// thread.
class opened_sockets {
public:
  using clock = std::chrono::steady_clock;

  explicit opened_sockets(std::set<std::uint16_t> ports);

  /// Looks for new ones, and shuts down both directions of those that were seen
  /// `age` ago or earlier. @returns whether there were any.
  bool shut_down(std::chrono::milliseconds age);

  /// @returns how long the one was seen that was seen longest.
  [[nodiscard]] clock::duration longest() const {
    return longest_;
  }

private:
  std::set<std::uint16_t> ports_;
  std::set<ino_t> before_;
  std::map<ino_t, clock::time_point> since_;
  clock::duration longest_{};
};

} // namespace stravasync::jetstream
