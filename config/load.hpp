#pragma once

#include "config/settings.hpp"

#include <caf/expected.hpp>

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stravasync {

/// Environment variables by name.
using environment = std::map<std::string, std::string, std::less<>>;

/// One setting given on the command line.
struct setting_flag {
  std::string key; // "section.name".
  std::string value;
  std::string shown; // How a person wrote it, such as "--role=api".
};

struct load_request {
  /// TOML file; empty: the one in STRAVASYNC_CONFIG, else none.
  std::string file;
  /// STRAVASYNC_... and those that secrets refer to. An empty value counts as
  /// not set.
  environment variables;
  std::vector<setting_flag> flags;
  /// The node's id if none is set.
  std::string node_id;
  /// Whether they have to be enough to run a node. Who only looks at one, or at
  /// the bus, has neither its database nor its keys.
  bool for_node = true;
};

struct loaded_settings {
  settings values;
  /// By key, for what was set: "FILE:LINE", the variable or the flag.
  std::map<std::string, std::string, std::less<>> origins;

  /// @returns whether somebody chose the key's value (it may be the default).
  [[nodiscard]] bool is_set(std::string_view key) const;
};

/// Reads file, environment and flags, the later wins, fills in what is derived
/// and checks what must fit together. Fails with `ec::invalid_argument`: one
/// line that names the place, the key and what is allowed. Reads files; call
/// it at start.
[[nodiscard]] caf::expected<loaded_settings> load(const load_request& request);

/// @returns why a node of these settings cannot ask Strava, or nothing.
[[nodiscard]] caf::error check_strava(const loaded_settings& of);

/// @returns this process's variables.
[[nodiscard]] environment process_environment();

/// @returns the host's name and a random suffix: "mars-3f9a2c".
[[nodiscard]] std::string make_node_id();

/// @returns http:// and the first TCP address, a wildcard host replaced by
/// localhost; "http://localhost" if there is none.
[[nodiscard]] std::string base_url_of(std::span<const std::string> addresses);

/// @returns every setting as a TOML file, each with where it comes from;
/// secrets are masked.
[[nodiscard]] std::string show(const loaded_settings& from);

} // namespace stravasync
