#include "adapters/http/listeners.hpp"

#include "messages/error.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

namespace stravasync::http {

namespace {

using asio::ip::tcp;
using unix_domain = asio::local::stream_protocol;
using boost::system::error_code;

constexpr auto unix_prefix = std::string_view{"unix:"};
/// sockaddr_un.sun_path, with its end.
constexpr auto unix_path_max = std::size_t{107};

template <class Protocol>
using acceptor = asio::basic_socket_acceptor<Protocol, io_executor>;

caf::error refusal(std::string_view address, const error_code& error) {
  auto text = std::string{address};
  if (error == asio::error::address_in_use)
    text += " is in use";
  else if (error == asio::error::access_denied)
    text += " is not permitted";
  else
    text += " cannot be listened on: " + error.message();
  return make_failure(ec::unavailable, std::move(text));
}

template <class Protocol>
class socket_listener final : public listener {
public:
  socket_listener(acceptor<Protocol> socket, std::string address,
                  std::string file)
    : socket_{std::move(socket)},
      address_{std::move(address)},
      file_{std::move(file)} {
  }

  socket_listener(const socket_listener&) = delete;
  socket_listener& operator=(const socket_listener&) = delete;

  ~socket_listener() override {
    if (!file_.empty())
      ::unlink(file_.c_str());
  }

  std::string address() const override {
    return address_;
  }

  void
  accept(asio::io_context& home,
         std::function<void(const error_code&, stream_socket)> done) override {
    using accepted
      = asio::basic_stream_socket<Protocol, asio::io_context::executor_type>;
    auto taken = [&home, done = std::move(done)](const error_code& error,
                                                 accepted socket) {
      if (error)
        return done(error, stream_socket{home});
      if constexpr (std::is_same_v<Protocol, tcp>) {
        error_code ignored; // Slower, but it works.
        socket.set_option(tcp::no_delay{true}, ignored);
      }
      done(error, stream_socket{std::move(socket)});
    };
    socket_.async_accept(home, std::move(taken));
  }

  void close() override {
    error_code ignored; // There is nothing to be done about it.
    socket_.close(ignored);
  }

private:
  acceptor<Protocol> socket_;
  const std::string address_;
  const std::string file_; // Of a unix socket.
};

template <class Protocol>
error_code
listen(acceptor<Protocol>& socket, const typename Protocol::endpoint& at) {
  error_code error;
  socket.open(at.protocol(), error);
  // So that a restart does not have to wait for old connections to expire.
  if (!error && std::is_same_v<Protocol, tcp>)
    socket.set_option(asio::socket_base::reuse_address{true}, error);
  if (!error)
    socket.bind(at, error);
  if (!error)
    socket.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    error_code ignored; // The first error is the one that matters.
    socket.close(ignored);
  }
  return error;
}

std::optional<tcp::endpoint> parse_tcp(std::string_view address) {
  auto colon = address.rfind(':');
  if (colon == std::string_view::npos)
    return std::nullopt;
  auto host = address.substr(0, colon);
  auto digits = address.substr(colon + 1);
  std::uint16_t port = 0;
  auto [end, bad] = std::from_chars(digits.begin(), digits.end(), port);
  if (bad != std::errc{} || end != digits.end())
    return std::nullopt;
  auto bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed)
    host = host.substr(1, host.size() - 2);
  if (host == "localhost")
    host = "127.0.0.1";
  error_code error;
  auto ip = asio::ip::make_address(std::string{host}, error);
  if (error || ip.is_v6() != bracketed)
    return std::nullopt;
  return tcp::endpoint{ip, port};
}

caf::expected<std::unique_ptr<listener>>
open_tcp(asio::io_context& loop, std::string_view address) {
  auto at = parse_tcp(address);
  if (!at)
    return make_failure(ec::invalid_argument,
                        "listen address \"" + std::string{address}
                          + "\" must be IP:PORT, [IPV6]:PORT or unix:/PATH");
  auto socket = acceptor<tcp>{loop};
  if (auto error = listen(socket, *at))
    return refusal(address, error);
  error_code error;
  auto bound = socket.local_endpoint(error);
  if (error)
    return refusal(address, error);
  auto name = std::string{address.substr(0, address.rfind(':') + 1)}
              + std::to_string(bound.port());
  return std::unique_ptr<listener>{std::make_unique<socket_listener<tcp>>(
    std::move(socket), std::move(name), "")};
}

bool is_socket(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode);
}

bool somebody_listens(asio::io_context& loop, const unix_domain::endpoint& at) {
  auto probe = unix_domain::socket{loop};
  error_code error;
  probe.connect(at, error);
  return error != asio::error::connection_refused;
}

caf::expected<std::unique_ptr<listener>>
open_unix(asio::io_context& loop, std::string_view address) {
  auto path = std::string{address.substr(unix_prefix.size())};
  if (path.empty() || path.size() > unix_path_max
      || path.find('\0') != std::string::npos)
    return make_failure(ec::invalid_argument,
                        "listen address \"" + std::string{address}
                          + "\" must have a path of 1 to 107 bytes");
  auto at = unix_domain::endpoint{path};
  auto socket = acceptor<unix_domain>{loop};
  auto error = listen(socket, at);
  if (error == asio::error::address_in_use) {
    if (!is_socket(path))
      return make_failure(ec::unavailable, path + " exists and is no socket");
    // What a process leaves behind that was killed.
    if (!somebody_listens(loop, at) && ::unlink(path.c_str()) == 0)
      error = listen(socket, at);
  }
  if (error)
    return refusal(address, error);
  return std::unique_ptr<listener>{
    std::make_unique<socket_listener<unix_domain>>(std::move(socket),
                                                   std::string{address}, path)};
}

} // namespace

caf::expected<std::unique_ptr<listener>>
open_listener(asio::io_context& loop, std::string_view address) {
  if (address.starts_with(unix_prefix))
    return open_unix(loop, address);
  return open_tcp(loop, address);
}

} // namespace stravasync::http
