#pragma once

#include <caf/error.hpp>
#include <caf/expected.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace stravasync::strava_sim {

/// Lines appended to a file, one `write` each and no sync: they survive a
/// SIGKILL of the process, not a power cut. Not thread-safe.
class state_file {
public:
  /// Opens or creates it, readable by its owner only, and hands the lines of an
  /// earlier process to `replay`; a line that was cut off at the end is left
  /// out. Fails with `ec::unavailable`, the detail names path and reason.
  [[nodiscard]] static caf::expected<std::unique_ptr<state_file>>
  open(std::string path, const std::function<void(std::string_view)>& replay);

  ~state_file();
  state_file(const state_file&) = delete;
  state_file& operator=(const state_file&) = delete;

  /// @param line Without line break. Fails with `ec::full`.
  [[nodiscard]] caf::error append(std::string_view line);

  /// Puts these lines in place of all, at once. Fails with `ec::full`, the old
  /// lines are then still there.
  [[nodiscard]] caf::error replace(const std::vector<std::string>& lines);

  [[nodiscard]] std::size_t bytes() const;

private:
  state_file(std::string path, int descriptor, std::size_t bytes);

  std::string path_;
  int descriptor_;
  std::size_t bytes_;
  std::string buffer_;
};

} // namespace stravasync::strava_sim
