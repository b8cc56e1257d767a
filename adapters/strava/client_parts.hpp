#pragma once

#include "adapters/strava/connection_pool.hpp"
#include "adapters/strava/strava_client.hpp"

#include <caf/expected.hpp>

#include <initializer_list>
#include <memory>
#include <string_view>

namespace stravasync::strava {

/// What an error names for a URL that cannot be used.
inline constexpr auto api_url_setting = "STRAVASYNC_STRAVA_API_URL";
inline constexpr auto oauth_url_setting = "STRAVASYNC_STRAVA_OAUTH_URL";

/// Checks `options` and opens a pool to `url`.
/// @param setting Names `url` in errors.
[[nodiscard]] caf::expected<std::unique_ptr<connection_pool>>
open_pool(const client_options& options, std::string_view url,
          std::string_view setting);

/// @returns whether `token` can stand in a header: visible ASCII only.
[[nodiscard]] bool is_header_token(std::string_view token);

/// Masks every occurrence of a secret: Strava, or what answers in its place,
/// may quote what it was sent.
void mask(std::string& text, std::initializer_list<std::string_view> secrets);

/// @returns `error` with the secrets in its detail masked.
[[nodiscard]] caf::error
without_secrets(caf::error error,
                std::initializer_list<std::string_view> secrets);

} // namespace stravasync::strava
