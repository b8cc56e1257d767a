#pragma once

#include "actors/replay/play.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace stravasync {

/// Takes text for standard output. @returns false if it cannot be written.
using text_sink = std::function<bool(std::string_view)>;

/// Lays one line of JSON out for a person: two spaces a level.
[[nodiscard]] std::string indented(std::string_view json);

/// Writes each message as JSON: one line each, or `pretty`.
class print_target final : public replay_target {
public:
  print_target(std::string stream, bool pretty, text_sink out);

  /// Fails with `ec::unavailable` if it cannot be written.
  caf::expected<bool> take(const stored_message& what) override;

private:
  std::string stream_;
  bool pretty_;
  text_sink out_;
};

} // namespace stravasync
