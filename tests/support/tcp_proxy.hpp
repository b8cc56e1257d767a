#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace test {

/// A wire between a client and a server of this machine that can be cut: a
/// listener on a free port of 127.0.0.1 that hands bytes on in both directions.
/// One thread of its own.
class tcp_proxy {
public:
  /// @param to The server's port on 127.0.0.1.
  explicit tcp_proxy(std::uint16_t to);
  ~tcp_proxy();

  tcp_proxy(const tcp_proxy&) = delete;
  tcp_proxy& operator=(const tcp_proxy&) = delete;

  /// @returns "scheme://127.0.0.1:port".
  [[nodiscard]] std::string url(const std::string& scheme) const;

  /// From now on bytes go nowhere in either direction and new connections get
  /// no answer; none is closed, as when a network fails.
  void cut();

  /// From now on a new connection gets the server's first words and nothing
  /// more: a server that hangs in its handshake. None is closed, not even by
  /// `mend`.
  void greet_only();

  /// @returns how many connections it took.
  [[nodiscard]] int taken() const;

  /// @returns how many connections were held after the first words.
  [[nodiscard]] int held_at_greeting() const;

  /// What was held flows again, late; but what `greet_only` held.
  void mend();

  /// Closes all connections, as when a machine on the way restarts.
  void drop();

private:
  class wire;
  std::unique_ptr<wire> wire_;
};

} // namespace test
