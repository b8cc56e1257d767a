#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace stravasync::embedded_bus {

/// Bytes to bind as a BLOB.
struct blob {
  const std::string& bytes;
};

/// One execution of a prepared statement: binds in order, resets at its end.
/// What it binds must live as long. Throws SQLite::Exception.
class execution {
public:
  template <class... Values>
  explicit execution(SQLite::Statement& statement, const Values&... values)
    : statement_(statement) {
    auto index = 0;
    (bind(++index, values), ...);
  }

  ~execution() {
    statement_.tryReset();
  }

  execution(const execution&) = delete;
  execution& operator=(const execution&) = delete;

  /// @returns whether there is a row.
  bool next() {
    return statement_.executeStep();
  }

  /// Runs to the end, rows are ignored.
  void run() {
    while (next()) {
    }
  }

  [[nodiscard]] std::int64_t integer(int column) {
    return statement_.getColumn(column).getInt64();
  }

  [[nodiscard]] std::uint64_t number(int column) {
    return static_cast<std::uint64_t>(integer(column));
  }

  /// Valid until the next step; for TEXT and BLOB.
  [[nodiscard]] std::string_view bytes(int column) {
    auto value = statement_.getColumn(column);
    const auto* data = static_cast<const char*>(value.getBlob());
    return {data, static_cast<std::size_t>(data ? value.getBytes() : 0)};
  }

private:
  void bind(int index, std::int64_t value) {
    statement_.bind(index, value);
  }

  void bind(int index, std::uint64_t value) {
    statement_.bind(index, static_cast<std::int64_t>(value));
  }

  void bind(int index, std::uint32_t value) {
    statement_.bind(index, static_cast<std::int64_t>(value));
  }

  void bind(int index, bool value) {
    statement_.bind(index, value ? 1 : 0);
  }

  void bind(int index, const std::string& value) {
    statement_.bindNoCopy(index, value);
  }

  void bind(int index, blob value) {
    statement_.bindNoCopy(index, value.bytes.data(),
                          static_cast<int>(value.bytes.size()));
  }

  SQLite::Statement& statement_;
};

} // namespace stravasync::embedded_bus
