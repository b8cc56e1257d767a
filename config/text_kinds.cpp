#include "config/cron.hpp"
#include "config/kinds.hpp"
#include "config/nearest.hpp"
#include "config/quantity.hpp"
#include "config/toml_text.hpp"
#include "config/url_text.hpp"
#include "messages/error.hpp"
#include "messages/text/url.hpp"

#include <algorithm>
#include <array>

namespace stravasync::kinds {

namespace {

constexpr auto every_role = std::array{role::api, role::consumer, role::worker,
                                       role::sim};

std::string_view role_name(role value) {
  return to_string(value);
}

std::vector<std::string> role_names() {
  auto result = std::vector<std::string>{"all"};
  for (auto each : every_role)
    result.emplace_back(to_string(each));
  return result;
}

/// "host:port" or "[host]:port".
bool is_tcp_address(std::string_view text) {
  auto [host, port, bracketed] = split_host_port(text);
  if (host.empty() || !port || !parse_port(*port))
    return false;
  return bracketed || host.find_first_of(":[]/ ") == std::string_view::npos;
}

bool is_unix_address(std::string_view text) {
  // What sun_path holds, less its end.
  constexpr auto path_bytes_max = std::size_t{107};
  constexpr auto scheme = std::string_view{"unix:"};
  if (!text.starts_with(scheme))
    return false;
  auto path = text.substr(scheme.size());
  return !path.empty() && path.size() <= path_bytes_max;
}

bool holds_colon(std::string_view host) {
  return host.find(':') != std::string_view::npos;
}

/// @returns whether `text` is a host, perhaps with a port.
bool is_server(std::string_view text) {
  auto [host, port, bracketed] = split_host_port(text);
  return !host.empty() && (!port || is_port(*port));
}

/// @returns whether `url` is one of `schemes` and then a server.
bool is_server_url(std::string_view url,
                   std::initializer_list<std::string_view> schemes) {
  const auto* scheme = std::ranges::find_if(
    schemes, [&](auto each) { return url.starts_with(each); });
  if (scheme == schemes.end())
    return false;
  auto host = url.substr(scheme->size());
  if (auto at = host.rfind('@'); at != std::string_view::npos)
    host.remove_prefix(at + 1);
  return is_server(host.substr(0, host.find('/')));
}

std::string show_url(const std::string& url) {
  return toml_quoted(without_password(url));
}

/// Whether `text` consists of letters, digits and `others`.
bool is_name(std::string_view text, std::string_view others) {
  return std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || (c >= '0' && c <= '9')
           || others.find(c) != std::string_view::npos;
  });
}

} // namespace

