#pragma once

#include "adapters/http/server.hpp"

#include <ctime>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// @file
/// Responses as bytes.

namespace stravasync::http {

/// @returns "Not Found" for 404; "Status" for a code without a known phrase.
[[nodiscard]] std::string_view reason_phrase(int status);

/// The value of the Date header, made once a second. For one thread.
class date_text {
public:
  [[nodiscard]] std::string_view now();

private:
  std::time_t at_ = -1;
  std::string text_;
};

/// What of a response depends on its request and connection.
struct framing {
  bool http_1_0 = false;
  bool keep_alive = true;
  bool with_body = true; // False for HEAD.
};

/// Writes responses. For one thread.
class response_writer {
public:
  using header_list = std::vector<std::pair<std::string, std::string>>;

  /// @param always Headers of each response that does not have them itself;
  /// must outlive the writer.
  explicit response_writer(const header_list& always) : always_{always} {
  }

  /// Appends status line, headers and body. A header of `what` with a line
  /// break in it is left out: it could be read as another header. A Date among
  /// them replaces ours.
  void append(std::string& out, const response& what, framing how);

  /// Appends the head of an event stream, which ends when the connection does.
  void append_stream_head(std::string& out);

private:
  void append_headers(std::string& out, const header_list& own) const;

  const header_list& always_;
  date_text date_;
};

} // namespace stravasync::http
