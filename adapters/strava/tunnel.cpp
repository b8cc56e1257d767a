#include "adapters/strava/proxy.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include <memory>
#include <utility>

namespace stravasync::strava {

namespace {

namespace http = boost::beast::http;
using boost::system::error_code;

constexpr auto tunnel_header_bytes_max = std::uint32_t{16} * 1024;

/// A CONNECT under way, RFC 9110, section 9.3.6.
class tunnel : public std::enable_shared_from_this<tunnel> {
public:
  tunnel(boost::asio::ip::tcp::socket& socket, const endpoint& to,
         const proxy& via, std::function<void(std::string)> done)
    : socket_(socket),
      done_(std::move(done)) {
    request_.version(11);
    request_.method(http::verb::connect);
    request_.target(to.name());
    request_.set(http::field::host, to.name());
    if (!via.authorization.empty())
      request_.set(http::field::proxy_authorization, via.authorization);
    answer_.header_limit(tunnel_header_bytes_max);
    answer_.skip(true); // What follows the header is the tunnel's.
  }

  void ask() {
    http::async_write(
      socket_, request_,
      [self = shared_from_this()](error_code error, std::size_t) {
        if (error)
          self->done_("closed the connection");
        else
          self->listen();
      });
  }

private:
  void listen() {
    http::async_read_header(
      socket_, buffer_, answer_,
      [self = shared_from_this()](error_code error, std::size_t) {
        self->done_(error ? "gives no answer that is HTTP" : self->problem());
      });
  }

  [[nodiscard]] std::string problem() const {
    auto status = answer_.get().result_int();
    if (status == 407)
      return login_wanted;
    if (status < 200 || status > 299)
      return "refuses the connection: it answered " + std::to_string(status);
    // A server says nothing before TLS begins.
    return buffer_.size() == 0 ? std::string{} : "sent what nobody asked for";
  }

  boost::asio::ip::tcp::socket& socket_;
  std::function<void(std::string)> done_;
  http::request<http::empty_body> request_;
  boost::beast::flat_buffer buffer_;
  http::response_parser<http::empty_body> answer_;
};

} // namespace

void open_tunnel(boost::asio::ip::tcp::socket& socket, const endpoint& to,
                 const proxy& via, std::function<void(std::string)> done) {
  std::make_shared<tunnel>(socket, to, via, std::move(done))->ask();
}

} // namespace stravasync::strava
