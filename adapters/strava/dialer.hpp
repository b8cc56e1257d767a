#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace stravasync::strava {

/// @returns the addresses with the families taking turns, the first one's
/// first; within a family the order stays (RFC 8305, section 4).
[[nodiscard]] std::vector<boost::asio::ip::tcp::endpoint>
in_turn(const std::vector<boost::asio::ip::tcp::endpoint>& addresses);

/// Connects to whichever address of a name answers first (RFC 8305): the next
/// one is tried when one fails or has not answered for a moment, and none is
/// given up before another has answered or the caller cancels. Lives on its
/// io_context's only thread; makes one connection.
class dialer : public std::enable_shared_from_this<dialer> {
public:
  using tcp = boost::asio::ip::tcp;

  /// Hears why there is no connection, or an empty text and the socket.
  using handler = std::function<void(std::string problem, tcp::socket)>;

  /// @param timeout After which the caller will cancel: all addresses are tried
  /// well before.
  dialer(boost::asio::io_context& io, std::chrono::milliseconds timeout);

  /// `done` is called once unless `cancel` comes first.
  void dial(const std::string& host, const std::string& port, handler done);

  /// @param addresses At least one, in the order in which to try them.
  void dial(std::vector<tcp::endpoint> addresses, handler done);

  void cancel();

  /// @returns the addresses that were not found to fail, without the one that
  /// was reached, in the order in which to try them.
  [[nodiscard]] std::vector<tcp::endpoint> others() const;

private:
  void start_next();
  void attempt_ended(std::size_t which, const boost::system::error_code& error);
  void finish(std::string problem, tcp::socket socket);

  boost::asio::io_context& io_;
  const std::chrono::milliseconds timeout_;
  tcp::resolver resolver_;
  boost::asio::steady_timer next_;
  std::vector<tcp::endpoint> addresses_;
  std::vector<std::shared_ptr<tcp::socket>> attempts_; // One per address.
  /// Of the addresses: those that failed, and the one that was reached.
  std::set<std::size_t> over_;
  handler done_; // Empty: over.
};

} // namespace stravasync::strava
