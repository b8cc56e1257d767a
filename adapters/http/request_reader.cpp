#include "adapters/http/request_reader.hpp"

#include "adapters/http/url.hpp"
#include "messages/text/ascii.hpp"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/field.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace stravasync::http {

namespace {

namespace beast = boost::beast;
namespace wire = boost::beast::http;
using beast::error_code;

/// Beast has no limit of its own on how many there are.
constexpr auto headers_max = std::size_t{128};
/// Empty lines that may come before a request; some clients send one.
constexpr auto blank_bytes_max = std::size_t{16};
/// What is set aside for a body before any of it has come.
constexpr auto body_reserve_max = std::uint64_t{64} * 1024;

std::string_view view(beast::string_view text) {
  return {text.data(), text.size()};
}

/// The part of a target that names the resource. Servers have to accept the
/// absolute form "http://host/path" too (RFC 9112, 3.2.2).
std::string_view origin_form(std::string_view target) {
  if (target.starts_with('/') || target == "*")
    return target;
  auto scheme = target.find("://");
  if (scheme == std::string_view::npos)
    return {};
  auto path = target.find_first_of("/?", scheme + 3);
  return path == std::string_view::npos ? std::string_view{"/"}
                                        : target.substr(path);
}

problem fault_of(int status, std::string detail) {
  auto code = [status] {
    switch (status) {
      case 413:
        return "body_too_large";
      case 417:
        return "expectation_failed";
      case 431:
        return "header_too_large";
      case 501:
        return "not_implemented";
      default:
        return "bad_request";
    }
  };
  return {.status = status, .code = code(), .detail = std::move(detail)};
}

} // namespace

/// Beast's parser, writing straight into our request.
class request_reader::parser final : public wire::basic_parser<true> {
public:
  explicit parser(const server_options& limits)
    : header_bytes_left_{limits.header_bytes_max} {
    header_limit(static_cast<std::uint32_t>(limits.header_bytes_max));
    body_limit(limits.body_bytes_max);
  }

  request result;
  bool expects_continue = false;
  std::optional<problem> fault;

  bool http_1_0() const {
    return version_ == 10;
  }

private:
  void on_request_impl(wire::verb, beast::string_view method,
                       beast::string_view target, int version,
                       error_code& error) override {
    version_ = version;
    result.method = view(method);
    result.target = view(target);
    spend(method.size() + target.size(), error);
  }

  void on_field_impl(wire::field known, beast::string_view name,
                     beast::string_view value, error_code& error) override {
    spend(name.size() + value.size() + 4, error);
    if (error || trailers_) // Nothing we serve reads a trailer.
      return;
    if (result.headers.size() == headers_max)
      return refuse(431, "too many header fields", error);
    if (known == wire::field::host)
      ++hosts_;
    if (known == wire::field::transfer_encoding
        && !beast::iequals(value, "chunked"))
      return refuse(501, "only the transfer coding \"chunked\" is known",
                    error);
    if (known == wire::field::expect && version_ == 11) {
      if (!beast::iequals(value, "100-continue"))
        return refuse(417, "only \"100-continue\" can be expected", error);
      expects_continue = true;
    }
    result.headers.emplace_back(lower_case(view(name)), view(value));
  }

  void on_header_impl(error_code& error) override {
    trailers_ = true;
    result.keep_alive = keep_alive();
    if (hosts_ > 1 || (hosts_ == 0 && version_ == 11))
      return refuse(400, "there must be one Host header", error);
    if (chunked() && version_ == 10)
      return refuse(400, "HTTP/1.0 has no transfer codings", error);
    auto target = origin_form(result.target);
    auto path = target.substr(0, target.find_first_of("?#"));
    auto decoded = decode_path(path.empty() ? "/" : path);
    if (target.empty() || !decoded)
      return refuse(400, "the request target is not a valid path", error);
    result.path = *std::move(decoded);
    if (path.size() < target.size() && target[path.size()] == '?') {
      auto query = target.substr(path.size() + 1);
      auto fields = parse_form(query.substr(0, query.find('#')));
      if (!fields)
        return refuse(400, "the query is not valid", error);
      result.query = *std::move(fields);
    }
  }

