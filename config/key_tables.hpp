#pragma once

#include "config/keys.hpp"

#include <vector>

/// @file
/// The sections of the table of keys, each a function that appends its keys.

namespace stravasync {

void add_node(std::vector<key>& table);
void add_bus(std::vector<key>& table);
void add_store(std::vector<key>& table);
void add_http(std::vector<key>& table);
void add_secrets(std::vector<key>& table);
void add_log(std::vector<key>& table);
void add_strava(std::vector<key>& table);
void add_budget(std::vector<key>& table);
void add_sync(std::vector<key>& table);
void add_groups(std::vector<key>& table);
void add_sim(std::vector<key>& table);

} // namespace stravasync
