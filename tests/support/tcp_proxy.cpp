#include "tests/support/tcp_proxy.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <atomic>
#include <functional>
#include <list>
#include <thread>
#include <utility>
#include <vector>

namespace test {

namespace asio = boost::asio;
using asio::ip::tcp;

class tcp_proxy::wire {
public:
  explicit wire(std::uint16_t to)
    : to_{asio::ip::address_v4::loopback(), to},
      acceptor_{io_, {asio::ip::address_v4::loopback(), 0}} {
    port_ = acceptor_.local_endpoint().port();
    accept();
    thread_ = std::thread{[this] { io_.run(); }};
  }

  ~wire() {
    io_.stop();
    thread_.join();
  }

  [[nodiscard]] std::uint16_t port() const {
    return port_;
  }

  void greet_only() {
    asio::post(io_, [this] { greets_only_ = true; });
  }

  [[nodiscard]] int taken() const {
    return taken_;
  }

  [[nodiscard]] int held_at_greeting() const {
    return held_at_greeting_;
  }

  void set_cut(bool value) {
    asio::post(io_, [this, value] {
      cut_ = value;
      greets_only_ = false;
      if (!cut_)
        for (auto& waiting : std::exchange(held_, {}))
          waiting();
    });
  }

  void drop() {
    asio::post(io_, [this] {
      for (auto& one : std::exchange(links_, {})) {
        auto ignored = boost::system::error_code{};
        one->client.close(ignored);
        one->server.close(ignored);
      }
    });
  }

private:
  using buffer = std::array<char, 65'536>;

  struct link {
    explicit link(asio::io_context& io) : client{io}, server{io} {
    }

    tcp::socket client;
    tcp::socket server;
    buffer up{};
    buffer down{};
  };
  using link_ptr = std::shared_ptr<link>;

  /// Runs it now, or once the wire is mended.
  void when_whole(std::function<void()> step) {
    if (cut_)
      held_.push_back(std::move(step));
    else
      step();
  }

  void accept() {
    auto next = std::make_shared<link>(io_);
    acceptor_.async_accept(next->client, [this, next](auto failed) {
      if (failed)
        return;
      links_.push_back(next);
      ++taken_;
      when_whole([this, next] { join(next); });
      accept();
    });
  }

  void join(const link_ptr& on) {
    on->server.async_connect(to_, [this, on](auto failed) {
      auto ignored = boost::system::error_code{};
      if (failed) {
        on->client.close(ignored);
        return;
      }
      if (greets_only_)
        return greet(on);
      pump(on, on->client, on->server, on->up);
      pump(on, on->server, on->client, on->down);
    });
  }

  void greet(const link_ptr& on) {
    on->server.async_read_some(
      asio::buffer(on->down), [this, on](auto, std::size_t size) {
        asio::async_write(
          on->client, asio::buffer(on->down.data(), size),
          [this, on](auto, std::size_t) { ++held_at_greeting_; });
      });
  }

  void pump(const link_ptr& on, tcp::socket& from, tcp::socket& to,
            buffer& through) {
    from.async_read_some(
      asio::buffer(through),
      [this, on, &from, &to, &through](auto failed, std::size_t size) {
        when_whole([this, on, &from, &to, &through, failed, size] {
          auto ignored = boost::system::error_code{};
          if (failed) {
            to.close(ignored);
            return;
          }
          asio::async_write(
            to, asio::buffer(through.data(), size),
            [this, on, &from, &to, &through](auto broken, std::size_t) {
              auto unheard = boost::system::error_code{};
              if (broken)
                from.close(unheard);
              else
                pump(on, from, to, through);
            });
        });
      });
  }

  asio::io_context io_;
  tcp::endpoint to_;
  tcp::acceptor acceptor_;
  std::uint16_t port_ = 0;
  bool cut_ = false;
  bool greets_only_ = false;
  std::atomic<int> held_at_greeting_ = 0;
  std::atomic<int> taken_ = 0;
  std::vector<std::function<void()>> held_;
  std::list<link_ptr> links_;
  std::thread thread_;
};

tcp_proxy::tcp_proxy(std::uint16_t to) : wire_{std::make_unique<wire>(to)} {
}

tcp_proxy::~tcp_proxy() = default;

std::string tcp_proxy::url(const std::string& scheme) const {
  return scheme + "://127.0.0.1:" + std::to_string(wire_->port());
}

void tcp_proxy::cut() {
  wire_->set_cut(true);
}

void tcp_proxy::greet_only() {
  wire_->greet_only();
}

int tcp_proxy::taken() const {
  return wire_->taken();
}

int tcp_proxy::held_at_greeting() const {
  return wire_->held_at_greeting();
}

void tcp_proxy::mend() {
  wire_->set_cut(false);
}

void tcp_proxy::drop() {
  wire_->drop();
}

} // namespace test
