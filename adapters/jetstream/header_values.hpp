#pragma once

#include "messages/contracts.hpp"

#include <string>
#include <string_view>

/// @file
/// Header values may hold any bytes; those of NATS no line breaks, no NUL and
/// no blanks at the ends. What fits is sent as it is; what does not is sent as
/// "%!" and the value with such bytes as "%0A".

namespace stravasync::jetstream {

/// @returns whether NATS takes it: printable ASCII without blank and colon.
[[nodiscard]] bool usable_header_name(std::string_view name);

[[nodiscard]] std::string encoded_value(std::string_view value);

/// @returns the value that `encoded_value` was given; what it cannot have made
/// stays as it is.
[[nodiscard]] std::string decoded_value(std::string_view sent);

/// @param block "NATS/1.0" and the lines after it, as the server stores them.
[[nodiscard]] header_map parse_header_block(std::string_view block);

} // namespace stravasync::jetstream
