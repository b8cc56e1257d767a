#include "config/keys.hpp"

#include "config/key_tables.hpp"

#include <algorithm>
#include <cctype>

namespace stravasync {

namespace {

std::vector<key> make_table() {
  auto table = std::vector<key>{};
  for (auto add :
       {add_node, add_bus, add_store, add_http, add_strava, add_budget,
        add_secrets, add_sync, add_groups, add_sim, add_log})
    add(table);
  return table;
}

} // namespace

std::string key::full_name() const {
  return section + "." + name;
}

std::string key::variable() const {
  auto result = "STRAVASYNC_" + section + "_" + name;
  for (auto& c : result)
    c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return result;
}

std::span<const key> keys() {
  static const auto table = make_table();
  return table;
}

const key* find_key(std::string_view full_name) {
  auto all = keys();
  auto found = std::ranges::find(all, full_name, &key::full_name);
  return found == all.end() ? nullptr : &*found;
}

} // namespace stravasync
