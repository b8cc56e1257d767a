#pragma once

#include "actors/ports/strava_api.hpp"
#include "adapters/strava/dialer.hpp"
#include "adapters/strava/endpoint.hpp"
#include "adapters/strava/proxy.hpp"
#include "adapters/strava/wire.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace stravasync::strava {

/// How far a request got.
enum class progress : std::uint8_t {
  connecting, // Nothing of it has left.
  sent,       // Some of it may have arrived.
  answering,  // At least a byte of the response is here.
  answered,   // All of the response is here.
};

/// What came of a request on one connection.
struct exchange {
  progress reached = progress::connecting;
  std::string problem; // Why it did not get to `answered`.
  int status = 0;      // 0: the response's header is not complete.
  rate_usage usage;
  std::string location;
  std::string body;
  bool reusable = false; // The connection can take the next request.
  /// The answer is larger than is taken; `body` is how it begins.
  bool too_large = false;
};

struct connection_options {
  std::string user_agent;
  std::chrono::milliseconds connect_timeout{0};
  std::size_t response_bytes_max = 0;
  std::optional<proxy> via;
  /// Where the name is reached; empty: the resolver says.
  std::vector<boost::asio::ip::tcp::endpoint> addresses;
};

/// One keep-alive HTTP/1.1 connection, plain or TLS, with one request at a
/// time. Lives on its io_context's only thread.
class connection : public std::enable_shared_from_this<connection> {
public:
  using handler = std::function<void(exchange)>;

  /// The references outlive the connection; `tls` is null for plain HTTP.
  connection(boost::asio::io_context& io, const endpoint& to,
             boost::asio::ssl::context* tls, const connection_options& options);

  /// Connects if need be, sends, receives. `done` is called once unless
  /// `abandon` comes first. Only the connect is timed here.
  void run(const outgoing_request& request, handler done);

  /// Closes the connection for good; `done` will not be called.
  /// @returns how far the request got.
  exchange abandon();

  /// @returns whether requests were answered on it before the current one.
  [[nodiscard]] bool is_used() const;

  /// @returns whether an idle connection can still be used: the peer has
  /// neither closed it nor sent something nobody asked for.
  [[nodiscard]] bool is_quiet();

private:
  using tcp = boost::asio::ip::tcp;
  using response_parser
    = boost::beast::http::response_parser<boost::beast::http::string_body>;

  void connect();
  void dialed(std::string problem, tcp::socket socket);
  void reach_through();
  /// @returns the problem, said of the proxy if there is one.
  [[nodiscard]] std::string on_the_way(std::string problem) const;
  void handshake();
  void time_handshake();
  void handshake_failed(const boost::system::error_code& error);
  /// @returns addresses that are left when this one proves to be of no use.
  [[nodiscard]] std::vector<tcp::endpoint> other_addresses() const;
  /// @returns what is left of the time for the connect.
  [[nodiscard]] std::chrono::milliseconds time_left() const;
  void send();
  void receive();
  void received(const boost::system::error_code& error);
  /// Whether what answers is the proxy, which has passed nothing on.
  [[nodiscard]] bool is_kept_from_strava() const;
  void time_connect();
  [[nodiscard]] exchange state() const;
  void fail(std::string problem);
  void finish(exchange result);
  template <class Use>
  void with_stream(Use use);

  const endpoint& to_;
  const connection_options& options_;
  boost::asio::io_context& io_;
  boost::asio::ssl::context* tls_context_; // Null: plain HTTP.
  boost::asio::steady_timer connect_timer_;
  boost::asio::steady_timer handshake_timer_;
  std::shared_ptr<dialer> dialer_;
  tcp::socket socket_;
  std::optional<boost::asio::ssl::stream<tcp::socket&>> tls_;
  /// Why TLS did not come about with an address that was reached.
  std::string handshake_problem_;
  http_request request_;
  boost::beast::flat_buffer buffer_;
  /// Counts what chunks carry beside the body. The parser refers to it.
  std::function<void(std::uint64_t, boost::beast::string_view,
                     boost::system::error_code&)>
    on_chunk_;
  std::optional<response_parser> parser_;
  std::size_t extension_bytes_ = 0;
  int interim_ = 0;
  bool too_large_ = false;
  progress reached_ = progress::connecting;
  bool connected_ = false;
  std::uint64_t answered_ = 0;
  handler done_; // Empty: idle or closed.
};

} // namespace stravasync::strava
