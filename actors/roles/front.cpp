#include "actors/roles/front.hpp"

#include "adapters/http/api.hpp"
#include "adapters/http/problem.hpp"
#include "adapters/http/site.hpp"
#include "messages/error.hpp"

#include <utility>

namespace stravasync {

namespace {

constexpr auto ask_again = milliseconds{2'000};

} // namespace

http::server_options
server_options_of(const http_settings& config, const http::site& where) {
  http::server_options options;
  options.listen = config.listen;
  options.socket_mode = config.socket_mode;
  options.socket_group = config.socket_group;
  options.io_threads = config.io_threads;
  options.connections_max = config.connections_max;
  options.streams_max = config.streams_max;
  options.in_flight_max = config.in_flight_max;
  options.held_bytes_max = config.held_bytes_max;
  options.header_bytes_max = config.header_bytes_max;
  options.body_bytes_max = config.body_bytes_max;
  options.header_timeout = config.header_timeout;
  options.idle_timeout = config.idle_timeout;
  options.headers = http::common_headers();
  options.spared = [&where](const http::request& asked) {
    return http::is_probe(where, asked);
  };
  return options;
}

http_front::http_front(http_settings config, std::shared_ptr<log> journal)
  : config_{std::move(config)},
    where_{{config_.public_url, config_.listen, config_.allowed_hosts}},
    journal_{std::move(journal)} {
  http::mount_health(
    early_, [this] { return std::vector{state()}; },
    [](const http::text_receiver& to) { to({}); });
}

caf::error http_front::start() {
  auto started = http::start_server(
    server_options_of(config_, where_),
    [this](http::request what, std::shared_ptr<http::responder> reply) {
      answer(std::move(what), std::move(reply));
    },
    *journal_);
  if (!started)
    return with_context(started.error(), "http.listen");
  server_ = std::move(*started);
  for (const auto& address : server_->addresses())
    journal_->info("listening", {{"address", address}});
  return {};
}

void http_front::waiting(const std::string& what) {
  auto lock = std::lock_guard{mutex_};
  waiting_for_ = what.empty() ? "starting" : what;
}

void http_front::serve(const http::router& routes) {
  routes_.store(&routes);
}

std::vector<std::string> http_front::addresses() const {
  return server_->addresses();
}

void http_front::stop(milliseconds most) {
  if (server_)
    server_->stop(most);
}

readiness http_front::state() const {
  auto lock = std::lock_guard{mutex_};
  return {"node", waiting_for_};
}

void http_front::answer(http::request what,
                        std::shared_ptr<http::responder> reply) const {
  if (auto refused = http::refuse(where_, what))
    return reply->send(*std::move(refused));
  if (const auto* routes = routes_.load())
    return routes->serve(std::move(what), std::move(reply));
  if (http::is_probe(where_, what))
    return early_.serve(std::move(what), std::move(reply));
  reply->send(http::to_response(http::problem_of(
    make_failure(ec::unavailable, "this node is not ready: " + state().problem,
                 ask_again))));
}

} // namespace stravasync
