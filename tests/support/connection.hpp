#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace test {

using std::chrono::milliseconds;

/// A blocking connection to a server under test. Throws std::runtime_error
/// when the other side does not do its part within the time-out.
class connection {
public:
  /// @param address "127.0.0.1:8080", "[::1]:8080" or "unix:/path".
  explicit connection(const std::string& address,
                      milliseconds timeout = milliseconds{10'000});
  connection(connection&& other) noexcept;
  connection& operator=(connection&& other) noexcept;
  ~connection();

  void write(std::string_view bytes);

  /// Writes what the other side takes. @returns how much that was; less than
  /// all if it closed the connection or reads no more for `patience`.
  std::size_t try_write(std::string_view bytes, milliseconds patience);

  /// Waits for more bytes; empty when the other side has closed or reset.
  std::string read_some();

  /// The same; nothing if none come for `patience`.
  std::optional<std::string> try_read(milliseconds patience);

  std::string read_all();

  /// Sends no more, still reads.
  void finish_writing();

private:
  int handle_ = -1;
  milliseconds timeout_;
};

} // namespace test
