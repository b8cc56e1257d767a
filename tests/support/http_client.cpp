#include "tests/support/http_client.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <stdexcept>

namespace test {

namespace {

using clock = std::chrono::steady_clock;

std::string lower_case(std::string_view text) {
  std::string result{text};
  std::ranges::transform(result, result.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return result;
}

std::string encoded(std::string_view text) {
  constexpr auto digits = std::string_view{"0123456789ABCDEF"};
  constexpr auto plain = std::string_view{
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"};
  std::string result;
  for (auto c : text) {
    if (plain.find(c) != std::string_view::npos) {
      result += c;
      continue;
    }
    auto byte = static_cast<unsigned char>(c);
    result += '%';
    result += digits[byte >> 4];
    result += digits[byte & 15];
  }
  return result;
}

std::size_t parse_number(std::string_view text, int base) {
  std::size_t value = 0;
  auto [end, bad] = std::from_chars(text.begin(), text.end(), value, base);
  if (bad != std::errc{})
    throw std::runtime_error{"no number: " + std::string{text}};
  return value;
}

void need(connection& from, std::string& bytes, std::size_t size) {
  while (bytes.size() < size) {
    auto more = from.read_some();
    if (more.empty())
      throw std::runtime_error{"the response was cut off: " + bytes};
    bytes += more;
  }
}

/// Takes the text before the next `end` off the front of `bytes`.
std::string
take_until(connection& from, std::string& bytes, std::string_view end) {
  auto at = bytes.find(end);
  while (at == std::string::npos) {
    need(from, bytes, bytes.size() + 1);
    at = bytes.find(end);
  }
  auto result = bytes.substr(0, at);
  bytes.erase(0, at + end.size());
  return result;
}

std::string take(connection& from, std::string& bytes, std::size_t size) {
  need(from, bytes, size);
  auto result = bytes.substr(0, size);
  bytes.erase(0, size);
  return result;
}

http_reply parse_head(std::string_view head) {
  http_reply result;
  auto first = head.substr(0, head.find("\r\n"));
  if (!first.starts_with("HTTP/1.") || first.size() < 12)
    throw std::runtime_error{"no HTTP response: " + std::string{head}};
  result.status = static_cast<int>(parse_number(first.substr(9, 3), 10));
  head.remove_prefix(std::min(head.size(), first.size() + 2));
  while (!head.empty()) {
    auto line = head.substr(0, head.find("\r\n"));
    head.remove_prefix(std::min(head.size(), line.size() + 2));
    auto colon = std::min(line.find(':'), line.size());
    auto value = line.substr(std::min(colon + 1, line.size()));
    // The space is optional, and some servers leave it out.
    value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
    result.headers.emplace_back(lower_case(line.substr(0, colon)), value);
  }
  return result;
}

std::string take_chunks(connection& from, std::string& bytes) {
  std::string result;
  for (;;) {
    auto size = parse_number(take_until(from, bytes, "\r\n"), 16);
    result += take(from, bytes, size);
    take(from, bytes, 2);
    if (size == 0)
      return result;
  }
}

} // namespace

std::string_view http_reply::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (key == name)
      return value;
  return {};
}

http_reply read_reply(connection& from, std::string& bytes, bool head) {
  auto result = parse_head(take_until(from, bytes, "\r\n\r\n"));
  auto length = result.header("content-length");
  if (head || result.status < 200 || result.status == 204
      || result.status == 304)
    return result;
  if (result.header("transfer-encoding") == "chunked")
    result.body = take_chunks(from, bytes);
  else if (!length.empty())
    result.body = take(from, bytes, parse_number(length, 10));
  else
    result.body = std::exchange(bytes, {}) + from.read_all();
  return result;
}

http_client::http_client(std::string address, milliseconds timeout)
  : address_{std::move(address)},
    timeout_{timeout} {
  constexpr auto scheme = std::string_view{"http://"};
  if (address_.starts_with(scheme))
    address_.erase(0, scheme.size());
}

http_reply
http_client::get(std::string_view target, const header_list& headers) {
  return send("GET", target, headers);
}

http_reply
http_client::del(std::string_view target, const header_list& headers) {
  return send("DELETE", target, headers);
}

http_reply
http_client::post(std::string_view target, std::string_view body,
                  std::string_view content_type, const header_list& headers) {
  auto all = headers;
  all.emplace_back("Content-Type", content_type);
  return send("POST", target, all, body);
}

http_reply
http_client::post_form(std::string_view target, const header_list& fields,
                       const header_list& headers) {
  std::string body;
  for (const auto& [name, value] : fields)
    body += (body.empty() ? "" : "&") + encoded(name) + "=" + encoded(value);
  return post(target, body, "application/x-www-form-urlencoded", headers);
}

http_reply
http_client::send(std::string_view method, std::string_view target,
                  const header_list& headers, std::string_view body) {
  std::string request{method};
  request.append(" ").append(target).append(" HTTP/1.1\r\n");
  auto has_host = false;
  for (const auto& [name, value] : headers) {
    request.append(name).append(": ").append(value).append("\r\n");
    has_host = has_host || lower_case(name) == "host";
  }
  if (!has_host)
    request += "Host: "
               + (address_.starts_with("unix:") ? "localhost" : address_)
               + "\r\n";
  if (!body.empty() || method == "POST")
    request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  request.append("\r\n").append(body);
  // A kept connection may have been closed meanwhile.
  auto fresh = !open_;
  for (;;) {
    try {
      if (!open_)
        open_.emplace(address_, timeout_);
      open_->write(request);
      auto reply = read_reply(*open_, rest_, method == "HEAD");
      if (reply.header("connection") == "close") {
        open_.reset();
        rest_.clear();
      }
      return reply;
    } catch (const std::runtime_error&) {
      open_.reset();
      rest_.clear();
      if (std::exchange(fresh, true))
        throw;
    }
  }
}

std::pair<std::string, std::string> split_url(std::string_view url) {
  auto host = url.find("://");
  host = host == std::string_view::npos ? 0 : host + 3;
  auto path = std::min(url.find('/', host), url.size());
  return {std::string{url.substr(host, path - host)},
          path == url.size() ? "/" : std::string{url.substr(path)}};
}

http_reply follow(std::string& url) {
  for (auto hops = 0; hops < 10; ++hops) {
    auto [address, target] = split_url(url);
    auto reply = http_client{address}.get(target);
    if (reply.status < 300 || reply.status > 399)
      return reply;
    auto next = std::string{reply.header("location")};
    url = next.starts_with('/') ? "http://" + address + next : next;
  }
  throw std::runtime_error{"redirected without end, last to " + url};
}

event_reader::event_reader(const std::string& address, std::string_view target)
  : from_{address} {
  from_.write("GET " + std::string{target}
              + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
  head_ = parse_head(take_until(from_, bytes_, "\r\n\r\n"));
}

std::optional<server_event> event_reader::next(milliseconds timeout) {
  auto deadline = clock::now() + timeout;
  for (;;) {
    if (auto event = take_event())
      return event;
    auto left
      = std::chrono::duration_cast<milliseconds>(deadline - clock::now());
    auto bytes = from_.try_read(std::max(left, milliseconds{0}));
    if (!bytes || bytes->empty())
      return std::nullopt;
    bytes_ += *bytes;
  }
}

std::optional<server_event> event_reader::take_event() {
  for (auto end = bytes_.find("\n\n"); end != std::string::npos;
       end = bytes_.find("\n\n")) {
    auto block = bytes_.substr(0, end + 1);
    bytes_.erase(0, end + 2);
    auto event = server_event{.kind = "message", .data = {}};
    auto has_data = false;
    for (std::string_view left = block; !left.empty();) {
      auto line = left.substr(0, left.find('\n'));
      left.remove_prefix(line.size() + 1);
      if (line.starts_with(':'))
        ++comments_;
      else if (line.starts_with("event: "))
        event.kind = line.substr(7);
      else if (line.starts_with("data: ")) {
        event.data += line.substr(6);
        has_data = true;
      }
    }
    if (has_data)
      return event;
  }
  return std::nullopt;
}

} // namespace test
