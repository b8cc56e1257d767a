#pragma once

#include "adapters/jetstream/handles.hpp"
#include "adapters/jetstream/jetstream.hpp"

#include <string>
#include <vector>

namespace stravasync::jetstream {

/// @returns the client library's form of `how`, without callbacks;
/// `ec::invalid_argument` names what is wrong.
[[nodiscard]] caf::expected<options_handle> client_options(const options& how);

/// @returns them for a log, without logins.
[[nodiscard]] std::string shown(const std::vector<std::string>& urls);

/// @returns why no connection could be made.
[[nodiscard]] caf::error connect_failure(natsStatus status, const options& how);

} // namespace stravasync::jetstream
