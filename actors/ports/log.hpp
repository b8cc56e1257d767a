#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace stravasync {

enum class log_level : std::uint8_t { debug, info, warning, error };

/// One name and value beside a log line's text; shown as JSON or name=value.
struct log_field {
  std::string_view name;
  std::variant<std::string, std::int64_t, double, bool> value;
};

/// Where actors and adapters tell what happened. Thread-safe; never blocks on
/// anything but the local write. `text` is the same for every occurrence of one
/// kind of event (what varies goes into fields), so that an implementation can
/// fold repetitions into one line with a count.
class log {
public:
  virtual ~log() = default;

  virtual void write(log_level level, std::string_view text,
                     std::initializer_list<log_field> fields)
    = 0;

  void
  info(std::string_view text, std::initializer_list<log_field> fields = {}) {
    write(log_level::info, text, fields);
  }

  void
  warning(std::string_view text, std::initializer_list<log_field> fields = {}) {
    write(log_level::warning, text, fields);
  }

  void
  error(std::string_view text, std::initializer_list<log_field> fields = {}) {
    write(log_level::error, text, fields);
  }

  void
  debug(std::string_view text, std::initializer_list<log_field> fields = {}) {
    write(log_level::debug, text, fields);
  }
};

} // namespace stravasync
