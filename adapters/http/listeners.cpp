#include "adapters/http/listeners.hpp"

#include "messages/error.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <grp.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
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
/// Bytes that the system keeps for a client beyond what is on its way: what a
/// client that does not read costs besides our own memory.
constexpr auto unsent_bytes_max = 128 * 1024;

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
        ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT,
                     &unsent_bytes_max, sizeof(unsent_bytes_max));
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

error_code system_error(int number) {
  return {number, boost::system::system_category()};
}

/// @returns the number of `group`; -1 for none, so that chown leaves it.
caf::expected<gid_t> find_group(const std::string& group) {
  if (group.empty())
    return static_cast<gid_t>(-1);
  gid_t number = 0;
  auto [end, bad] = std::from_chars(group.data(), group.data() + group.size(),
                                    number);
  if (bad == std::errc{} && end == group.data() + group.size())
    return number;
  struct group entry {};
  struct group* found = nullptr;
  auto text = std::array<char, 16'384>{};
  ::getgrnam_r(group.c_str(), &entry, text.data(), text.size(), &found);
  if (found == nullptr)
    return make_failure(ec::invalid_argument, "there is no group \"" + group
                                                + "\" for the socket file");
  return found->gr_gid;
}

/// Lets those connect who may, before anybody can: a socket that does not
/// listen yet refuses all.
error_code admit(const std::string& file, mode_t mode, gid_t group) {
  if (::lchown(file.c_str(), static_cast<uid_t>(-1), group) != 0
      || ::chmod(file.c_str(), mode) != 0)
    return system_error(errno);
  return {};
}

/// @param bound Is called between binding and listening.
template <class Protocol>
error_code
listen(acceptor<Protocol>& socket, const typename Protocol::endpoint& at,
       const std::function<error_code()>& bound) {
  error_code error;
  socket.open(at.protocol(), error);
  // So that a restart does not have to wait for old connections to expire.
  if (!error && std::is_same_v<Protocol, tcp>)
    socket.set_option(asio::socket_base::reuse_address{true}, error);
  if (!error)
    socket.bind(at, error);
  if (!error && bound)
    error = bound();
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
  if (auto error = listen(socket, *at, {}))
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
open_unix(asio::io_context& loop, std::string_view address,
          const socket_access& access) {
  auto path = std::string{address.substr(unix_prefix.size())};
  if (path.empty() || path.size() > unix_path_max
      || path.find('\0') != std::string::npos)
    return make_failure(ec::invalid_argument,
                        "listen address \"" + std::string{address}
                          + "\" must have a path of 1 to 107 bytes");
  auto group = find_group(access.group);
  if (!group)
    return group.error();
  auto at = unix_domain::endpoint{path};
  auto socket = acceptor<unix_domain>{loop};
  auto open = [&] {
    return listen(socket, at, [&] { return admit(path, access.mode, *group); });
  };
  auto error = open();
  if (error == asio::error::address_in_use) {
    if (!is_socket(path))
      return make_failure(ec::unavailable, path + " exists and is no socket");
    // What a process leaves behind that was killed.
    if (!somebody_listens(loop, at) && ::unlink(path.c_str()) == 0)
      error = open();
  }
  if (error)
    return refusal(address, error);
  return std::unique_ptr<listener>{
    std::make_unique<socket_listener<unix_domain>>(std::move(socket),
                                                   std::string{address}, path)};
}

} // namespace

caf::expected<std::unique_ptr<listener>>
open_listener(asio::io_context& loop, std::string_view address,
              const socket_access& access) {
  if (address.starts_with(unix_prefix))
    return open_unix(loop, address, access);
  return open_tcp(loop, address);
}

} // namespace stravasync::http
