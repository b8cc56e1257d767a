#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <sys/socket.h>

#include <vector>

namespace test {

inline const auto loopback = boost::asio::ip::make_address("127.0.0.1");

/// An address where nothing answers at all, as behind a broken route: a
/// listener whose queue is full.
class silent_address {
public:
  using tcp = boost::asio::ip::tcp;

  explicit silent_address(boost::asio::io_context& io)
    : listener_(io, tcp::endpoint{loopback, 0}) {
    ::listen(listener_.native_handle(), 0);
    auto full = listener_.local_endpoint();
    for (auto i = 0; i < 4; ++i) {
      auto& filler = fillers_.emplace_back(io);
      filler.open(tcp::v4());
      filler.native_non_blocking(true);
      // Asio's own would wait.
      ::connect(filler.native_handle(), full.data(),
                static_cast<socklen_t>(full.size()));
    }
  }

  [[nodiscard]] tcp::endpoint endpoint() const {
    return listener_.local_endpoint();
  }

private:
  tcp::acceptor listener_;
  std::vector<tcp::socket> fillers_;
};

} // namespace test
