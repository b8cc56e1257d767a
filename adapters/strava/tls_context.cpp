#include "adapters/strava/tls_context.hpp"

#include "messages/error.hpp"

#include <openssl/ssl.h>

namespace stravasync::strava {

namespace ssl = boost::asio::ssl;

caf::expected<std::shared_ptr<ssl::context>>
make_tls_context(const std::string& ca_file) {
  auto result = std::make_shared<ssl::context>(ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(result->native_handle(), TLS1_2_VERSION);
  boost::system::error_code error;
  result->set_verify_mode(ssl::verify_peer, error);
  if (!error)
    result->set_default_verify_paths(error);
  if (error)
    return make_failure(ec::unavailable, "OpenSSL cannot load the system's "
                                         "authorities: "
                                           + error.message());
  if (!ca_file.empty())
    result->load_verify_file(ca_file, error);
  if (error)
    return make_failure(ec::invalid_argument,
                        "ca_file: cannot read certificates from " + ca_file
                          + ": " + error.message());
  return result;
}

} // namespace stravasync::strava
