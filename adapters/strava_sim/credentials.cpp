#include "adapters/strava_sim/credentials.hpp"

#include "messages/text/ascii.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <string_view>

namespace stravasync::strava_sim {

namespace {

/// @returns what follows the scheme; its case does not matter (RFC 9110).
std::string after_scheme(const http::request& what, std::string_view scheme) {
  auto header = what.header_or_empty("authorization");
  auto same = header.size() > scheme.size() && header[scheme.size()] == ' '
              && lower_case(header.substr(0, scheme.size()))
                   == lower_case(scheme);
  return same ? std::string{header.substr(scheme.size() + 1)} : std::string{};
}

} // namespace

std::string bearer_token(const http::request& what) {
  return after_scheme(what, "Bearer");
}

std::optional<std::pair<std::string, std::string>>
basic_credentials(const http::request& what) {
  auto encoded = after_scheme(what, "Basic");
  if (encoded.empty() || encoded.size() % 4 != 0 || encoded.size() > 4'096)
    return std::nullopt;
  auto decoded = std::string(encoded.size(), '\0');
  auto size
    = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(decoded.data()),
                      reinterpret_cast<const unsigned char*>(encoded.data()),
                      static_cast<int>(encoded.size()));
  if (size < 0)
    return std::nullopt;
  // OpenSSL counts the padding as zero bytes.
  auto padding = std::count(encoded.end() - 2, encoded.end(), '=');
  decoded.resize(static_cast<std::size_t>(size - padding));
  auto colon = decoded.find(':');
  if (colon == std::string::npos)
    return std::nullopt;
  return std::pair{decoded.substr(0, colon), decoded.substr(colon + 1)};
}

} // namespace stravasync::strava_sim
