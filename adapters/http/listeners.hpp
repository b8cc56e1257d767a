#pragma once

#include "adapters/http/io_loop.hpp"
#include "adapters/http/server.hpp"

#include <caf/error.hpp>
#include <caf/expected.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

/// @file
/// Sockets that listen.

namespace stravasync::http {

/// One address.
class listener {
public:
  virtual ~listener() = default; // Removes the file of a unix socket.

  /// As it would be written in the settings, with the port that was picked.
  [[nodiscard]] virtual std::string address() const = 0;

  /// Waits for one connection that is to live on `home`, which is kept alive
  /// until then. `done` runs on the listener's own loop.
  virtual void accept(
    asio::io_context& home,
    std::function<void(const boost::system::error_code&, stream_socket)> done)
    = 0;

  virtual void close() = 0;
};

/// Who may connect to a socket file; see `server_options`.
struct socket_access {
  std::uint32_t mode = 0660;
  std::string group;
};

/// Opens "127.0.0.1:8080", "[::1]:8080", "localhost:8080" or "unix:/path". A
/// socket file that nobody listens on is replaced. Fails as `start_server`.
/// @param access Of a socket file.
[[nodiscard]] caf::expected<std::unique_ptr<listener>>
open_listener(asio::io_context& loop, std::string_view address,
              const socket_access& access);

} // namespace stravasync::http
