#pragma once

#include <caf/expected.hpp>

#include <cstdint>
#include <string>

namespace stravasync::embedded_bus {

/// Makes a new bus database at `to` from what can be read of the damaged one at
/// `from`: streams without their limits, and their messages. Durables and
/// buckets are left out: it is for looking at, not for going on.
/// @returns how many messages it holds. Fails with `ec::malformed` if the
/// streams themselves cannot be read.
[[nodiscard]] caf::expected<std::uint64_t>
salvage(const std::string& from, const std::string& to);

} // namespace stravasync::embedded_bus
