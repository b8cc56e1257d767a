#pragma once

#include "actors/ports/log.hpp"
#include "adapters/strava_sim/service.hpp"

#include <simdjson.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace test::sim {

namespace http = stravasync::http;
using stravasync::strava_sim::reply;
using stravasync::strava_sim::service;
using stravasync::strava_sim::simulator_options;

/// Counts lines at warning and above.
class counting_log final : public stravasync::log {
public:
  void write(stravasync::log_level level, std::string_view text,
             std::initializer_list<stravasync::log_field> fields) override;

  int problems = 0;
};

/// A parsed JSON text; what is taken from it lives as long as it does.
class json {
public:
  explicit json(const std::string& text);

  [[nodiscard]] simdjson::dom::element root() const {
    return root_;
  }

  /// @returns the string or number at a JSON pointer, as text; "missing" if
  /// there is none.
  [[nodiscard]] std::string at(std::string_view pointer) const;

private:
  simdjson::dom::parser parser_;
  simdjson::dom::element root_;
};

struct token_pair {
  std::string access, refresh;
};

/// A simulated Strava without sockets and with a clock that stands still.
class fixture {
public:
  /// 2026-11-21T10:00:00Z, the start of a window and well within a day.
  static constexpr std::int64_t noon_s = 1'795'255'200;

  explicit fixture(simulator_options with = {});

  reply send(std::string method, const std::string& target,
             std::string body = {}, std::string authorization = {});
  http::response get(const std::string& target, const std::string& token);

  /// Consents as the athlete and exchanges the code.
  token_pair
  connect(std::int64_t athlete_id, const std::string& scopes
                                   = "read,activity:read_all,profile:read_all");

  http::response refresh(const std::string& refresh_token);

  void advance(std::int64_t seconds) {
    *now_ms += seconds * 1'000;
  }

  /// As a new process would: only the state file is left.
  void restart();

  std::shared_ptr<std::int64_t> now_ms;
  counting_log logger;
  simulator_options options;
  std::unique_ptr<service> answers;
};

inline constexpr std::string_view authorize_target
  = "/oauth/authorize?client_id=7&redirect_uri=http%3A%2F%2Flocalhost%2Fcb"
    "&response_type=code&scope=read,activity:read_all,profile:read_all"
    "&state=s%2B1";

/// @returns the value of a parameter in a redirect's address.
[[nodiscard]] std::string
parameter(const http::response& redirect, std::string_view name);

[[nodiscard]] std::string
header(const http::response& of, std::string_view name);

/// "resource/field/code" of the first error in a body of Strava's.
[[nodiscard]] std::string fault_of(const http::response& of);

} // namespace test::sim