  void on_body_init_impl(const boost::optional<std::uint64_t>& length,
                         error_code&) override {
    result.body.reserve(
      static_cast<std::size_t>(std::min(length.value_or(0), body_reserve_max)));
  }

  std::size_t on_body_impl(beast::string_view body, error_code&) override {
    result.body += view(body);
    return body.size();
  }

  /// Nothing here reads an extension; all of a request count as its header
  /// does, lest small chunks carry any amount of them.
  void on_chunk_header_impl(std::uint64_t, beast::string_view extensions,
                            error_code& error) override {
    spend(extensions.size(), error);
  }

  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view body,
                                 error_code&) override {
    result.body += view(body);
    return body.size();
  }

  void on_response_impl(int, beast::string_view, int, error_code&) override {
  }

  void on_finish_impl(error_code&) override {
  }

  /// Beast's own limit is on what is not parsed yet, so a header that comes in
  /// pieces could grow for ever.
  void spend(std::size_t bytes, error_code& error) {
    if (bytes > header_bytes_left_) {
      error = wire::error::header_limit;
      return;
    }
    header_bytes_left_ -= bytes;
  }

  void refuse(int status, std::string detail, error_code& error) {
    fault = fault_of(status, std::move(detail));
    error = wire::error::bad_value;
  }

  std::size_t header_bytes_left_;
  int version_ = 11;
  int hosts_ = 0;
  bool trailers_ = false;
};

request_reader::request_reader(const server_options& limits) : limits_{limits} {
}

request_reader::~request_reader() = default;

std::size_t request_reader::feed(std::string_view input) {
  std::size_t used = 0;
  if (phase_ == phase::idle) {
    // An empty line before a request is to be ignored (RFC 9112, 2.2).
    while (input.substr(used).starts_with("\r\n"))
      used += 2;
    input.remove_prefix(used);
    blank_bytes_ += used;
    if (blank_bytes_ > blank_bytes_max)
      fail(fault_of(400, "there are only empty lines where a request is due"));
    if (phase_ == phase::failed || input.empty() || input == "\r")
      return used;
    blank_bytes_ = 0;
    parser_ = std::make_unique<parser>(limits_);
    phase_ = phase::header;
  }
  return used + parse(input);
}

std::size_t request_reader::parse(std::string_view input) {
  std::size_t used = 0;
  error_code error;
  do {
    auto left = input.substr(used);
    used += parser_->put(beast::net::const_buffer{left.data(), left.size()},
                         error);
  } while (!error && phase_ == phase::body && !parser_->is_done()
           && used < input.size());
  if (error == wire::error::need_more) {
    // A chunk's extensions or trailers without an end.
    if (input.size() - used > limits_.header_bytes_max)
      fail(fault_of(431, "the chunk header is too large"));
    return used;
  }
  if (error) {
    if (parser_->fault)
      fail(*parser_->fault);
    else if (error == wire::error::header_limit)
      fail(fault_of(431, "the header is larger than "
                           + std::to_string(limits_.header_bytes_max)
                           + " bytes"));
    else if (error == wire::error::body_limit)
      fail(fault_of(413, "the body is larger than "
                           + std::to_string(limits_.body_bytes_max)
                           + " bytes"));
    else
      fail(fault_of(400, "this is no HTTP request: " + error.message()));
    return used;
  }
  if (parser_->is_done())
    phase_ = phase::done;
  else if (parser_->is_header_done())
    phase_ = phase::body;
  return used;
}

void request_reader::fail(problem why) {
  phase_ = phase::failed;
  fault_ = std::move(why);
}

bool request_reader::expects_continue() const {
  return phase_ == phase::body && parser_->expects_continue;
}

std::size_t request_reader::held_bytes() const {
  return parser_ ? sizeof(parser) + parser_->result.body.capacity() : 0;
}

bool request_reader::http_1_0() const {
  return http_1_0_;
}

request request_reader::take() {
  http_1_0_ = parser_->http_1_0();
  phase_ = phase::idle;
  auto result = std::move(parser_->result);
  parser_.reset();
  return result;
}

} // namespace stravasync::http
