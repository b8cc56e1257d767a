#include "adapters/strava/dialer.hpp"

#include <algorithm>
#include <utility>

namespace stravasync::strava {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

/// RFC 8305's Connection Attempt Delay.
constexpr auto delay_most = std::chrono::milliseconds{250};

} // namespace

std::vector<asio::ip::tcp::endpoint>
in_turn(const std::vector<asio::ip::tcp::endpoint>& addresses) {
  std::vector<asio::ip::tcp::endpoint> first;
  std::vector<asio::ip::tcp::endpoint> second;
  for (const auto& each : addresses)
    (each.protocol() == addresses.front().protocol() ? first : second)
      .push_back(each);
  std::vector<asio::ip::tcp::endpoint> result;
  for (auto i = std::size_t{0}; i < std::max(first.size(), second.size());
       ++i) {
    if (i < first.size())
      result.push_back(first[i]);
    if (i < second.size())
      result.push_back(second[i]);
  }
  return result;
}

dialer::dialer(asio::io_context& io, std::chrono::milliseconds timeout)
  : io_(io),
    timeout_(timeout),
    resolver_(io),
    next_(io) {
}

void dialer::dial(const std::string& host, const std::string& port,
                  handler done) {
  done_ = std::move(done);
  resolver_.async_resolve(
    host, port,
    [self = shared_from_this()](error_code error,
                                const tcp::resolver::results_type& found) {
      if (!self->done_)
        return;
      if (error) {
        self->finish("the name cannot be resolved: " + error.message(),
                     tcp::socket{self->io_});
        return;
      }
      std::vector<tcp::endpoint> addresses;
      for (const auto& each : found)
        addresses.push_back(each.endpoint());
      self->dial(in_turn(addresses), std::move(self->done_));
    });
}

void dialer::dial(std::vector<tcp::endpoint> addresses, handler done) {
  done_ = std::move(done);
  addresses_ = std::move(addresses);
  start_next();
}

void dialer::cancel() {
  done_ = nullptr;
  resolver_.cancel();
  next_.cancel();
  error_code ignored;
  for (const auto& each : attempts_)
    each->close(ignored);
}

std::vector<dialer::tcp::endpoint> dialer::others() const {
  std::vector<tcp::endpoint> result;
  for (auto i = std::size_t{0}; i < addresses_.size(); ++i)
    if (!over_.contains(i))
      result.push_back(addresses_[i]);
  return result;
}

void dialer::start_next() {
  auto which = attempts_.size();
  if (which == addresses_.size())
    return;
  attempts_.push_back(std::make_shared<tcp::socket>(io_));
  attempts_.back()->async_connect(
    addresses_[which], [self = shared_from_this(), which](error_code error) {
      if (self->done_)
        self->attempt_ended(which, error);
    });
  auto tries = static_cast<int>(addresses_.size()) + 1;
  next_.expires_after(std::min(delay_most, timeout_ / tries));
  next_.async_wait([self = shared_from_this()](error_code error) {
    if (!error && self->done_)
      self->start_next();
  });
}

void dialer::attempt_ended(std::size_t which, const error_code& error) {
  over_.insert(which);
  if (!error) {
    finish({}, std::move(*attempts_[which]));
    return;
  }
  if (over_.size() == addresses_.size()) {
    auto tried = addresses_.size() == 1
                   ? std::string{}
                   : " (none of " + std::to_string(addresses_.size())
                       + " addresses answers)";
    finish(error.message() + tried, tcp::socket{io_});
    return;
  }
  start_next();
}

void dialer::finish(std::string problem, tcp::socket socket) {
  auto done = std::move(done_);
  cancel();
  done(std::move(problem), std::move(socket));
}

} // namespace stravasync::strava
