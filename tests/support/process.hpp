#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace test {

/// A program that a test started, in a process group of its own. The
/// destructor ends the whole group with SIGKILL and collects the program.
class process {
public:
  struct options {
    /// The program, found on PATH unless it has a slash, and its arguments.
    std::vector<std::string> argv;
    /// Added to the test's own environment; an empty value removes a variable.
    std::vector<std::pair<std::string, std::string>> environment;
    /// Standard output and error go here; appended to.
    std::filesystem::path output;
  };

  /// How it ended: the exit code, or 128 + the signal's number.
  using exit_code = int;

  /// Throws `std::system_error` if the program cannot be started.
  [[nodiscard]] static process spawn(const options& what);

  process(process&& other) noexcept;
  process(const process&) = delete;
  process& operator=(const process&) = delete;
  process& operator=(process&&) = delete;
  ~process();

  [[nodiscard]] pid_t pid() const {
    return pid_;
  }

  /// Sends a signal to the program alone, not to its group. Does nothing if
  /// it has been waited for.
  void kill(int signal) const;

  /// Sends SIGSTOP; when it returns, the program does nothing any more.
  void freeze() const;

  /// @returns how it ended, or nothing if it still runs after `most`.
  [[nodiscard]] std::optional<exit_code> wait(std::chrono::milliseconds most);

  /// Everything it has written so far.
  [[nodiscard]] std::string output() const;

private:
  process(pid_t pid, std::filesystem::path output);

  pid_t pid_ = -1;
  std::filesystem::path output_;
  std::optional<exit_code> ended_;
};

/// @returns a TCP port of 127.0.0.1 that nobody listens on just now.
[[nodiscard]] std::uint16_t free_port();

/// @returns whether `name` is a program on PATH.
[[nodiscard]] bool is_installed(const std::string& name);

} // namespace test
