#include "adapters/http/outgoing.hpp"

#include <boost/asio/error.hpp>

namespace stravasync::http {

namespace {

/// A buffer that grew beyond this is given back. Idle connections keep theirs.
constexpr auto kept_bytes_max = std::size_t{16} * 1024;

} // namespace

outgoing::outcome outgoing::send(stream_socket& socket, std::size_t& sent) {
  for (;;) {
    if (sent_ == sending_.size()) {
      if (sending_.capacity() > kept_bytes_max)
        std::string{}.swap(sending_); // Assigning would keep the memory.
      sending_.clear();
      sent_ = 0;
      if (waiting_.empty())
        return outcome::all_sent;
      sending_.swap(waiting_);
    }
    boost::system::error_code error;
    auto bytes = socket.write_some(rest(), error);
    if (error == asio::error::would_block)
      return outcome::blocked;
    if (error)
      return outcome::broken;
    sent_ += bytes;
    sent += bytes;
  }
}

} // namespace stravasync::http
