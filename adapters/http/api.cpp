#include "adapters/http/api.hpp"

#include "adapters/http/api_routes.hpp"

namespace stravasync::http {

void mount_api(router& routes, api_dependencies on) {
  // The one that is asked for most stands first.
  mount_activities(routes, on.service);
  mount_athletes(routes, on.service, on.where);
  mount_connect(routes, on.service, on.where);
  mount_events(routes, on.feed);
  mount_dead_letters(routes, on.service);
  mount_operations(routes, on);
}

} // namespace stravasync::http
