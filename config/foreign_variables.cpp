#include "config/foreign_variables.hpp"

#include <algorithm>
#include <array>

namespace stravasync {

namespace {

bool is_number(std::string_view text) {
  return !text.empty() && text.size() <= 5
         && std::ranges::all_of(text,
                                [](char c) { return c >= '0' && c <= '9'; });
}

/// An address of either family.
bool is_address(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')
           || (c >= 'A' && c <= 'F') || c == '.' || c == ':';
  });
}

constexpr auto protocols = std::array<std::string_view, 3>{"tcp", "udp",
                                                           "sctp"};

bool is_protocol(std::string_view text) {
  return std::ranges::find(protocols, text) != protocols.end();
}

/// "tcp://10.0.0.1:8080"
bool is_place(std::string_view text) {
  constexpr auto between = std::string_view{"://"};
  auto at = text.find(between);
  auto colon = text.rfind(':');
  if (at == std::string_view::npos || colon <= at + between.size())
    return false;
  auto first = at + between.size();
  auto host = text.substr(first, colon - first);
  if (host.starts_with('[') && host.ends_with(']'))
    host = host.substr(1, host.size() - 2);
  return is_protocol(text.substr(0, at)) && is_address(host)
         && is_number(text.substr(colon + 1));
}

/// @returns whether `name` ends with `ending`, which is taken off.
bool take_off(std::string_view& name, std::string_view ending) {
  if (!name.ends_with(ending))
    return false;
  name.remove_suffix(ending.size());
  return true;
}

/// "..._PORT_8080_TCP"
bool is_port_name(std::string_view name) {
  constexpr auto port = std::string_view{"_PORT_"};
  if (!take_off(name, "_TCP") && !take_off(name, "_UDP")
      && !take_off(name, "_SCTP"))
    return false;
  auto at = name.rfind(port);
  return at != std::string_view::npos
         && is_number(name.substr(at + port.size()));
}

} // namespace

bool describes_kubernetes_service(std::string_view name,
                                  std::string_view value) {
  constexpr auto named_port = std::string_view{"_SERVICE_PORT_"};
  if (name.ends_with("_SERVICE_HOST"))
    return is_address(value);
  if (name.ends_with("_SERVICE_PORT")
      || name.find(named_port) != std::string_view::npos)
    return is_number(value);
  if (is_port_name(name))
    return is_place(value);
  auto rest = name;
  if (take_off(rest, "_PROTO") && is_port_name(rest))
    return is_protocol(value);
  if (rest = name; take_off(rest, "_ADDR") && is_port_name(rest))
    return is_address(value);
  if (rest = name; take_off(rest, "_PORT"))
    return is_port_name(rest) ? is_number(value) : is_place(value);
  return false;
}

} // namespace stravasync
