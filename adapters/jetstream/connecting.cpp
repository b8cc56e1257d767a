#include "adapters/jetstream/connecting.hpp"

#include "adapters/jetstream/login.hpp"
#include "messages/error.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <utility>

namespace stravasync::jetstream {

namespace {

// Milliseconds, as the library wants them.
constexpr auto connect_timeout = 2'000;
constexpr auto write_deadline = 5'000;
constexpr auto ping_interval = 5'000; // Three in vain: the peer is gone.
constexpr auto pings_out_max = 2;

caf::error check_file(std::string_view field, const std::string& path) {
  auto ignored = std::error_code{};
  // The library would wait for who writes into a pipe.
  auto other = std::filesystem::exists(path, ignored)
               && !std::filesystem::is_regular_file(path, ignored);
  if (path.empty() || (!other && std::ifstream{path}))
    return {};
  return make_failure(ec::invalid_argument,
                      std::string{field} + ": " + path
                        + (other ? " is no regular file" : " cannot be read"));
}

caf::error check(const options& how) {
  if (how.urls.empty())
    return make_failure(ec::invalid_argument, "no NATS URL is given");
  if (how.tls_certificate.empty() != how.tls_key.empty())
    return make_failure(ec::invalid_argument,
                        "a TLS certificate and its key go together");
  for (const auto& [field, path] :
       {std::pair{"credentials", &how.credentials},
        std::pair{"tls_ca", &how.tls_ca},
        std::pair{"tls_certificate", &how.tls_certificate},
        std::pair{"tls_key", &how.tls_key}})
    if (auto wrong = check_file(field, *path))
      return wrong;
  return {};
}

bool wants_tls(const options& how) {
  return !how.tls_ca.empty() || !how.tls_certificate.empty()
         || std::ranges::any_of(
           how.urls, [](const auto& url) { return url.starts_with("tls://"); });
}

natsStatus set_tls(natsOptions* to, const options& how) {
  if (!wants_tls(how))
    return NATS_OK;
  auto status = natsOptions_SetSecure(to, true);
  if (status == NATS_OK && !how.tls_ca.empty())
    status = natsOptions_LoadCATrustedCertificates(to, how.tls_ca.c_str());
  if (status == NATS_OK && !how.tls_certificate.empty())
    status = natsOptions_LoadCertificatesChain(to, how.tls_certificate.c_str(),
                                               how.tls_key.c_str());
  return status;
}

natsStatus set_login(natsOptions* to, const options& how, const login& in_url) {
  auto status = NATS_OK;
  if (in_url.is_token)
    return natsOptions_SetToken(to, in_url.user.c_str());
  if (!in_url.user.empty())
    return natsOptions_SetUserInfo(to, in_url.user.c_str(),
                                   in_url.password.c_str());
  if (!how.user.empty())
    status = natsOptions_SetUserInfo(to, how.user.c_str(),
                                     how.password.c_str());
  if (status == NATS_OK && !how.credentials.empty())
    status = natsOptions_SetUserCredentialsFromFiles(
      to, how.credentials.c_str(), nullptr);
  return status;
}

natsStatus set_behaviour(natsOptions* to, const options& how) {
  for (auto status : {natsOptions_SetName(to, how.name.c_str()),
                      natsOptions_SetTimeout(to, connect_timeout),
                      natsOptions_SetWriteDeadline(to, write_deadline),
                      natsOptions_SetPingInterval(to, ping_interval),
                      natsOptions_SetMaxPingsOut(to, pings_out_max),
                      // It holds the connection's lock while it reconnects, in
                      // a handshake without a deadline; see `dialing`.
                      natsOptions_SetAllowReconnect(to, false),
                      // The sender has a thread of its own; the library's delay
                      // of 1 ms would be in every round trip.
                      natsOptions_SetSendAsap(to, true)})
    if (status != NATS_OK)
      return status;
  return NATS_OK;
}

/// What the library says, without "(conn.c:1905): " of its own source.
std::string last_words() {
  const auto* text = nats_GetLastError(nullptr);
  auto words = std::string{text == nullptr ? "" : text};
  auto end = words.find("): ");
  if (words.starts_with('(') && end != std::string::npos)
    words.erase(0, end + 3);
  return words;
}

} // namespace

std::string shown(const std::vector<std::string>& urls) {
  std::string result;
  for (const auto& url : urls)
    result += (result.empty() ? "" : ", ") + without_login(url);
  return result;
}

caf::expected<options_handle> client_options(const options& how) {
  if (auto wrong = check(how))
    return wrong;
  auto plain = without_encoded_login(how.urls);
  if (!plain)
    return std::move(plain.error());
  natsOptions* made = nullptr;
  auto status = natsOptions_Create(&made);
  auto result = options_handle{made};
  std::vector<const char*> urls;
  for (const auto& url : plain->urls)
    urls.push_back(url.c_str());
  if (status == NATS_OK)
    status = natsOptions_SetServers(made, urls.data(),
                                    static_cast<int>(urls.size()));
  if (status == NATS_OK)
    status = set_login(made, how, plain->who);
  if (status == NATS_OK)
    status = set_tls(made, how);
  if (status == NATS_OK)
    status = set_behaviour(made, how);
  if (status != NATS_OK)
    return make_failure(ec::invalid_argument,
                        "the NATS client does not take its options: "
                          + std::string{natsStatus_GetText(status)} + " "
                          + last_words());
  return result;
}

caf::error connect_failure(natsStatus status, const options& how) {
  auto servers = shown(how.urls);
  auto because = ": " + std::string{natsStatus_GetText(status)};
  if (auto words = last_words(); !words.empty())
    because += ", " + words;
  switch (status) {
    case NATS_CONNECTION_AUTH_FAILED:
      return make_failure(ec::denied, "NATS at " + servers
                                        + " refuses the login" + because);
    case NATS_SSL_ERROR:
    case NATS_SECURE_CONNECTION_WANTED:
    case NATS_SECURE_CONNECTION_REQUIRED:
      return make_failure(ec::unavailable,
                          "TLS with NATS at " + servers + " fails" + because);
    case NATS_NO_SERVER:
    case NATS_TIMEOUT:
    case NATS_IO_ERROR:
      return make_failure(ec::unavailable,
                          "no NATS server answers at " + servers);
    case NATS_ADDRESS_MISSING:
    case NATS_INVALID_ARG:
      return make_failure(ec::invalid_argument,
                          "NATS cannot be reached by " + servers + because);
    default: // The library's, and it grows.
      return make_failure(ec::unavailable,
                          "NATS at " + servers + " cannot be used" + because);
  }
}

} // namespace stravasync::jetstream
