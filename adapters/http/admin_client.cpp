#include "adapters/http/admin_client.hpp"

#include "adapters/http/first_connection.hpp"
#include "messages/error.hpp"
#include "messages/printable.hpp"
#include "messages/text/url.hpp"

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <simdjson.h>
#include <sys/un.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

namespace stravasync::http {

namespace {

namespace asio = boost::asio;
namespace wire = boost::beast::http;

using boost::system::error_code;
using endpoint = asio::generic::stream_protocol::endpoint;
using protocol = asio::generic::stream_protocol;

/// More than any answer of the admin API; a guard against foreign servers.
constexpr auto body_bytes_max = std::uint64_t{64} << 20U;

ec code_named(std::string_view name) {
  for (auto i = std::uint8_t{0}; i <= static_cast<std::uint8_t>(last_ec); ++i)
    if (to_string(static_cast<ec>(i)) == name)
      return static_cast<ec>(i);
  return ec::upstream_failed;
}

std::string one_line(std::string text) {
  std::ranges::replace_if(
    text, [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  return printable(text);
}

/// What a problem document says, or the bare status of anything else.
caf::error
problem_in(const admin_address& from, unsigned status, std::string_view body) {
  constexpr auto prefix = std::string_view{"urn:stravasync:problem:"};
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  std::string_view type;
  std::string_view detail;
  auto broken = parser.parse(simdjson::padded_string{body}).get(document);
  if (auto missing = problems_in(body); !missing.empty())
    return make_failure(ec::unavailable, std::move(missing));
  if (broken != simdjson::SUCCESS
      || document["type"].get(type) != simdjson::SUCCESS
      || document["detail"].get(detail) != simdjson::SUCCESS
      || !type.starts_with(prefix))
    return make_failure(status == 404 ? ec::not_found : ec::upstream_failed,
                        from.url + " answered with status "
                          + std::to_string(status)
                          + ": is it the API of a stravasync node?");
  return make_failure(code_named(type.substr(prefix.size())),
                      one_line(std::string{detail}));
}

caf::expected<std::string>
json_in(const admin_address& from, unsigned status, std::string body) {
  constexpr auto success_max = 299U;
  if (status > success_max)
    return problem_in(from, status, body);
  simdjson::dom::parser parser;
  if (!body.empty()
      && parser.parse(simdjson::padded_string{body}).error()
           != simdjson::SUCCESS)
    return make_failure(ec::malformed,
                        from.url
                          + " did not answer with JSON: is it the API "
                            "of a stravasync node?");
  return body;
}

/// One question over a connection of its own.
class exchange {
public:
  exchange(const admin_address& where, std::chrono::milliseconds deadline)
    : where_{where},
      until_{std::chrono::steady_clock::now() + deadline} {
  }

  caf::expected<std::string>
  ask(wire::verb method, std::string_view target, std::string_view json) {
    if (auto why = connect())
      return why;
    wire::request<wire::string_body> request{method, "", 11};
    request.target(where_.prefix + std::string{target});
    request.set(wire::field::host, host_header());
    request.set(wire::field::accept, "application/json");
    request.set(wire::field::connection, "close");
    if (!json.empty())
      request.set(wire::field::content_type, "application/json");
    request.body() = json;
    request.prepare_payload();
    auto failed
      = wait([&](auto done) { wire::async_write(socket_, request, done); });
    if (failed)
      return lost(failed);
    wire::response_parser<wire::string_body> answer;
    answer.body_limit(body_bytes_max);
    boost::beast::flat_buffer bytes;
    failed = wait(
      [&](auto done) { wire::async_read(socket_, bytes, answer, done); });
    if (failed)
      return lost(failed);
    return json_in(where_, answer.get().result_int(),
                   std::move(answer.get().body()));
  }

private:
  /// Runs one operation to its end or the deadline.
  template <class Start>
  error_code wait(Start start) {
    auto result = error_code{asio::error::timed_out};
    start([&result](const error_code& e, auto&&...) { result = e; });
    loop_.restart();
    loop_.run_until(until_);
    return result;
  }

  caf::error connect() {
    std::vector<endpoint> all;
    if (!where_.path.empty()) {
      all.emplace_back(asio::local::stream_protocol::endpoint{where_.path});
    } else {
      asio::ip::tcp::resolver resolver{loop_};
      auto failed = wait([&](auto done) {
        resolver.async_resolve(where_.host, where_.port,
                               [&all, done](const error_code& e, auto found) {
                                 for (const auto& each : found)
                                   all.emplace_back(each.endpoint());
                                 done(e);
                               });
      });
      if (failed)
        return unreachable(failed);
    }
    if (auto failed = connect_first(loop_, all, until_, socket_))
      return unreachable(failed);
    return {};
  }

  [[nodiscard]] caf::error unreachable(const error_code& why) const {
    return make_failure(ec::unavailable, "cannot reach " + where_.url + ": "
                                           + why.message()
                                           + "; does a node listen there?");
  }

  [[nodiscard]] caf::error lost(const error_code& why) const {
    if (why == asio::error::timed_out)
      return make_failure(ec::timed_out,
                          where_.url + " did not answer in time");
    if (why.category() == wire::make_error_code(wire::error{}).category()
        && why != wire::error::end_of_stream
        && why != wire::error::partial_message)
      return make_failure(ec::malformed, where_.url
                                           + " did not answer with "
                                             "HTTP: "
                                           + why.message());
    return make_failure(ec::unavailable,
                        where_.url + " broke the connection: " + why.message());
  }

  [[nodiscard]] std::string host_header() const {
    if (!where_.path.empty())
      return "localhost";
    auto v6 = where_.host.find(':') != std::string::npos;
    return (v6 ? "[" + where_.host + "]" : where_.host) + ":" + where_.port;
  }

  const admin_address& where_;
  std::chrono::steady_clock::time_point until_;
  asio::io_context loop_{1};
  protocol::socket socket_{loop_};
};

caf::expected<std::string>
ask(const admin_address& where, std::chrono::milliseconds deadline,
    wire::verb method, std::string_view target, std::string_view json) {
  try {
    return exchange{where, deadline}.ask(method, target, json);
  } catch (const std::exception& error) {
    return make_failure(ec::unavailable,
                        "cannot ask " + where.url + ": " + error.what());
  }
}

} // namespace

caf::expected<admin_address> parse_admin_address(std::string_view url) {
  auto refuse = [url](std::string_view rule) {
    return make_failure(ec::invalid_argument,
                        "url: " + std::string{url} + " " + std::string{rule});
  };
  admin_address result;
  result.url = url;
  if (url.starts_with("unix:")) {
    result.path = url.substr(std::string_view{"unix:"}.size());
    if (result.path.empty()
        || result.path.size() >= sizeof(sockaddr_un{}.sun_path))
      return refuse("has no path that fits a unix socket");
    return result;
  }
  if (url.starts_with("https://"))
    return refuse("is not asked over TLS: name the node's own http address");
  auto rest = url;
  if (rest.starts_with("http://"))
    rest.remove_prefix(std::string_view{"http://"}.size());
  else
    result.url.insert(0, "http://");
  if (rest.find_first_of("@?# \t\r\n") != std::string_view::npos)
    return refuse("must be no more than http://HOST:PORT/PREFIX");
  auto slash = std::min(rest.find('/'), rest.size());
  result.prefix = rest.substr(slash);
  while (result.prefix.ends_with('/'))
    result.prefix.pop_back();
  auto authority = rest.substr(0, slash);
  auto [host, port, bracketed] = split_host_port(authority);
  result.port = port.value_or("80");
  result.host = host == "0.0.0.0" ? "127.0.0.1" : host == "::" ? "::1" : host;
  if (result.host.empty() || !is_port(result.port))
    return refuse("must be such as http://127.0.0.1:8080");
  return result;
}

admin_client::admin_client(admin_address where,
                           std::chrono::milliseconds deadline)
  : where_{std::move(where)},
    deadline_{deadline} {
}

caf::expected<std::string> admin_client::get(std::string_view target) const {
  return ask(where_, deadline_, wire::verb::get, target, {});
}

caf::expected<std::string>
admin_client::post(std::string_view target, std::string_view json) const {
  return ask(where_, deadline_, wire::verb::post, target, json);
}

std::string problems_in(std::string_view ready_json) {
  std::string result;
  simdjson::dom::parser parser;
  simdjson::dom::array parts;
  if (parser.parse(simdjson::padded_string{ready_json})["parts"].get(parts)
      != simdjson::SUCCESS)
    return result;
  for (auto part : parts) {
    std::string_view name;
    std::string_view problem;
    if (part["part"].get(name) != simdjson::SUCCESS
        || part["problem"].get(problem) != simdjson::SUCCESS)
      continue; // Nothing is missing there.
    result += (result.empty() ? "" : "; ") + std::string{name} + ": "
              + std::string{problem};
  }
  return one_line(result);
}

} // namespace stravasync::http
