#include "adapters/http/response_text.hpp"

#include "adapters/http/json_text.hpp"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/status.hpp>

#include <algorithm>
#include <array>

namespace stravasync::http {

namespace {

bool is_safe(std::string_view text) {
  return text.find_first_of(std::string_view{"\r\n\0", 3})
         == std::string_view::npos;
}

void append_header(std::string& out, std::string_view name,
                   std::string_view value) {
  out += name;
  out += ": ";
  out += value;
  out += "\r\n";
}

/// The simulator sets the Date of its own clock.
bool has_date(const response& what) {
  return std::ranges::any_of(what.headers, [](const auto& header) {
    return boost::beast::iequals(header.first, "date");
  });
}

void append_status_line(std::string& out, int status) {
  if (status == 200) {
    out += "HTTP/1.1 200 OK\r\n";
    return;
  }
  out += "HTTP/1.1 ";
  append_json_number(out, std::int64_t{status});
  out += ' ';
  out += reason_phrase(status);
  out += "\r\n";
}

} // namespace

std::string_view reason_phrase(int status) {
  namespace beast = boost::beast::http;
  auto known = beast::int_to_status(static_cast<unsigned>(status));
  if (known == beast::status::unknown)
    return "Status";
  auto phrase = beast::obsolete_reason(known);
  return {phrase.data(), phrase.size()};
}

std::string_view date_text::now() {
  auto now = std::time(nullptr);
  if (now != at_) {
    at_ = now;
    std::tm utc{};
    gmtime_r(&now, &utc);
    std::array<char, 40> text{};
    auto size = std::strftime(text.data(), text.size(),
                              "%a, %d %b %Y %H:%M:%S GMT", &utc);
    text_.assign(text.data(), size);
  }
  return text_;
}

void append_response(std::string& out, const response& what, framing how,
                     std::string_view date) {
  append_status_line(out, what.status);
  if (!has_date(what))
    append_header(out, "Date", date);
  auto may_have_body = what.status != 204 && what.status != 304;
  if (may_have_body) {
    if (!what.content_type.empty() && is_safe(what.content_type))
      append_header(out, "Content-Type", what.content_type);
    out += "Content-Length: ";
    append_json_number(out, static_cast<std::int64_t>(what.body.size()));
    out += "\r\n";
  }
  for (const auto& [name, value] : what.headers)
    if (is_safe(name) && is_safe(value))
      append_header(out, name, value);
  if (!how.keep_alive)
    out += "Connection: close\r\n";
  else if (how.http_1_0)
    out += "Connection: keep-alive\r\n";
  out += "\r\n";
  if (may_have_body && how.with_body)
    out += what.body;
}

void append_stream_head(std::string& out, std::string_view date) {
  append_status_line(out, 200);
  append_header(out, "Date", date);
  append_header(out, "Content-Type", "text/event-stream");
  append_header(out, "Cache-Control", "no-cache");
  // Or nginx collects events before it passes them on.
  append_header(out, "X-Accel-Buffering", "no");
  out += "Connection: close\r\n\r\n";
}

} // namespace stravasync::http
