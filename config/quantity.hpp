#pragma once

#include <caf/expected.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// @file
/// Durations, sizes and numbers as people write them in settings. Pure; every
/// failure is `ec::invalid_argument` with a detail that says what is expected.

namespace stravasync {

inline constexpr auto kib = std::uint64_t{1} << 10;
inline constexpr auto mib = std::uint64_t{1} << 20;
inline constexpr auto gib = std::uint64_t{1} << 30;

/// "50ms", "10s", "15m", "1h", "7d"; a bare "0" too. Whole numbers only.
[[nodiscard]] caf::expected<std::chrono::milliseconds>
parse_duration(std::string_view text);

/// In the largest unit that needs no fraction: 900000 ms is "15m".
[[nodiscard]] std::string format_duration(std::chrono::milliseconds value);

/// "512B", "16KiB", "1MiB", "4GiB", "1TiB"; a bare number is bytes.
[[nodiscard]] caf::expected<std::uint64_t> parse_bytes(std::string_view text);

/// In the largest unit that needs no fraction: 16384 is "16KiB".
[[nodiscard]] std::string format_bytes(std::uint64_t value);

/// Decimal digits only: "200".
[[nodiscard]] caf::expected<std::uint64_t> parse_whole(std::string_view text);

/// "0.1", "1", "2e-3"; no infinity, no NaN.
[[nodiscard]] caf::expected<double> parse_real(std::string_view text);

/// The shortest text that reads back as `value`.
[[nodiscard]] std::string format_real(double value);

/// Splits at commas and trims blanks; "" gives no element.
[[nodiscard]] std::vector<std::string> split_list(std::string_view text);

/// @returns whether `text` is base64 (RFC 4648, padded) of exactly `bytes`.
[[nodiscard]] bool is_base64_of(std::string_view text, std::size_t bytes);

} // namespace stravasync
