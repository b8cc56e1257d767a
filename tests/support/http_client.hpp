#pragma once

#include "tests/support/connection.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// @file
/// A small blocking HTTP/1.1 client for tests. What goes wrong throws.

namespace test {

using header_list = std::vector<std::pair<std::string, std::string>>;

struct http_reply {
  int status = 0;
  header_list headers; // Names in lower case.
  std::string body;

  /// @returns the first value, or an empty string.
  [[nodiscard]] std::string_view header(std::string_view name) const;
};

/// Talks to one server over one connection, which it opens again when the
/// server has closed it. Redirects are not followed: see `follow`.
class http_client {
public:
  /// @param address "127.0.0.1:8080", "[::1]:8080" or "unix:/path", with or
  ///   without "http://" before it.
  explicit http_client(std::string address,
                       milliseconds timeout = milliseconds{10'000});

  http_reply get(std::string_view target, const header_list& headers = {});
  http_reply del(std::string_view target, const header_list& headers = {});
  http_reply post(std::string_view target, std::string_view body,
                  std::string_view content_type = "application/json",
                  const header_list& headers = {});
  /// Fields are percent-encoded here.
  http_reply post_form(std::string_view target, const header_list& fields,
                       const header_list& headers = {});

  /// Any method. A `Host` among `headers` replaces ours.
  http_reply send(std::string_view method, std::string_view target,
                  const header_list& headers = {}, std::string_view body = {});

  [[nodiscard]] const std::string& address() const {
    return address_;
  }

private:
  std::string address_;
  milliseconds timeout_;
  std::optional<connection> open_;
  std::string rest_; // Read beyond the last reply.
};

/// GETs `url` and what it redirects to, on whichever plain-HTTP server that
/// is, at most ten times. @returns the last reply, and the address in `url`.
http_reply follow(std::string& url);

/// Takes one response off the front of `bytes`, reading more from `from`.
http_reply read_reply(connection& from, std::string& bytes, bool head = false);

/// "http://127.0.0.1:8080/a?b" => "127.0.0.1:8080", "/a?b".
[[nodiscard]] std::pair<std::string, std::string>
split_url(std::string_view url);

struct server_event {
  std::string kind; // "message" if the server names none.
  std::string data;
};

/// An event stream that is being read.
class event_reader {
public:
  event_reader(const std::string& address, std::string_view target);

  /// Of the response that opened it.
  [[nodiscard]] const http_reply& head() const {
    return head_;
  }

  /// The next event; nothing when the stream ends or none comes in time.
  std::optional<server_event> next(milliseconds timeout);

  /// Comment lines seen so far.
  [[nodiscard]] std::size_t comments() const {
    return comments_;
  }

private:
  std::optional<server_event> take_event();

  connection from_;
  http_reply head_;
  std::string bytes_;
  std::size_t comments_ = 0;
};

} // namespace test
