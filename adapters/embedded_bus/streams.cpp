#include "actors/ports/bus_differences.hpp"
#include "adapters/embedded_bus/storage.hpp"
#include "adapters/embedded_bus/subjects.hpp"

#include <algorithm>
#include <utility>

namespace stravasync::embedded_bus {

namespace {

// So that one turn does not hold up the others' calls.
constexpr auto expiry_scan_max = std::uint64_t{5'000};
constexpr auto expired_per_turn = std::size_t{2'000};
constexpr auto read_limit_max = std::uint32_t{1'000};

} // namespace

caf::error no_stream(const std::string& name) {
  return make_failure(ec::not_found, "no stream " + name);
}

caf::expected<bool> storage::ensure(const stream_config& config) {
  const auto* s = find_stream(config.name);
  if (s == nullptr)
    return apply(config);
  auto found = differences_of(s->config, config);
  if (!found.found().empty())
    return make_failure(ec::conflict, "stream " + config.name
                                        + " exists with another configuration: "
                                        + found.to_string());
  return false;
}

caf::expected<bool> storage::apply(const stream_config& config) {
  auto* s = find_stream(config.name);
  if (s == nullptr) {
    if (auto why = check_subjects(config))
      return why;
    stream made;
    made.config = config;
    insert_stream(made);
    streams_.emplace(config.name, std::move(made));
    return true;
  }
  if (s->config.subjects != config.subjects)
    return make_failure(ec::conflict, "stream " + config.name + " holds "
                                        + s->config.subjects + ", not "
                                        + config.subjects);
  if (differences_of(s->config, config).found().empty())
    return false;
  execution{tables_->change_stream,
            config.refuse_when_full,
            std::int64_t{config.max_age.count()},
            config.max_bytes,
            std::int64_t{config.dedupe_window.count()},
            s->id}
    .run();
  s->config = config;
  while (s->size_bytes > config.max_bytes && config.max_bytes != 0
         && !config.refuse_when_full && s->messages() > 0)
    remove(*s, s->first_sequence);
  return true;
}

caf::error storage::check_subjects(const stream_config& config) const {
  for (const auto& [name, other] : streams_)
    if (!other.hidden() && overlap(other.config.subjects, config.subjects))
      return make_failure(ec::conflict,
                          "stream " + name + " holds " + other.config.subjects
                            + ", which overlaps " + config.subjects);
  return {};
}

std::optional<caf::expected<publish_ack>>
storage::publish(const envelope& message) {
  using answer = caf::expected<publish_ack>;
  auto* s = taking(message.subject);
  if (s == nullptr)
    return answer{
      make_failure(ec::not_found, "no stream takes " + message.subject)};
  // Without an id, too: what one thread publishes stays in order.
  if (!s->knows_ids())
    return std::nullopt;
  auto id = message.header_or_empty(header::message_id);
  if (!id.empty()) {
    s->dedupe.expire(now_.wall_ms - s->config.dedupe_window.count());
    if (auto earlier = s->dedupe.find(id))
      return answer{publish_ack{s->config.name, *earlier, true}};
  }
  if (auto room = make_room(*s, size_of(message)); !room)
    return answer{room.error()};
  return answer{store(*s, message)};
}

publish_ack storage::store(stream& s, const envelope& message) {
  auto sequence = s.last_sequence + 1;
  // A clock set back must not break the order by time.
  auto at = std::max(now_.wall_ms, s.last_stored_at_ms);
  tables_->messages.append(s.id, sequence, message, at);
  if (s.messages() == 0)
    s.first_stored_at_ms = at;
  s.last_sequence = sequence;
  s.last_stored_at_ms = at;
  s.size_bytes += size_of(message);
  s.changed = true;
  if (auto id = message.header_or_empty(header::message_id); !id.empty())
    s.dedupe.add(id, sequence, at);
  s.each_durable([&](durable& d) {
    if (sequence <= d.delivered_to || !d.matches(message.subject))
      return;
    ++d.pending;
    d.changed = true;
  });
  return {s.config.name, sequence, false};
}

caf::expected<bool> storage::make_room(stream& s, std::uint64_t size) {
  const auto& c = s.config;
  expire(s, expired_per_turn);
  if (c.max_bytes == 0 || s.size_bytes + size <= c.max_bytes)
    return true;
  if (c.refuse_when_full || size > c.max_bytes)
    return make_failure(ec::full,
                        "stream " + c.name + " takes no more than "
                          + std::to_string(c.max_bytes)
                          + " bytes until old messages are gone; a larger "
                            "limit in the settings helps at once");
  while (s.size_bytes + size > c.max_bytes && s.messages() > 0)
    remove(s, s.first_sequence);
  return true;
}

caf::expected<bool>
storage::remove(const std::string& stream_name, std::uint64_t sequence) {
  auto* s = find_stream(stream_name);
  if (s == nullptr)
    return no_stream(stream_name);
  if (!tables_->messages.oldest(s->id, sequence, sequence))
    return false;
  remove(*s, sequence);
  s->each_durable([&](durable& d) {
    if (d.unsettled.find(sequence) != nullptr)
      erase(d, sequence);
  });
  return true;
}

void storage::remove(stream& s, std::uint64_t sequence) {
  auto removed = tables_->messages.remove(s.id, s.first_sequence, sequence);
  s.each_durable([&](durable& d) {
    if (sequence <= d.delivered_to || !d.matches(removed.subject)
        || d.pending == 0)
      return;
    --d.pending;
    d.changed = true;
  });
  // A row's own word for its size may be damaged.
  s.size_bytes -= std::min(s.size_bytes, removed.size_bytes);
  s.changed = true;
  if (sequence != s.first_sequence) {
    ++s.removed;
    return;
  }
  auto next = tables_->messages.oldest(s.id, sequence + 1, s.last_sequence);
  s.first_sequence = next ? next->sequence : s.last_sequence + 1;
  s.first_stored_at_ms = next ? next->stored_at_ms : 0;
  s.removed -= std::min(s.removed, s.first_sequence - sequence - 1);
}

bool storage::expire(stream& s, std::size_t limit) {
  if (s.config.max_age.count() == 0 || holds_expiry())
    return false;
  auto before = now_.wall_ms - s.config.max_age.count();
  while (s.messages() > 0 && s.first_stored_at_ms <= before) {
    if (limit-- == 0)
      return true;
    remove(s, s.first_sequence);
  }
  return false;
}

bool storage::expire() {
  auto more = false;
  for (auto& [name, s] : streams_) {
    s.dedupe.expire(now_.wall_ms - s.config.dedupe_window.count());
    more = expire(s, expired_per_turn) || more;
  }
  return more;
}

std::vector<stream_state> storage::describe() const {
  std::vector<stream_state> result;
  for (const auto& [name, s] : streams_) {
    if (s.hidden())
      continue;
    auto& state = result.emplace_back();
    state.config = s.config;
    state.messages = s.messages();
    state.bytes = s.size_bytes;
    state.first_sequence = s.first_sequence;
    state.last_sequence = s.last_sequence;
    for (const auto& [durable_name, d] : s.durables)
      state.durables.push_back({durable_name, d->filter, d->pending,
                                d->unsettled.size(), d->unsettled.redelivered(),
                                d->unsettled.settled_to(d->delivered_to)});
  }
  return result;
}

caf::expected<std::optional<stored_message>>
storage::last(const std::string& stream_name, const std::string& filter) {
  const auto* s = find_stream(stream_name);
  if (s == nullptr)
    return no_stream(stream_name);
  auto& messages = tables_->messages;
  if (!filter.empty() && filter != s->config.subjects)
    return messages.find(s->id, messages.last_of(s->id, filter));
  auto newest = messages.newest(s->id, s->first_sequence, s->last_sequence);
  return messages.find(s->id, newest ? newest->sequence : 0);
}

caf::expected<bool>
storage::read(const read_options& options, std::uint64_t& next,
              std::vector<stored_message>& found) {
  const auto* s = find_stream(options.stream);
  if (s == nullptr)
    return no_stream(options.stream);
  auto limit = std::min(options.limit, read_limit_max);
  auto first = std::max({next, s->first_sequence, options.from_sequence});
  if (next == 0 && options.from_time_ms != 0 && first <= s->last_sequence)
    first = tables_->messages.first_since(s->id, first, s->last_sequence,
                                          options.from_time_ms);
  auto last = std::min(s->last_sequence, first + expiry_scan_max);
  tables_->messages.scan(s->id, first, last, [&](const auto& row) {
    if (found.size() >= limit)
      return false;
    if (options.filter_subject.empty()
        || subject_matches(options.filter_subject, row.subject()))
      found.push_back(row.message());
    return true;
  });
  next = last + 1;
  return found.size() >= limit || last >= s->last_sequence;
}

stream* storage::find_stream(std::string_view name) {
  auto i = streams_.find(name);
  return i == streams_.end() || i->second.hidden() ? nullptr : &i->second;
}

stream* storage::taking(std::string_view subject) {
  for (auto& [name, s] : streams_)
    if (!s.hidden() && subject_matches(s.config.subjects, subject))
      return &s;
  return nullptr;
}

} // namespace stravasync::embedded_bus
