#include "config/load.hpp"

#include "config/checks.hpp"
#include "config/foreign_variables.hpp"
#include "config/keys.hpp"
#include "config/nearest.hpp"
#include "config/secret_reference.hpp"
#include "config/toml_file.hpp"
#include "config/toml_text.hpp"
#include "config/url_text.hpp"
#include "messages/error.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <random>

namespace stravasync {

namespace {

constexpr auto prefix = std::string_view{"STRAVASYNC_"};
constexpr auto file_variable = std::string_view{"STRAVASYNC_CONFIG"};

/// One value on its way into the settings.
struct assignment {
  const key* to;
  std::string_view text;
  std::string origin;
  /// How an error names place and value; without the value of a secret.
  std::string shown;
  bool plain_secret_allowed;
};

caf::error assign(const assignment& what, const environment& variables,
                  loaded_settings& into) {
  auto text = std::string{what.text};
  auto failed = caf::error{};
  if (what.to->is_secret) {
    auto resolved = resolve_secret(text, what.plain_secret_allowed, variables);
    if (resolved)
      text = std::move(*resolved);
    else
      failed = resolved.error();
  }
  if (!failed)
    failed = what.to->set(into.values, text);
  if (failed)
    return invalid(without_password(what.shown) + ": " + detail_of(failed)
                   + "; allowed: " + what.to->allowed);
  into.origins[what.to->full_name()] = without_password(what.origin);
  return {};
}

caf::error apply_file(const std::string& path, const environment& variables,
                      loaded_settings& into) {
  auto values = read_toml_file(path);
  if (!values)
    return values.error();
  for (const auto& value : *values) {
    auto shown = value.where + ": " + value.of->full_name();
    if (!value.of->is_secret)
      shown += " = " + toml_quoted(value.text);
    auto failed = assign({value.of, value.text, value.where, shown, false},
                         variables, into);
    if (failed)
      return failed;
  }
  return {};
}

caf::error
apply_environment(const environment& variables, loaded_settings& into) {
  auto known = std::vector<std::string>{std::string{file_variable}};
  for (const auto& key : keys()) {
    auto name = key.variable();
    auto found = variables.find(name);
    if (found != variables.end() && !found->second.empty()) {
      if (is_quoted(found->second))
        return invalid(name + ": the value is in quotes: give it without");
      auto shown = key.is_secret ? name : name + "=" + found->second;
      auto failed = assign({&key, found->second, name, shown, true}, variables,
                           into);
      if (failed)
        return failed;
    }
    known.push_back(std::move(name));
  }
  for (const auto& [name, value] : variables)
    if (name.starts_with(prefix)
        && std::ranges::find(known, name) == known.end()
        && !describes_kubernetes_service(name, value))
      return invalid("unknown environment variable " + name
                     + suggestion(name, known));
  return {};
}

caf::error apply_flags(std::span<const setting_flag> flags,
                       const environment& variables, loaded_settings& into) {
  for (const auto& flag : flags) {
    const auto* key = find_key(flag.key);
    if (key == nullptr) {
      auto known = std::vector<std::string>{};
      for (const auto& each : keys())
        known.push_back(each.full_name());
      return invalid(flag.shown + ": unknown key " + flag.key
                     + suggestion(flag.key, known));
    }
    auto shown = key->is_secret ? "--set " + flag.key : flag.shown;
    auto failed = assign({key, flag.value, shown, shown, false}, variables,
                         into);
    if (failed)
      return failed;
  }
  return {};
}

} // namespace

bool loaded_settings::is_set(std::string_view key) const {
  return origins.find(key) != origins.end();
}

caf::expected<loaded_settings> load(const load_request& request) {
  auto result = loaded_settings{};
  auto file = request.file;
  auto named = request.variables.find(file_variable);
  if (file.empty() && named != request.variables.end())
    file = named->second;
  if (!file.empty())
    if (auto failed = apply_file(file, request.variables, result))
      return failed;
  if (auto failed = apply_environment(request.variables, result))
    return failed;
  if (auto failed = apply_flags(request.flags, request.variables, result))
    return failed;
  derive(result, request.node_id);
  if (auto failed = check(result))
    return failed;
  if (request.for_node)
    if (auto failed = check_node(result))
      return failed;
  return result;
}

environment process_environment() {
  auto result = environment{};
  for (auto** each = environ; each != nullptr && *each != nullptr; ++each) {
    auto line = std::string_view{*each};
    auto equals = line.find('=');
    if (equals != std::string_view::npos)
      result.emplace(line.substr(0, equals), line.substr(equals + 1));
  }
  return result;
}

std::string make_node_id() {
  auto host = std::array<char, 256>{};
  auto named = ::gethostname(host.data(), host.size() - 1) == 0;
  auto result = named && host[0] != '\0' ? std::string{host.data()}
                                         : std::string{"node"};
  auto suffix = std::array<char, 8>{};
  // From 6 digits on, so that each suffix has as many.
  auto number = 0x100000U + std::random_device{}() % 0xF00000U;
  auto [end, error] = std::to_chars(suffix.data(),
                                    suffix.data() + suffix.size(), number, 16);
  return result + "-" + std::string{suffix.data(), end};
}

} // namespace stravasync
