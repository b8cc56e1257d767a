#include "config/toml_file.hpp"

#include "config/nearest.hpp"
#include "config/quantity.hpp"
#include "config/text_file.hpp"
#include "messages/error.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <optional>
#include <set>

namespace stravasync {

namespace {

constexpr auto settings_bytes_max = std::size_t{1024} * 1024;

std::string place(const std::string& path, const toml::source_region& region) {
  return path + ":" + std::to_string(region.begin.line);
}

std::string_view expectation(toml_form form) {
  switch (form) {
    case toml_form::text:
      return "a text in quotes";
    case toml_form::whole:
      return "a whole number";
    case toml_form::real:
      return "a number";
    case toml_form::quantity:
      return "a text in quotes with a unit, or a whole number";
    case toml_form::text_list:
      return "a list of texts";
    case toml_form::yes_no:
      return "true or false";
    case toml_form::whole_list:
      return "a list of whole numbers";
  }
  return "a value";
}

/// @returns a single value as text, if it has the type that `form` wants.
std::optional<std::string> scalar_text(const toml::node& node, toml_form form) {
  auto wants_text = form == toml_form::text || form == toml_form::quantity
                    || form == toml_form::text_list
                    || form == toml_form::whole_list;
  if (form == toml_form::yes_no) {
    const auto* value = node.as_boolean();
    if (value == nullptr)
      return std::nullopt;
    return value->get() ? "true" : "false";
  }
  auto wants_whole = form == toml_form::whole || form == toml_form::quantity
                     || form == toml_form::real;
  if (const auto* text = node.as_string(); text != nullptr && wants_text)
    return text->get();
  if (const auto* whole = node.as_integer(); whole != nullptr && wants_whole)
    return std::to_string(whole->get());
  const auto* real = node.as_floating_point();
  if (real != nullptr && form == toml_form::real)
    return format_real(real->get());
  return std::nullopt;
}

/// The same for an array, its elements joined with commas.
std::optional<std::string> value_text(const toml::node& node, toml_form form) {
  const auto* list = node.as_array();
  if (list == nullptr)
    return scalar_text(node, form);
  if (form != toml_form::text_list && form != toml_form::whole_list)
    return std::nullopt;
  auto element_form = form == toml_form::text_list ? toml_form::text
                                                   : toml_form::whole;
  auto result = std::string{};
  for (const auto& element : *list) {
    auto text = scalar_text(element, element_form);
    if (!text)
      return std::nullopt;
    result += (result.empty() ? "" : ",") + *text;
  }
  return result;
}

std::vector<std::string> section_names() {
  auto names = std::set<std::string>{};
  for (const auto& key : keys())
    names.insert(key.section);
  return {names.begin(), names.end()};
}

std::vector<std::string> names_in(std::string_view section) {
  auto result = std::vector<std::string>{};
  for (const auto& key : keys())
    if (key.section == section)
      result.push_back(key.name);
  return result;
}

caf::error
read_section(const std::string& path, const std::string& section,
             const toml::table& table, std::vector<file_value>& into) {
  for (const auto& [toml_name, node] : table) {
    auto name = std::string{toml_name.str()};
    auto where = place(path, toml_name.source());
    const auto* key = find_key(section + "." + name);
    if (key == nullptr)
      return invalid(where + ": unknown key " + section + "." + name
                     + suggestion(name, names_in(section)));
    auto text = value_text(node, key->form);
    if (!text)
      return invalid(where + ": " + section + "." + name + ": wrong type: "
                     + "expected " + std::string{expectation(key->form)}
                     + "; allowed: " + key->allowed);
    into.push_back({key, std::move(*text), std::move(where)});
  }
  return {};
}

} // namespace

caf::expected<std::vector<file_value>> read_toml_file(const std::string& path) {
  auto text = read_text_file(path, settings_bytes_max);
  if (!text)
    return text.error();
  auto document = toml::table{};
  try {
    document = toml::parse(*text, path);
  } catch (const toml::parse_error& error) {
    return invalid(place(path, error.source())
                   + ": not TOML: " + std::string{error.description()});
  }
  auto result = std::vector<file_value>{};
  for (const auto& [toml_name, node] : document) {
    auto section = std::string{toml_name.str()};
    auto where = place(path, toml_name.source());
    auto sections = section_names();
    if (std::ranges::find(sections, section) == sections.end())
      return invalid(where + ": unknown section [" + section + "]"
                     + suggestion(section, sections));
    const auto* table = node.as_table();
    if (table == nullptr)
      return invalid(where + ": " + section + " is a section: write [" + section
                     + "] on a line of its own");
    if (auto failed = read_section(path, section, *table, result))
      return failed;
  }
  return result;
}

} // namespace stravasync
