#pragma once

#include "adapters/http/server.hpp"

#include <ctime>
#include <string>
#include <string_view>

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

/// Appends status line, headers and body. A header of `what` with a line break
/// in it is left out: it could be read as another header. A Date among them
/// replaces `date`.
void append_response(std::string& out, const response& what, framing how,
                     std::string_view date);

/// Appends the head of an event stream, which ends when the connection does.
void append_stream_head(std::string& out, std::string_view date);

} // namespace stravasync::http
