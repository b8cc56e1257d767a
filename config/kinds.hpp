#pragma once

#include "config/keys.hpp"

#include <caf/expected.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// @file
/// The kinds of values that settings have: how one is read, bounded and shown.
/// Used by the table of keys only.

namespace stravasync::kinds {

template <class T>
struct kind {
  toml_form form = {};
  std::string allowed;
  std::function<caf::expected<T>(std::string_view)> parse;
  std::function<std::string(const T&)> show; // As a TOML value.
};

/// A duration of `least` to `most`; with `zero` also "0", which means that.
[[nodiscard]] kind<milliseconds>
duration(milliseconds least, milliseconds most, std::string zero = {});

[[nodiscard]] kind<std::uint64_t>
bytes(std::uint64_t least, std::uint64_t most);

[[nodiscard]] kind<std::uint32_t>
whole(std::uint32_t least, std::uint32_t most);

[[nodiscard]] kind<std::uint64_t> whole_64();

[[nodiscard]] kind<double> real(double least, double most);

/// "true" or "false".
[[nodiscard]] kind<bool> yes_or_no();

/// Anything, of at most 4,096 bytes.
[[nodiscard]] kind<std::string> text(std::string allowed);

/// A part of a durable's name: what a subject token may hold.
[[nodiscard]] kind<std::string> service_name();

/// A part of keys and subjects.
[[nodiscard]] kind<std::string> node_id();

/// "embedded", or nats:// and tls:// URLs with commas between.
[[nodiscard]] kind<std::string> bus_url();

/// "sqlite:PATH" or a postgresql:// URL; empty: derived.
[[nodiscard]] kind<std::string> store_url();

/// http:// or https://, without query and fragment; a slash at the end is
/// dropped. Empty: derived.
[[nodiscard]] kind<std::string> web_url();

/// "host:port" or "unix:/path", at least one.
[[nodiscard]] kind<std::vector<std::string>> addresses();

/// "name", "name:port" or "[address]:port"; there may be none.
[[nodiscard]] kind<std::vector<std::string>> hosts();

/// Who may read, write and execute a file, as chmod has it: "0660".
[[nodiscard]] kind<std::uint32_t> file_mode();

/// Five fields of cron, see `cron`; empty: none.
[[nodiscard]] kind<std::string> cron_line();

/// Four numbers of 1 to 10,000,000.
[[nodiscard]] kind<rate_limits> limits();

[[nodiscard]] kind<std::set<role>> roles();

/// Opaque text.
[[nodiscard]] kind<secret> hidden(std::string allowed);

/// The same, but exactly `size` bytes in base64.
[[nodiscard]] kind<secret> hidden_base64(std::size_t size);

[[nodiscard]] kind<log_threshold> threshold();
[[nodiscard]] kind<log_format> format();

} // namespace stravasync::kinds
