#include "config/keys.hpp"
#include "config/load.hpp"

#include <sstream>

namespace stravasync {

namespace {

/// Starts a section in `into` when `of` is the first key of one.
void begin_section(std::string& into, std::string& current, const key& of) {
  if (of.section == current)
    return;
  if (!into.empty())
    into += "\n";
  current = of.section;
  into += "[" + current + "]\n";
}

/// The lines of a text as comments.
std::string commented(const std::string& text) {
  auto result = std::string{};
  auto lines = std::istringstream{text};
  for (std::string line; std::getline(lines, line);)
    result += "# " + line + "\n";
  return result;
}

} // namespace

std::string show(const loaded_settings& from) {
  auto result = std::string{};
  auto section = std::string{};
  for (const auto& key : keys()) {
    begin_section(result, section, key);
    auto origin = from.origins.find(key.full_name());
    result += key.name + " = " + key.show(from.values) + " # "
              + (origin == from.origins.end() ? "default" : origin->second)
              + "\n";
  }
  return result;
}

std::string example_file() {
  auto result = std::string{
    "# Stravasync's settings, each with its default. Remove the # before a name"
    "\n# to set it. Environment variables win over this file, flags over both:"
    "\n# STRAVASYNC_HTTP_LISTEN and --set http.listen=... are [http] listen."
    "\n# `stravasync config check` reads it, `stravasync config show` prints"
    " what\n# holds and where it comes from.\n"};
  auto section = std::string{};
  const auto defaults = settings{};
  for (const auto& key : keys()) {
    begin_section(result, section, key);
    auto value = key.show(defaults);
    result += "\n" + commented(key.help) + "# Default: "
              + (key.derived.empty() ? value : key.derived) + "\n# Allowed: "
              + key.allowed + "\n#" + key.name + " = " + value + "\n";
  }
  return result;
}

} // namespace stravasync