kind<std::string> text(std::string allowed) {
  return {
    .form = toml_form::text,
    .allowed = std::move(allowed),
    .parse = [](std::string_view text) -> caf::expected<std::string> {
      constexpr auto bytes_max = std::size_t{4'096};
      if (text.size() > bytes_max)
        return invalid("longer than 4096 bytes");
      if (text.find('\0') != std::string_view::npos)
        return invalid("holds a zero byte");
      return std::string{text};
    },
    .show = [](const std::string& value) { return toml_quoted(value); },
  };
}

kind<std::string> service_name() {
  return {
    .form = toml_form::text,
    .allowed = "1 to 32 letters, digits, - and _",
    .parse = [](std::string_view text) -> caf::expected<std::string> {
      if (text.empty() || text.size() > 32 || !is_name(text, "-_"))
        return invalid("not a service name");
      return std::string{text};
    },
    .show = [](const std::string& value) { return toml_quoted(value); },
  };
}

kind<std::string> node_id() {
  return {
    .form = toml_form::text,
    .allowed = "up to 128 letters, digits, . - and _",
    .parse = [](std::string_view text) -> caf::expected<std::string> {
      if (text.size() > 128 || !is_name(text, ".-_"))
        return invalid("not a node's name");
      return std::string{text};
    },
    .show = [](const std::string& value) { return toml_quoted(value); },
  };
}

kind<std::string> cron_line() {
  return {
    .form = toml_form::text,
    .allowed = "minute hour day month weekday, as cron has them, in UTC",
    .parse = [](std::string_view line) -> caf::expected<std::string> {
      if (line.empty())
        return std::string{};
      auto parsed = cron::parse(line);
      if (!parsed)
        return parsed.error();
      return std::string{line};
    },
    .show = [](const std::string& value) { return toml_quoted(value); },
  };
}

kind<std::string> bus_url() {
  return {
    .form = toml_form::text,
    .allowed = "embedded, or nats:// and tls:// URLs with commas between",
    .parse = [](std::string_view text) -> caf::expected<std::string> {
      if (text == "embedded")
        return std::string{text};
      auto urls = split_list(text);
      if (urls.empty())
        return invalid("not a bus URL");
      auto result = std::string{};
      for (const auto& url : urls) {
        if (!is_server_url(url, {"nats://", "tls://"}))
          return invalid(toml_quoted(without_password(url))
                         + " is not a bus URL");
        result += (result.empty() ? "" : ",") + url;
      }
      return result;
    },
    .show =
      [](const std::string& value) {
        auto result = std::string{};
        for (const auto& url : split_list(value))
          result += (result.empty() ? "" : ",") + without_password(url);
        return toml_quoted(result);
      },
  };
}

kind<std::string> store_url() {
  return {
    .form = toml_form::text,
    .allowed = "sqlite:PATH, or postgresql://user@host/database",
    .parse = [](std::string_view text) -> caf::expected<std::string> {
      auto has_path = text.starts_with("sqlite:") && text != "sqlite:";
      auto url = with_long_scheme(text);
      if (!url.empty() && !has_path && !url.starts_with("postgresql://"))
        return invalid("not a store URL");
      return url;
    },
    .show = show_url,
  };
}

kind<std::string> web_url() {
  return {
    .form = toml_form::text,
    .allowed = "http://host[:port][/path] or https://",
    .parse = [](std::string_view text) -> caf::expected<std::string> {
      if (text.empty())
        return std::string{};
      auto scheme = text.find("://");
      auto known = text.starts_with("http://") || text.starts_with("https://");
      auto host = known ? text.substr(scheme + 3) : std::string_view{};
      if (host.empty() || host.front() == '/' || host.front() == ':'
          || text.find_first_of("?# \t\r\n") != std::string_view::npos)
        return invalid("not a web address");
      auto at = split_host_port(split_url(text).authority);
      if (at.port && !at.port->empty() && !is_port(*at.port))
        return invalid("has a port outside 1 to 65535");
      if (at.host.empty() || at.bracketed != holds_colon(at.host))
        return invalid("not a web address");
      while (text.ends_with('/'))
        text.remove_suffix(1);
      return std::string{text};
    },
    .show = show_url,
  };
}

kind<std::vector<std::string>> addresses() {
  using list = std::vector<std::string>;
  return {
    .form = toml_form::text_list,
    .allowed = "host:port or unix:/path, at least one",
    .parse = [](std::string_view text) -> caf::expected<list> {
      auto result = split_list(text);
      if (result.empty())
        return invalid("no address");
      for (const auto& address : result)
        if (!is_tcp_address(address) && !is_unix_address(address))
          return invalid(toml_quoted(address) + " is not an address");
      return result;
    },
    .show =
      [](const list& value) {
        auto result = std::string{};
        for (const auto& address : value)
          result += (result.empty() ? "" : ", ") + toml_quoted(address);
        return "[" + result + "]";
      },
  };
}

kind<secret> hidden(std::string allowed) {
  return {
    .form = toml_form::text,
    .allowed = std::move(allowed),
    .parse = [](std::string_view text) -> caf::expected<secret> {
      return secret{std::string{text}};
    },
    .show =
      [](const secret& value) {
        return toml_quoted(value.empty() ? "" : "********");
      },
  };
}

kind<secret> hidden_base64(std::size_t size) {
  auto result = hidden("env:NAME or file:PATH of " + std::to_string(size)
                       + " bytes in base64");
  result.parse = [size](std::string_view text) -> caf::expected<secret> {
    if (!text.empty() && !is_base64_of(text, size))
      return invalid("not " + std::to_string(size) + " bytes in base64");
    return secret{std::string{text}};
  };
  return result;
}

kind<std::set<role>> roles() {
  using set = std::set<role>;
  return {
    .form = toml_form::text_list,
    .allowed = "all, api, consumer, worker, sim; several with commas",
    .parse = [](std::string_view text) -> caf::expected<set> {
      auto result = set{};
      for (const auto& name : split_list(text)) {
        if (name == "all") {
          result.insert({role::api, role::consumer, role::worker});
          continue;
        }
        auto found = std::ranges::find(every_role, name, role_name);
        if (found == every_role.end())
          return invalid("unknown role " + toml_quoted(name)
                         + suggestion(name, role_names()));
        result.insert(*found);
      }
      if (result.empty())
        return invalid("no role");
      return result;
    },
    .show =
      [](const set& value) {
        auto result = std::string{};
        for (auto each : value)
          result += (result.empty() ? "" : ", ") + toml_quoted(to_string(each));
        return "[" + result + "]";
      },
  };
}

} // namespace stravasync::kinds
