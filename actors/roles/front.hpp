#pragma once

#include "actors/ports/api_service.hpp"
#include "actors/ports/log.hpp"
#include "adapters/http/router.hpp"
#include "adapters/http/server.hpp"
#include "adapters/http/site.hpp"
#include "config/settings.hpp"

#include <caf/expected.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>

namespace stravasync {

/// @returns how the server is set up; `where` must outlive it.
[[nodiscard]] http::server_options
server_options_of(const http_settings& config, const http::site& where);

/// The node's HTTP server from its first moment on: alive at once, answering
/// 503 with the reason until the node can serve.
class http_front {
public:
  http_front(http_settings config, std::shared_ptr<log> journal);

  http_front(const http_front&) = delete;
  http_front& operator=(const http_front&) = delete;

  /// Starts to listen. Fails with a sentence that names the address.
  [[nodiscard]] caf::error start();

  /// Sets what the node waits for; empty: it goes on starting. Any thread.
  void waiting(const std::string& what);

  /// From now on requests go to `routes`, which must outlive `stop`.
  void serve(const http::router& routes);

  /// Where it is reached; lives as long as this.
  [[nodiscard]] const http::site& where() const {
    return where_;
  }

  /// Where it listens, port 0 resolved.
  [[nodiscard]] std::vector<std::string> addresses() const;

  /// Finishes what is in flight within `most`.
  void stop(milliseconds most);

private:
  [[nodiscard]] readiness state() const;
  void answer(http::request what, std::shared_ptr<http::responder> reply) const;

  http_settings config_;
  http::site where_;
  std::shared_ptr<log> journal_;
  mutable std::mutex mutex_;
  std::string waiting_for_ = "starting";
  http::router early_;
  std::atomic<const http::router*> routes_{nullptr};
  std::unique_ptr<http::server> server_;
};

} // namespace stravasync
