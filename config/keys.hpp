#pragma once

#include "config/settings.hpp"

#include <caf/error.hpp>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// @file
/// The one table of settings: the file, the environment, `config show` and the
/// example file are all made from it.

namespace stravasync {

/// What a value may be written as in TOML. Elsewhere it is always text.
enum class toml_form : std::uint8_t {
  text,
  whole,
  real,       // Whole numbers too.
  quantity,   // A text with a unit, or a whole number.
  text_list,  // An array of texts, or one text with commas.
  whole_list, // An array of whole numbers, or one text with commas.
  yes_no,     // true or false.
};

struct key {
  std::string section;
  std::string name;
  std::string help;    // For a person; a line or a few.
  std::string allowed; // Such as "1s to 10m".
  /// What an empty value stands for, such as "<data_dir>/bus.db"; empty: the
  /// value's own default holds.
  std::string derived;
  toml_form form = toml_form::text;
  bool is_secret = false;
  /// Reads `text` into its field. Fails with `ec::invalid_argument`; the detail
  /// says what is wrong, not where, and never shows a secret.
  std::function<caf::error(settings&, std::string_view text)> set;
  /// The field as a TOML value; a secret is masked.
  std::function<std::string(const settings&)> show;

  /// @returns "section.name".
  [[nodiscard]] std::string full_name() const;

  /// @returns "STRAVASYNC_SECTION_NAME".
  [[nodiscard]] std::string variable() const;
};

/// In the order in which a person meets them. Lives as long as the process.
[[nodiscard]] std::span<const key> keys();

/// @returns null if there is no such key.
[[nodiscard]] const key* find_key(std::string_view full_name);

/// @returns the TOML file with every key, each commented out and explained.
[[nodiscard]] std::string example_file();

} // namespace stravasync
