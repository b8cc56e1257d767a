#include "actors/nodes/node_registry.hpp"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <string_view>
#include <utility>

namespace stravasync {

namespace {

constexpr auto name_max = std::size_t{128};
constexpr auto roles_max = 16;
/// Entries taken away with one look, so that the bus is not busy with it.
constexpr auto taken_max = std::size_t{100};
/// Beyond it they stay where they are.
constexpr auto forgotten_max = std::size_t{10'000};

/// @returns whether it is one of what a node may be called (node.id), and what
/// roles and versions look like.
bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= name_max
         && std::ranges::all_of(text, [](char c) {
              return std::isalnum(static_cast<unsigned char>(c)) != 0
                     || std::string_view{".-_+"}.find(c)
                          != std::string_view::npos;
            });
}

/// Up to the year 9999, which is as far as times can be written.
bool is_time(std::int64_t at_ms) {
  return at_ms >= 0 && at_ms <= 253'402'300'799'999;
}

bool is_description(const query::v1::NodeList::Node& of) {
  return is_name(of.id()) && of.roles_size() <= roles_max
         && std::ranges::all_of(of.roles(), is_name)
         && (of.version().empty() || is_name(of.version()))
         && is_time(of.started_at_ms()) && is_time(of.seen_at_ms());
}

} // namespace

node_registry::node_registry(std::chrono::milliseconds lost_after,
                             std::chrono::milliseconds forget_after)
  : lost_after_{lost_after},
    forget_after_{forget_after} {
}

void node_registry::note(const key_value_change& what, time_point now) {
  query::v1::NodeList::Node node;
  if (!what.value) {
    nodes_.erase(what.key);
    return;
  }
  if (what.key.size() > name_max || !node.ParseFromString(*what.value)
      || node.id() != what.key || !is_description(node))
    return;
  node.DiscardUnknownFields();
  if (!nodes_.contains(what.key))
    make_room();
  nodes_.insert_or_assign(what.key, seen{std::move(node), now});
}

void node_registry::make_room() {
  if (nodes_.size() < nodes_max)
    return;
  crowded_ = true;
  auto silent = std::ranges::min_element(
    nodes_, {}, [](const auto& entry) { return entry.second.at; });
  if (forgotten_.size() < forgotten_max)
    forgotten_.push_back(silent->first);
  nodes_.erase(silent);
}

query::v1::NodeList node_registry::list(time_point now) const {
  query::v1::NodeList result;
  for (const auto& [id, one] : nodes_) {
    auto* node = result.add_nodes();
    *node = one.node;
    node->set_state(now - one.at > lost_after_ ? "lost" : "up");
  }
  return result;
}

bool node_registry::knows(const std::string& id) const {
  return nodes_.contains(id);
}

std::vector<std::string> node_registry::take_forgotten(time_point now) {
  std::erase_if(nodes_, [&](const auto& entry) {
    auto gone = now - entry.second.at > forget_after_;
    if (gone)
      forgotten_.push_back(entry.first);
    return gone;
  });
  auto count
    = static_cast<std::ptrdiff_t>(std::min(forgotten_.size(), taken_max));
  auto first = forgotten_.end() - count;
  auto result = std::vector(std::make_move_iterator(first),
                            std::make_move_iterator(forgotten_.end()));
  forgotten_.erase(first, forgotten_.end());
  // Heard of again meanwhile.
  std::erase_if(result, [&](const auto& id) { return nodes_.contains(id); });
  return result;
}

} // namespace stravasync
