#include "adapters/strava/connection.hpp"

#include "adapters/strava/fault.hpp"
#include "adapters/strava/tls_context.hpp"

#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace stravasync::strava {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

constexpr auto header_bytes_max = std::uint32_t{64} * 1024;
/// Of a header, a chunk's line with what is appended to it, or all trailers.
constexpr auto buffer_bytes_max = std::size_t{2} * header_bytes_max;
constexpr auto interim_max = 16; // Answers before the real one.

std::string answer_problem(const error_code& error, std::size_t bytes_max) {
  if (error == http::error::body_limit)
    return "the answer is larger than " + std::to_string(bytes_max) + " bytes";
  if (error == http::error::header_limit)
    return "the answer's header is larger than "
           + std::to_string(header_bytes_max) + " bytes";
  if (error == http::error::buffer_overflow
      || error == http::error::bad_chunk_extension)
    return "the answer carries more than " + std::to_string(buffer_bytes_max)
           + " bytes beside its body";
  if (error == http::error::partial_message
      || error == http::error::end_of_stream
      || error == asio::ssl::error::stream_truncated
      || error == asio::error::connection_reset)
    return "the answer was cut short";
  return "the answer is not HTTP: " + printable(error.message());
}

} // namespace

connection::connection(asio::io_context& io, const endpoint& to,
                       asio::ssl::context* tls,
                       const connection_options& options)
  : to_(to),
    options_(options),
    io_(io),
    tls_context_(tls),
    connect_timer_(io),
    handshake_timer_(io),
    dialer_(std::make_shared<dialer>(io, options.connect_timeout)),
    socket_(io),
    buffer_(buffer_bytes_max),
    on_chunk_([this](std::uint64_t, boost::beast::string_view extension,
                     error_code& error) {
      extension_bytes_ += extension.size();
      if (extension_bytes_ > buffer_bytes_max)
        error = http::error::bad_chunk_extension;
    }) {
  if (tls != nullptr)
    tls_.emplace(socket_, *tls);
}

void connection::run(const outgoing_request& request, handler done) {
  request_ = wire_request(request, to_, options_.user_agent);
  if (options_.via && !tls_)
    address_through(request_, to_, *options_.via);
  done_ = std::move(done);
  parser_.reset();
  interim_ = 0;
  extension_bytes_ = 0;
  if (connected_) {
    send();
    return;
  }
  time_connect();
  connect();
}

exchange connection::abandon() {
  auto result = state();
  done_ = nullptr;
  connected_ = false;
  connect_timer_.cancel();
  handshake_timer_.cancel();
  dialer_->cancel();
  error_code ignored;
  socket_.close(ignored);
  return result;
}

bool connection::is_used() const {
  return answered_ > 0;
}

bool connection::is_quiet() {
  if (!connected_ || (tls_ && SSL_has_pending(tls_->native_handle()) != 0))
    return false;
  auto byte = char{0};
  auto got = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

template <class Use>
void connection::with_stream(Use use) {
  if (tls_)
    use(*tls_);
  else
    use(socket_);
}

void connection::send() {
  connected_ = true;
  connect_timer_.cancel();
  reached_ = progress::sent;
  with_stream([this](auto& stream) {
    http::async_write(
      stream, request_,
      [self = shared_from_this()](error_code error, std::size_t) {
        if (!self->done_)
          return;
        if (error)
          self->fail("closed the connection unanswered");
        else
          self->receive();
      });
  });
}

void connection::receive() {
  parser_.emplace();
  parser_->header_limit(header_bytes_max);
  parser_->body_limit(options_.response_bytes_max);
  parser_->on_chunk_header(on_chunk_);
  with_stream([this](auto& stream) {
    http::async_read(
      stream, buffer_, *parser_,
      [self = shared_from_this()](error_code error, std::size_t) {
        if (self->done_)
          self->received(error);
      });
  });
}

void connection::received(const error_code& error) {
  if (is_kept_from_strava()) {
    reached_ = progress::connecting;
    return fail(on_the_way(login_wanted));
  }
  if (error) {
    too_large_ = error == http::error::body_limit;
    fail(state().reached == progress::sent
           ? "closed the connection unanswered"
           : answer_problem(error, options_.response_bytes_max));
    return;
  }
  // Interim responses (100, 103) announce the real one.
  if (parser_->get().result_int() < 200) {
    if (++interim_ <= interim_max)
      return receive();
    return fail("there are more than 16 interim answers");
  }
  auto result = state();
  result.reached = progress::answered;
  result.body = std::move(parser_->get().body());
  // Bytes beyond the response belong to nothing that was asked.
  result.reusable = parser_->get().keep_alive() && buffer_.size() == 0;
  ++answered_;
  finish(std::move(result));
}

bool connection::is_kept_from_strava() const {
  constexpr auto login_status = 407U;
  return options_.via && !tls_ && parser_->is_header_done()
         && parser_->get().result_int() == login_status;
}

exchange connection::state() const {
  exchange result;
  result.reached = reached_;
  if (reached_ != progress::sent || !parser_)
    return result;
  if (parser_->got_some())
    result.reached = progress::answering;
  if (parser_->is_header_done()) {
    const auto& headers = parser_->get();
    result.status = static_cast<int>(headers.result_int());
    result.usage = usage_of(headers);
    result.location = location_of(headers);
  }
  return result;
}

void connection::fail(std::string problem) {
  auto result = state();
  result.problem = std::move(problem);
  result.too_large = too_large_;
  if (result.status >= 400)
    result.body = parser_->get().body();
  else if (too_large_)
    result.body = parser_->get().body().substr(0, unreadable_bytes_max);
  auto done = std::move(done_);
  abandon();
  done(std::move(result));
}

void connection::finish(exchange result) {
  auto done = std::move(done_);
  done_ = nullptr;
  done(std::move(result));
}

} // namespace stravasync::strava
