#pragma once

#include "adapters/http/problem.hpp"
#include "adapters/http/server.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

/// @file
/// Requests out of bytes: HTTP/1.0 and 1.1 as RFC 9112 has it, strictly.

namespace stravasync::http {

/// Reads one request after the other.
class request_reader {
public:
  enum class phase : std::uint8_t {
    idle,   // Nothing of a request has come.
    header, // Some of it has.
    body,   // The header is complete.
    done,   // `take` has it.
    failed, // `fault` says why; nothing more can be read.
  };

  explicit request_reader(const server_options& limits);
  ~request_reader();

  /// Reads the front of `input`, not beyond the end of one request nor, in one
  /// call, beyond the end of its header. @returns how many bytes it is done
  /// with; the rest is to be given again, with more.
  [[nodiscard]] std::size_t feed(std::string_view input);

  [[nodiscard]] phase at() const {
    return phase_;
  }

  /// In phase body: whether the client waits for "100 Continue".
  [[nodiscard]] bool expects_continue() const;

  /// In phase failed: 400, 413, 417, 431 or 501.
  [[nodiscard]] const problem& fault() const {
    return fault_;
  }

  /// Memory that what was read of a request takes, roughly.
  [[nodiscard]] std::size_t held_bytes() const;

  /// Whether the request that was read last is of HTTP/1.0.
  [[nodiscard]] bool http_1_0() const;

  /// In phase done: hands it over and starts afresh.
  [[nodiscard]] request take();

private:
  class parser;

  std::size_t parse(std::string_view input);
  void fail(problem why);

  const server_options& limits_;
  std::unique_ptr<parser> parser_;
  phase phase_ = phase::idle;
  std::size_t blank_bytes_ = 0; // Of empty lines before the request.
  bool http_1_0_ = false;
  problem fault_;
};

} // namespace stravasync::http
