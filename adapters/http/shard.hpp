#pragma once

#include "adapters/http/answers.hpp"
#include "adapters/http/io_loop.hpp"
#include "adapters/http/response_text.hpp"
#include "adapters/http/server.hpp"

#include <boost/asio/basic_waitable_timer.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <unordered_set>

namespace stravasync::http {

class session;

/// One I/O thread's sessions. All but the constructor and `loop` belongs to
/// that thread.
class shard {
public:
  /// What it refers to must outlive it.
  shard(const server_options& settings, const handler& serve, log& where_to_log,
        std::shared_ptr<load> counts);
  ~shard();

  [[nodiscard]] const std::shared_ptr<io_loop>& loop() const {
    return loop_;
  }

  /// Takes a connection; one of too many is for a spared request at most.
  void add(stream_socket socket);
  void remove(const std::shared_ptr<session>& which);

  /// Tells that a session has become an event stream.
  void now_streams();

  /// Lets every session end by itself; calls `empty` when none is left.
  void drain(std::function<void()> empty);
  void close_all();

  [[nodiscard]] bool draining() const {
    return draining_;
  }

  const server_options& options;
  const handler& on_request;
  log& logger;
  response_writer writer;

private:
  void sweep_later();
  void sweep();
  void give_memory_back(steady_time now);

  const std::shared_ptr<io_loop> loop_;
  std::unordered_set<std::shared_ptr<session>> sessions_;
  using steady_timer
    = asio::basic_waitable_timer<std::chrono::steady_clock,
                                 asio::wait_traits<std::chrono::steady_clock>,
                                 io_executor>;
  steady_timer timer_;
  steady_time trimmed_at_;
  bool sweeping_ = false;
  bool draining_ = false;
  std::function<void()> on_empty_;
};

} // namespace stravasync::http
