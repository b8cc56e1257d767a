#pragma once

#include <string_view>

namespace stravasync {

/// Kubernetes tells every container where the Services of its namespace are, in
/// variables that begin with the Service's name: of a Service "stravasync-api"
/// STRAVASYNC_API_SERVICE_HOST, ..._SERVICE_PORT, ..._SERVICE_PORT_HTTP,
/// ..._PORT and ..._PORT_8080_TCP with _PROTO, _PORT and _ADDR.
/// @returns whether this is one of them: its name ends so, and its value is
/// what Kubernetes gives such a variable.
[[nodiscard]] bool
describes_kubernetes_service(std::string_view name, std::string_view value);

} // namespace stravasync
