#include "config/settings.hpp"

namespace stravasync {

std::string_view to_string(role value) {
  switch (value) {
    case role::api:
      return "api";
    case role::consumer:
      return "consumer";
    case role::worker:
      return "worker";
    case role::sim:
      return "sim";
  }
  return "unknown";
}

std::string store_settings::sqlite_path() const {
  constexpr auto scheme = std::string_view{"sqlite:"};
  return url.starts_with(scheme) ? url.substr(scheme.size()) : std::string{};
}

} // namespace stravasync
