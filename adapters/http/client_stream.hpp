#pragma once

#include "adapters/http/io_loop.hpp"
#include "adapters/http/server.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace stravasync::http {

class session;

/// An event stream as both sides see it: the application writes from any
/// thread, the session takes the text on its own.
class client_stream final : public event_stream {
public:
  client_stream(std::weak_ptr<io_loop> loop, std::weak_ptr<session> client);

  bool write(std::string_view text) override;
  void on_close(std::function<void()> gone) override;

  /// For the session: appends what waits to `out`.
  void take(std::string& out);

  /// For the session: that many taken bytes were sent.
  void sent(std::size_t bytes);

  /// For the session: the client is gone.
  void close();

private:
  // Weak, for a loop that ends may hold what refers to the stream.
  const std::weak_ptr<io_loop> loop_;
  const std::weak_ptr<session> client_;

  std::mutex guard_; // Of what follows.
  std::string queued_;
  std::size_t unsent_ = 0; // Queued and taken.
  bool posted_ = false;    // The session will come for `queued_`.
  bool closed_ = false;
  std::function<void()> gone_;
};

} // namespace stravasync::http
