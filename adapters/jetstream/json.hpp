#pragma once

#include "actors/ports/clock.hpp"

#include <caf/expected.hpp>
#include <simdjson.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stravasync::jetstream {

inline constexpr auto ns_per_ms = std::uint64_t{1'000'000};

/// @returns `time` as the server's documents write one.
[[nodiscard]] inline std::string
nanoseconds_text(std::chrono::milliseconds time) {
  return std::to_string(std::chrono::nanoseconds{time}.count());
}

/// A value of a JSON document; what is missing or of another type reads as
/// nothing. Copies share the document.
class json_value {
public:
  /// @returns `ec::upstream_failed` if `text` is not JSON.
  [[nodiscard]] static caf::expected<json_value> parse(std::string_view text);

  [[nodiscard]] bool has(std::string_view name) const;
  [[nodiscard]] json_value at(std::string_view name) const;
  [[nodiscard]] std::vector<json_value> items(std::string_view name) const;
  /// The names in the object `name`.
  [[nodiscard]] std::vector<std::string> names(std::string_view name) const;
  [[nodiscard]] std::string text(std::string_view name) const;
  [[nodiscard]] bool flag(std::string_view name) const;
  /// A number below 0 reads as 0: JetStream's "no limit" is -1, ours is 0.
  [[nodiscard]] std::uint64_t number(std::string_view name) const;
  /// The value itself, if it is a text.
  [[nodiscard]] std::string as_text() const;

private:
  std::shared_ptr<simdjson::dom::parser> parser_;
  std::optional<simdjson::dom::element> value_;
};

/// @returns `text` in quotes.
[[nodiscard]] std::string json_text(std::string_view text);

/// @returns what standard base64 stands for; nothing if it is not that.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

/// @returns 0 if `text` is not as RFC 3339 writes a time in UTC.
[[nodiscard]] unix_ms from_rfc3339(std::string_view text);

[[nodiscard]] std::string to_rfc3339(unix_ms time);

} // namespace stravasync::jetstream
