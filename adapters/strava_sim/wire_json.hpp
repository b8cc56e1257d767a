#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// @file
/// Writes JSON the way Strava's looks on the wire: compact, keys in the order
/// in which they are given, numbers without exponents ("202.0", not "2.02E2" as
/// general JSON writers have it).

namespace stravasync::strava_sim {

/// Appends `value` with at least one and at most `decimals` digits after the
/// point, without superfluous zeros.
void append_json_number(std::string& out, double value, int decimals);

/// Appends one object, member by member; the constructor opens it, `close`
/// ends it.
class object_writer {
public:
  explicit object_writer(std::string& out);

  object_writer& text(std::string_view name, std::string_view value);
  object_writer& integer(std::string_view name, std::int64_t value);
  object_writer& number(std::string_view name, double value, int decimals = 1);
  object_writer& boolean(std::string_view name, bool value);
  object_writer& null(std::string_view name);
  /// @param json A complete JSON value, copied as it is.
  object_writer& raw(std::string_view name, std::string_view json);
  void close();

private:
  void key(std::string_view name);

  std::string& out_;
  bool first_ = true;
};

} // namespace stravasync::strava_sim
