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

bool has_header(const response_writer::header_list& list,
                std::string_view name) {
  return std::ranges::any_of(list, [name](const auto& header) {
    return boost::beast::iequals(
      header.first, boost::beast::string_view{name.data(), name.size()});
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

void response_writer::append_headers(std::string& out,
                                     const header_list& own) const {
  for (const auto& [name, value] : own)
    if (is_safe(name) && is_safe(value))
      append_header(out, name, value);
  for (const auto& [name, value] : always_)
    if (!has_header(own, name))
      append_header(out, name, value);
}

void response_writer::append(std::string& out, const response& what,
                             framing how) {
  append_status_line(out, what.status);
  // The simulator sets the Date of its own clock.
  if (!has_header(what.headers, "date"))
    append_header(out, "Date", date_.now());
  auto may_have_body = what.status != 204 && what.status != 304;
  if (may_have_body) {
    if (!what.content_type.empty() && is_safe(what.content_type))
      append_header(out, "Content-Type", what.content_type);
    out += "Content-Length: ";
    append_json_number(out, static_cast<std::int64_t>(what.body.size()));
    out += "\r\n";
  }
  append_headers(out, what.headers);
  if (!how.keep_alive)
    out += "Connection: close\r\n";
  else if (how.http_1_0)
    out += "Connection: keep-alive\r\n";
  out += "\r\n";
  if (may_have_body && how.with_body)
    out += what.body;
}

void response_writer::append_stream_head(std::string& out) {
  append_status_line(out, 200);
  append_header(out, "Date", date_.now());
  append_header(out, "Content-Type", "text/event-stream");
  // And nginx must not collect events before it passes them on.
  append_headers(out,
                 {{"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}});
  out += "Connection: close\r\n\r\n";
}

} // namespace stravasync::http
