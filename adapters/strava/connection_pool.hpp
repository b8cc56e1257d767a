#pragma once

#include "adapters/strava/connection.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <caf/error.hpp>

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <thread>

namespace stravasync::strava {

struct pool_options {
  std::size_t connections_max = 1;
  std::chrono::milliseconds request_timeout{0};
  std::chrono::milliseconds idle_timeout{0};
  connection_options connection;
};

/// What came of a call: a response of any status, or `failure`.
struct pool_answer {
  call_report report;
  caf::error failure;
  std::string location;
  std::string body;
  /// The failure is that the answer is too large; `body` is how it begins.
  bool too_large = false;
};

/// Carries calls to one endpoint over at most `connections_max` keep-alive
/// connections, on a thread of its own. Calls beyond that wait, first come
/// first served; the time-out counts from `submit`.
class connection_pool {
public:
  using handler = std::function<void(pool_answer)>;

  /// @param tls Null for an endpoint without TLS.
  connection_pool(endpoint to, std::shared_ptr<boost::asio::ssl::context> tls,
                  pool_options options);
  connection_pool(const connection_pool&) = delete;
  connection_pool& operator=(const connection_pool&) = delete;

  /// Ends every call with `ec::unavailable` and joins the thread.
  ~connection_pool(); // NOLINT(bugprone-exception-escape)

  /// Thread-safe. `done` runs on the pool's thread.
  void submit(outgoing_request request, handler done);

  /// Runs `task` on the pool's thread.
  void post(std::function<void()> task);

private:
  struct call;
  using call_ptr = std::shared_ptr<call>;
  using connection_ptr = std::shared_ptr<connection>;

  struct idle_connection {
    connection_ptr line;
    std::chrono::steady_clock::time_point expires_at;
  };

  void admit(const call_ptr& what);
  void dispatch();
  connection_ptr take_idle();
  connection_ptr open();
  void run(const call_ptr& what, const connection_ptr& on);
  void on_exchange(const call_ptr& what, exchange result);
  void on_deadline(const call_ptr& what);
  void release(const connection_ptr& line, bool reusable);
  void drop_expired();
  void finish(const call_ptr& what, exchange result);
  void end_with(const call_ptr& what, const exchange& last, caf::error why);
  void shut_down();

  const endpoint to_;
  const pool_options options_;
  const std::shared_ptr<boost::asio::ssl::context> tls_;
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type>
    work_;
  // From here on the thread's alone.
  boost::asio::steady_timer idle_timer_;
  std::set<call_ptr> calls_;         // All that are not done.
  std::deque<call_ptr> waiting_;     // Those of them without a connection.
  std::deque<idle_connection> idle_; // First to expire first.
  std::size_t open_ = 0;             // Connections, busy or idle.
  bool stopping_ = false;
  std::thread thread_;
};

} // namespace stravasync::strava
