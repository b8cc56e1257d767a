#include "adapters/http/server.hpp"

#include "adapters/http/listeners.hpp"
#include "adapters/http/shard.hpp"
#include "messages/error.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

namespace stravasync::http {

namespace {

using boost::system::error_code;

/// After which accepting is tried again when the process is out of files.
constexpr auto accept_pause = milliseconds{100};

class beast_server final : public server {
public:
  beast_server(server_options options, handler on_request, log& logger)
    : options_{std::move(options)},
      on_request_{std::move(on_request)},
      logger_{logger},
      counts_{std::make_shared<load>()} {
    counts_->held_bytes_max = options_.held_bytes_max;
    auto threads = std::max(options_.io_threads, 1U);
    for (auto i = 0U; i < threads; ++i)
      shards_.push_back(
        std::make_unique<shard>(options_, on_request_, logger_, counts_));
  }

  beast_server(const beast_server&) = delete;
  beast_server& operator=(const beast_server&) = delete;

  // Out of memory or a broken thread here is the end, and may be.
  // NOLINTNEXTLINE(bugprone-exception-escape)
  ~beast_server() override {
    stop(milliseconds{0});
  }

  caf::error listen() {
    for (const auto& address : options_.listen) {
      auto opened
        = open_listener(first().context, address,
                        {options_.socket_mode, options_.socket_group});
      if (!opened)
        return opened.error();
      addresses_.push_back((*opened)->address());
      listeners_.push_back(std::move(*opened));
    }
    return {};
  }

  void run() {
    for (const auto& which : listeners_)
      accept(*which);
    for (const auto& part : shards_) {
      guards_.emplace_back(part->loop()->context.get_executor());
      threads_.emplace_back([&part] { part->loop()->context.run(); });
    }
  }

  std::vector<std::string> addresses() const override {
    return addresses_;
  }

  void stop(milliseconds deadline) override {
    if (threads_.empty())
      return;
    asio::post(first().context, [this] {
      stopping_ = true;
      for (const auto& which : listeners_)
        which->close();
      retries_.clear();
    });
    for (const auto& part : shards_)
      asio::post(part->loop()->context, [this, &part] {
        part->drain([this] {
          auto lock = std::lock_guard{guard_};
          ++drained_;
          changed_.notify_all();
        });
      });
    {
      auto lock = std::unique_lock{guard_};
      changed_.wait_for(lock, deadline,
                        [this] { return drained_ == shards_.size(); });
    }
    for (const auto& part : shards_)
      asio::post(part->loop()->context, [&part] { part->close_all(); });
    guards_.clear(); // The loops end when nothing is left to do.
    for (auto& thread : threads_)
      thread.join();
    threads_.clear();
    listeners_.clear(); // Removes socket files.
  }

  std::size_t in_flight() const override {
    return counts_->in_flight.load();
  }

  std::size_t held_bytes() const override {
    return counts_->held_bytes.load();
  }

private:
  using timer
    = asio::basic_waitable_timer<std::chrono::steady_clock,
                                 asio::wait_traits<std::chrono::steady_clock>,
                                 io_executor>;

  io_loop& first() const {
    return *shards_.front()->loop();
  }

  /// On the first loop, as is everything about listening.
  void accept(listener& from) {
    auto& home = *shards_[next_++ % shards_.size()];
    from.accept(
      home.loop()->context,
      [this, &from, &home](const error_code& error, stream_socket socket) {
        if (stopping_)
          return;
        if (error)
          return accept_later(from, error);
        if (&home == shards_.front().get())
          home.add(std::move(socket));
        else
          asio::post(home.loop()->context,
                     [&home, taken = std::move(socket)]() mutable {
                       home.add(std::move(taken));
                     });
        accept(from);
      });
  }

  void accept_later(listener& from, const error_code& error) {
    logger_.warning("a connection could not be accepted",
                    {{"address", from.address()}, {"error", error.message()}});
    auto& retry = retries_.try_emplace(&from, first().context).first->second;
    retry.expires_after(accept_pause);
    retry.async_wait([this, &from](const error_code&) {
      if (!stopping_)
        accept(from);
    });
  }

  // Each may refer to what stands above it.
  const server_options options_;
  const handler on_request_;
  log& logger_;
  const std::shared_ptr<load> counts_;
  std::vector<std::unique_ptr<shard>> shards_;
  std::vector<std::unique_ptr<listener>> listeners_;
  std::vector<std::string> addresses_;
  std::map<listener*, timer> retries_; // Used on the first loop only.
  std::vector<asio::executor_work_guard<io_executor>> guards_;
  std::vector<std::thread> threads_;
  std::size_t next_ = 0;
  bool stopping_ = false;

  std::mutex guard_;
  std::condition_variable changed_;
  std::size_t drained_ = 0;
};

} // namespace

std::optional<std::string_view>
request::query_value(std::string_view name) const {
  for (const auto& [key, value] : query)
    if (key == name)
      return std::string_view{value};
  return std::nullopt;
}

std::string_view request::header_or_empty(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (key == name)
      return value;
  return {};
}

caf::expected<std::unique_ptr<server>>
start_server(server_options options, handler on_request, log& log) {
  auto result = std::make_unique<beast_server>(std::move(options),
                                               std::move(on_request), log);
  if (auto error = result->listen())
    return error;
  result->run();
  return std::unique_ptr<server>{std::move(result)};
}

} // namespace stravasync::http
