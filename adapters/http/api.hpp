#pragma once

#include "actors/ports/api_service.hpp"
#include "adapters/http/router.hpp"
#include "adapters/http/site.hpp"

#include <functional>
#include <string>
#include <vector>

namespace stravasync::http {

/// Takes the text of a scrape, at once or later, on any thread.
using text_receiver = std::function<void(std::string)>;

/// What the API stands on. All of it must outlive the server that serves the
/// routes; the functions are called on I/O threads and must not block.
struct api_dependencies {
  api_service& service;
  event_feed& feed;
  const site& where;
  /// Parts whose state decides `/readyz`.
  std::function<std::vector<readiness>()> ready;
  /// Gives Prometheus' text format, version 0.0.4, to its argument, once.
  std::function<void(text_receiver)> metrics_text;
};

/// Adds `/healthz`, `/readyz` and `/metrics`: what every node answers.
/// @param ready,metrics_text As in `api_dependencies`.
void mount_health(router& routes, std::function<std::vector<readiness>()> ready,
                  std::function<void(text_receiver)> metrics_text);

/// Adds the routes that `/openapi.json` describes, `mount_health`'s included.
void mount_api(router& routes, api_dependencies on);

/// Adds the page: `/`, `/athletes/{id}` and its `/assets/...`.
/// @param where Must outlive the routes.
void mount_page(router& routes, const site& where);

/// @returns the OpenAPI 3.1 document of the API at `where`.
[[nodiscard]] std::string openapi_document(const site& where);

} // namespace stravasync::http
