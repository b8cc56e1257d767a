#include "adapters/http/router.hpp"

#include "adapters/http/problem.hpp"

#include <algorithm>
#include <set>

namespace stravasync::http {

namespace {

/// "/a/b" => "a", "b"; "/" => "".
template <class Text>
std::vector<Text> split(std::string_view path) {
  std::vector<Text> result;
  path.remove_prefix(path.starts_with('/') ? 1 : 0);
  for (;;) {
    auto slash = path.find('/');
    result.emplace_back(path.substr(0, slash));
    if (slash == std::string_view::npos)
      return result;
    path.remove_prefix(slash + 1);
  }
}

bool is_name(std::string_view segment) {
  return segment.starts_with('{') && segment.ends_with('}');
}

bool fits(const router::route& route,
          const std::vector<std::string_view>& segments) {
  return std::ranges::equal(
    route.segments, segments,
    [](const std::string& pattern, std::string_view segment) {
      return is_name(pattern) ? !segment.empty() : pattern == segment;
    });
}

bool serves(const router::route& route, std::string_view method) {
  return route.method == method || (method == "HEAD" && route.method == "GET");
}

void refuse(const request& what, const std::set<std::string>& methods,
            responder& reply) {
  if (methods.empty())
    return reply.send(to_response({.status = 404,
                                   .code = "not_found",
                                   .detail = "there is nothing at this path"}));
  std::string allow = "OPTIONS";
  for (const auto& method : methods)
    allow += method == "GET" ? ", GET, HEAD" : ", " + method;
  auto result
    = what.method == "OPTIONS"
        ? response{.status = 204}
        : to_response({.status = 405,
                       .code = "method_not_allowed",
                       .detail = what.method + " is not possible here"});
  result.headers.emplace_back("Allow", std::move(allow));
  reply.send(std::move(result));
}

} // namespace

std::string_view call::path_value(std::string_view name) const {
  for (const auto& [key, value] : path_values)
    if (key == name)
      return value;
  return {};
}

void router::add(std::string method, std::string pattern, route_handler serve) {
  auto segments = split<std::string>(pattern);
  routes_.push_back({.method = std::move(method),
                     .pattern = std::move(pattern),
                     .segments = std::move(segments),
                     .serve = std::move(serve)});
}

void router::serve(request what, std::shared_ptr<responder> reply) const {
  auto segments = split<std::string_view>(what.path);
  std::set<std::string> methods;
  for (const auto& each : routes_) {
    // "*" asks about the server as a whole (RFC 9110, 9.3.7).
    if (what.path == "*" || fits(each, segments))
      methods.insert(each.method);
    else
      continue;
    if (!serves(each, what.method) || what.path == "*")
      continue;
    auto taken = call{.what = {}, .path_values = {}, .reply = std::move(reply)};
    for (std::size_t i = 0; i < segments.size(); ++i)
      if (const auto& name = each.segments[i]; is_name(name))
        taken.path_values.emplace_back(name.substr(1, name.size() - 2),
                                       segments[i]);
    taken.what = std::move(what);
    return each.serve(std::move(taken));
  }
  refuse(what, methods, *reply);
}

} // namespace stravasync::http
