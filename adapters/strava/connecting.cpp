#include "adapters/strava/connection.hpp"
#include "adapters/strava/fault.hpp"
#include "adapters/strava/tls_context.hpp"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <utility>

/// @file
/// How a connection comes about: the part of `connection` before it sends.

namespace stravasync::strava {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::milliseconds;

namespace {

std::string problem_of(SSL* tls, const error_code& error) {
  auto verdict = SSL_get_verify_result(tls);
  if (verdict != X509_V_OK)
    return std::string{"its certificate is refused: "}
           + X509_verify_cert_error_string(verdict);
  return "TLS handshake failed: " + printable(error.message());
}

} // namespace

void connection::time_connect() {
  connect_timer_.expires_after(options_.connect_timeout);
  connect_timer_.async_wait([self = shared_from_this()](error_code error) {
    if (!error && self->done_ && !self->connected_)
      self->fail(!self->handshake_problem_.empty()
                   ? self->handshake_problem_
                   : "no connection within "
                       + std::to_string(self->options_.connect_timeout.count())
                       + " ms");
  });
}

milliseconds connection::time_left() const {
  return std::max(milliseconds{1}, std::chrono::duration_cast<milliseconds>(
                                     connect_timer_.expiry()
                                     - asio::steady_timer::clock_type::now()));
}

void connection::connect() {
  auto done = [self = shared_from_this()](std::string problem,
                                          tcp::socket socket) {
    if (self->done_)
      self->dialed(std::move(problem), std::move(socket));
  };
  if (!options_.addresses.empty())
    return dialer_->dial(options_.addresses, std::move(done));
  const auto& host = options_.via ? options_.via->host : to_.host;
  const auto& port = options_.via ? options_.via->port : to_.port;
  dialer_->dial(host, port, std::move(done));
}

void connection::dialed(std::string problem, tcp::socket socket) {
  if (!problem.empty()) {
    // What was wrong with an address that was reached says more.
    fail(handshake_problem_.empty() ? on_the_way(std::move(problem))
                                    : handshake_problem_);
    return;
  }
  socket_ = std::move(socket);
  error_code ignored;
  socket_.set_option(tcp::no_delay{true}, ignored);
  reach_through();
}

void connection::reach_through() {
  if (!options_.via || !tls_) {
    handshake();
    return;
  }
  open_tunnel(socket_, to_, *options_.via,
              [self = shared_from_this()](std::string problem) {
                if (!self->done_)
                  return;
                if (problem.empty())
                  self->handshake();
                else
                  self->fail(self->on_the_way(std::move(problem)));
              });
}

std::string connection::on_the_way(std::string problem) const {
  if (!options_.via)
    return problem;
  return "the proxy " + options_.via->name() + ": " + std::move(problem);
}

void connection::handshake() {
  if (!tls_) {
    send();
    return;
  }
  // One that failed cannot begin again.
  tls_.emplace(socket_, *tls_context_);
  expect_host(tls_->native_handle(), to_.host);
  time_handshake();
  tls_->async_handshake(asio::ssl::stream_base::client,
                        [self = shared_from_this()](error_code error) {
                          if (!self->done_)
                            return;
                          self->handshake_timer_.cancel();
                          if (error)
                            self->handshake_failed(error);
                          else
                            self->send();
                        });
}

/// An address that takes connections may be silent from then on. It has half
/// of what is left while there are others, the last one has all of it.
void connection::time_handshake() {
  if (other_addresses().empty())
    return;
  handshake_timer_.expires_after(time_left() / 2);
  handshake_timer_.async_wait([self = shared_from_this()](error_code error) {
    error_code ignored;
    if (!error && self->done_ && !self->connected_)
      self->socket_.close(ignored);
  });
}

void connection::handshake_failed(const error_code& error) {
  auto others = other_addresses();
  // Closed here, since the other side said nothing.
  if (error != asio::error::operation_aborted)
    handshake_problem_ = problem_of(tls_->native_handle(), error);
  if (others.empty())
    return fail(handshake_problem_);
  error_code ignored;
  socket_.close(ignored);
  dialer_ = std::make_shared<dialer>(io_, time_left());
  dialer_->dial(std::move(others), [self = shared_from_this()](
                                     std::string problem, tcp::socket socket) {
    if (self->done_)
      self->dialed(std::move(problem), std::move(socket));
  });
}

std::vector<connection::tcp::endpoint> connection::other_addresses() const {
  // A proxy was reached, and what is behind it is its own to choose.
  return options_.via ? std::vector<tcp::endpoint>{} : dialer_->others();
}

} // namespace stravasync::strava
