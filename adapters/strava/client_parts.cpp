#include "adapters/strava/client_parts.hpp"

#include "adapters/strava/proxy.hpp"
#include "adapters/strava/tls_context.hpp"
#include "messages/error.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace stravasync::strava {

caf::expected<std::unique_ptr<connection_pool>>
open_pool(const client_options& options, std::string_view url,
          std::string_view setting) {
  auto to = parse_endpoint(url, setting);
  if (!to)
    return to.error();
  if (options.connections_max == 0)
    return make_failure(ec::invalid_argument,
                        "connections_max: must be at least 1");
  if (!std::ranges::all_of(options.user_agent,
                           [](char c) { return c >= ' ' && c <= '~'; }))
    return make_failure(ec::invalid_argument,
                        "user_agent: must be printable ASCII");
  auto via = proxy_for(*to, options.proxies);
  if (!via)
    return via.error();
  std::shared_ptr<boost::asio::ssl::context> tls;
  if (to->tls) {
    auto context = make_tls_context(options.ca_file);
    if (!context)
      return context.error();
    tls = std::move(*context);
  }
  auto pool = pool_options{
    .connections_max = options.connections_max,
    .request_timeout = options.request_timeout,
    .idle_timeout = options.idle_timeout,
    .connection = {.user_agent = options.user_agent,
                   .connect_timeout = options.connect_timeout,
                   .response_bytes_max = options.response_bytes_max,
                   .via = std::move(*via)},
  };
  try {
    return std::make_unique<connection_pool>(std::move(*to), std::move(tls),
                                             std::move(pool));
  } catch (const std::exception& problem) {
    return make_failure(ec::unavailable,
                        std::string{"the Strava client cannot start: "}
                          + problem.what());
  }
}

caf::error check_ways(const client_options& options) {
  for (const auto& [url, setting] :
       {std::pair{&options.api_url, api_url_setting},
        std::pair{&options.oauth_url, oauth_url_setting}}) {
    auto to = parse_endpoint(*url, setting);
    if (!to)
      return to.error();
    if (auto via = proxy_for(*to, options.proxies); !via)
      return via.error();
  }
  return {};
}

bool is_header_token(std::string_view token) {
  return !token.empty() && std::ranges::all_of(token, [](char c) {
    return c > ' ' && c <= '~';
  });
}

void mask(std::string& text, std::initializer_list<std::string_view> secrets) {
  constexpr auto cover = std::string_view{"***"};
  for (auto secret : secrets) {
    if (secret.empty())
      continue;
    for (auto at = text.find(secret); at != std::string::npos;
         at = text.find(secret, at + cover.size()))
      text.replace(at, secret.size(), cover);
  }
}

caf::error without_secrets(caf::error error,
                           std::initializer_list<std::string_view> secrets) {
  auto detail = detail_of(error);
  auto masked = detail;
  mask(masked, secrets);
  if (masked == detail)
    return error;
  return make_failure(code_of(error), std::move(masked));
}

} // namespace stravasync::strava
