#include "adapters/strava/tls_context.hpp"

#include "messages/error.hpp"

#include <boost/asio/ip/address.hpp>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

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

void expect_host(SSL* tls, const std::string& host) {
  boost::system::error_code no_address;
  boost::asio::ip::make_address(host, no_address);
  if (!no_address) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), host.c_str());
    return;
  }
  SSL_set1_host(tls, host.c_str());
  // The macro SSL_set_tlsext_host_name, less its C cast. The name is copied.
  auto name = host;
  SSL_ctrl(tls, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
           name.data());
}

} // namespace stravasync::strava
