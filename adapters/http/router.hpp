#pragma once

#include "adapters/http/server.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// @file
/// Which code answers which request.

namespace stravasync::http {

/// A request that a route took.
struct call {
  request what;
  /// What stood in place of "{name}" in the route's pattern, in order.
  std::vector<std::pair<std::string, std::string>> path_values;
  std::shared_ptr<responder> reply;

  /// Empty if the pattern has no such name.
  [[nodiscard]] std::string_view path_value(std::string_view name) const;
};

/// Must not block; see `handler`.
using route_handler = std::function<void(call)>;

/// Routes, by method and path pattern. Fill it before it serves; then it may
/// serve on any number of threads.
class router {
public:
  struct route {
    std::string method;  // "GET", ...
    std::string pattern; // "/api/v1/athletes/{id}/sync"
    std::vector<std::string> segments;
    route_handler serve;
  };

  /// The first route that fits wins. A "{name}" stands for one non-empty
  /// segment. GET routes answer HEAD too.
  void add(std::string method, std::string pattern, route_handler serve);

  /// Answers by the route that fits; otherwise 404, 405 with `Allow`, or 204
  /// with `Allow` to OPTIONS.
  void serve(request what, std::shared_ptr<responder> reply) const;

  [[nodiscard]] const std::vector<route>& routes() const {
    return routes_;
  }

private:
  std::vector<route> routes_;
};

} // namespace stravasync::http
