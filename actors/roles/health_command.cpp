#include "actors/roles/commands.hpp"
#include "adapters/http/admin_client.hpp"
#include "messages/error.hpp"

#include <chrono>
#include <cstdio>
#include <string>

namespace stravasync {

namespace {

constexpr auto health_timeout = std::chrono::milliseconds{3'000};

/// Where the node of these settings listens.
std::string own_address(const settings& config) {
  const auto& listen = config.node.roles == std::set{role::sim}
                         ? config.sim.listen
                         : config.http.listen;
  return listen.front();
}

} // namespace

int run_health(const settings& config, const std::string& url, bool alive) {
  auto where = http::parse_admin_address(url.empty() ? own_address(config)
                                                     : url);
  if (!where) {
    std::fprintf(stderr, "stravasync: --url: %s\n",
                 detail_of(where.error()).c_str());
    return 2;
  }
  http::admin_client node{*where, health_timeout};
  auto answer = node.get(alive ? "/healthz" : "/readyz");
  if (answer) {
    auto without = http::problems_in(*answer);
    if (without.empty())
      std::puts(alive ? "alive" : "ready");
    else
      std::printf("ready without %s\n", without.c_str());
    return 0;
  }
  std::fprintf(stderr, "stravasync: not %s: %s\n", alive ? "alive" : "ready",
               detail_of(answer.error()).c_str());
  return 1;
}

} // namespace stravasync
