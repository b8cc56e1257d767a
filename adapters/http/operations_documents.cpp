#include "adapters/http/documents.hpp"
#include "adapters/http/json_text.hpp"

#include <algorithm>

/// @file
/// The documents that operators look at.

namespace stravasync::http {

namespace {

using query::v1::ActorTree;
using query::v1::Budget;
using query::v1::NodeList;
using query::v1::StreamList;

void append(std::string& out, const Budget::Gauge& gauge) {
  json_object{out}
    .text("name", gauge.name())
    .number("limit", gauge.limit())
    .number("used", gauge.used())
    .time_or_null("resets_at", gauge.resets_at_ms());
}

void append(std::string& out, const Budget::Window& window) {
  json_object{out}
    .time("start", window.start_ms())
    .number("used_read", window.used_read())
    .number("limit_read", window.limit_read())
    .flag("saturated", window.saturated());
}

void append(std::string& out, const ActorTree::Node& node) {
  json_object{out}
    .text("path", node.path())
    .text("actor_class", node.actor_class())
    .text("state", node.state())
    .number("restarts", node.restarts())
    .text_or_null("last_error", node.last_error())
    .number("retry_after_ms", node.retry_after_ms());
}

void append(std::string& out, const ActorTree::Class& totals) {
  json_object{out}
    .text("actor_class", totals.actor_class())
    .number("handled", totals.handled())
    .number("failed", totals.failed())
    .number("busy_s", totals.busy_s())
    .number("waiting", totals.waiting());
}

void append(std::string& out, const StreamList::Durable& durable) {
  json_object{out}
    .text("name", durable.name())
    .text("filter_subject", durable.filter_subject())
    .number("pending", durable.pending())
    .number("ack_pending", durable.ack_pending())
    .number("redelivered", durable.redelivered());
}

void append(std::string& out, const readiness& part) {
  json_object document{out};
  document.text("part", part.part)
    .flag("ready", part.works())
    .text_or_null("problem", part.problem);
  if (!part.needed)
    document.flag("needed", false);
  if (part.since_ms > 0)
    document.time("since", part.since_ms);
  if (part.last_ok_at_ms > 0)
    document.time("last_ok_at", part.last_ok_at_ms);
}

void append(std::string& out, const ActorTree::Part& part) {
  append(out, readiness{.part = part.name(),
                        .problem = part.problem(),
                        .needed = part.needed(),
                        .since_ms = part.since_ms(),
                        .last_ok_at_ms = part.last_ok_at_ms()});
}

void append(std::string& out, const std::string& text) {
  append_json_string(out, text);
}

void append(std::string& out, const StreamList::Stream& stream);
void append(std::string& out, const NodeList::Node& node);

template <class Items>
void write_array(json_object& document, std::string_view name,
                 const Items& items) {
  auto& out = document.value_of(name);
  out += '[';
  auto separator = std::string_view{};
  for (const auto& item : items) {
    out += separator;
    separator = ",";
    append(out, item);
  }
  out += ']';
}

void append(std::string& out, const StreamList::Stream& stream) {
  json_object document{out};
  document.text("name", stream.name())
    .text("subjects", stream.subjects())
    .number("messages", stream.messages())
    .number("bytes", stream.bytes())
    .number("first_seq", stream.first_seq())
    .number("last_seq", stream.last_seq());
  write_array(document, "durables", stream.durables());
}

void append(std::string& out, const NodeList::Node& node) {
  json_object document{out};
  document.text("id", node.id());
  write_array(document, "roles", node.roles());
  document.text("version", node.version())
    .time_or_null("started_at", node.started_at_ms())
    .time_or_null("seen_at", node.seen_at_ms())
    .text("state", node.state());
}

/// These lists are short and come whole.
template <class Items>
std::string whole_list(const Items& items) {
  std::string out;
  {
    json_object document{out};
    write_array(document, "items", items);
    document.null("next_cursor");
  }
  return out;
}

} // namespace

std::string to_json(const Budget& budget) {
  std::string out;
  {
    json_object document{out};
    write_array(document, "gauges", budget.gauges());
    document.flag("confirmed", budget.confirmed())
      .number("in_flight", budget.in_flight())
      .number("window_ms", budget.window_ms());
    write_array(document, "closed", budget.closed());
  }
  return out;
}

std::string to_json(const ActorTree& tree) {
  std::string out;
  {
    json_object document{out};
    document.text("node", tree.node());
    write_array(document, "parts", tree.parts());
    write_array(document, "nodes", tree.nodes());
    write_array(document, "classes", tree.classes());
  }
  return out;
}

std::string to_json(const StreamList& list) {
  return whole_list(list.streams());
}

std::string to_json(const NodeList& list) {
  return whole_list(list.nodes());
}

bool is_ready(const std::vector<readiness>& parts) {
  return std::ranges::none_of(parts, &readiness::holds_up);
}

std::string to_json(const std::vector<readiness>& parts) {
  std::string out;
  {
    json_object document{out};
    document.flag("ready", is_ready(parts));
    write_array(document, "parts", parts);
  }
  return out;
}

} // namespace stravasync::http
