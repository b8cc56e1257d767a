#pragma once

#include "tests/adapters/strava/scripted_server.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace stravasync::test {

/// A certificate authority of the test's own.
class test_authority {
public:
  test_authority();
  ~test_authority();

  /// Issues a certificate.
  /// @param name As in a subjectAltName: "DNS:localhost", "IP:127.0.0.1".
  /// @param ends_in_s When it expires, from now; negative: it has.
  [[nodiscard]] tls_identity
  issue(const std::string& name, long ends_in_s = 3'600) const;

  /// The authority's own certificate, for `ca_file`.
  [[nodiscard]] std::string certificate_file() const;

private:
  struct state;
  std::unique_ptr<state> state_;
  std::filesystem::path folder_;
};

} // namespace stravasync::test
