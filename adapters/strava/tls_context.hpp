#pragma once

#include <boost/asio/ssl/context.hpp>
#include <caf/expected.hpp>
#include <openssl/ssl.h>

#include <memory>
#include <string>

namespace stravasync::strava {

/// @returns a client context that verifies its peers against the system's
/// authorities and those of `ca_file` (PEM, empty: none), TLS 1.2 and up.
/// Fails with `ec::invalid_argument` if the file cannot be used.
[[nodiscard]] caf::expected<std::shared_ptr<boost::asio::ssl::context>>
make_tls_context(const std::string& ca_file);

/// Tells OpenSSL which name the certificate must be for, and the server which
/// certificate to show.
void expect_host(SSL* tls, const std::string& host);

} // namespace stravasync::strava
