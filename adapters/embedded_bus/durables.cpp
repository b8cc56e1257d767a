#include "actors/ports/bus_differences.hpp"
#include "adapters/embedded_bus/notices.hpp"
#include "adapters/embedded_bus/storage.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace stravasync::embedded_bus {

namespace {

// Notices are messages of a stream of the bus's own, so that their durables are
// like any other. It begins with the first subscription, drops the oldest, and
// each message says in its headers what the bus gave up on.
constexpr auto notices_name = "$EXHAUSTED";
constexpr auto notices_bytes_max = std::uint64_t{16} * 1024 * 1024;

} // namespace

consumer_options durable::options(const std::string& stream) const {
  consumer_options result;
  result.stream = stream;
  result.durable = name;
  result.filter_subject = filter;
  result.ack_wait = ack_wait;
  result.max_ack_pending = max_ack_pending;
  result.max_deliver = max_deliver;
  return result;
}

caf::expected<bool> storage::apply(const consumer_options& options) {
  auto* s = find_stream(options.stream);
  if (s == nullptr)
    return no_stream(options.stream);
  auto known = s->durables.find(options.durable);
  if (known == s->durables.end()) {
    add(*s, std::make_shared<durable>(), options);
    return true;
  }
  auto& d = *known->second;
  if (d.filter != options.filter_subject)
    return make_failure(
      ec::conflict, "durable " + options.durable + " has the filter '"
                      + d.filter + "', not '" + options.filter_subject + "'");
  auto exists = d.options(options.stream);
  if (differences_of(exists, options).found().empty())
    return false;
  d.ack_wait = options.ack_wait;
  d.max_ack_pending = options.max_ack_pending;
  d.max_deliver = options.max_deliver;
  execution{tables_->change_durable, std::int64_t{d.ack_wait.count()},
            d.max_ack_pending, d.max_deliver, d.id}
    .run();
  return true;
}

caf::expected<std::shared_ptr<durable>>
storage::join(const consumer_options& options, std::shared_ptr<member> who) {
  auto* s = find_stream(options.stream);
  if (s == nullptr)
    return no_stream(options.stream);
  auto result = find_or_add(*s, options);
  if (result)
    (*result)->members.push_back(std::move(who));
  return result;
}

caf::expected<std::shared_ptr<durable>>
storage::join_exhausted(const std::string& name, std::shared_ptr<member> who) {
  auto known = streams_.find(notices_name);
  if (known == streams_.end()) {
    stream made;
    made.config.name = notices_name;
    made.config.subjects = notices_name;
    made.config.max_bytes = notices_bytes_max;
    insert_stream(made);
    known = streams_.emplace(notices_name, std::move(made)).first;
  }
  consumer_options options;
  options.durable = name;
  options.start.from = start_position::kind::next_new;
  auto result = find_or_add(known->second, options);
  if (result)
    (*result)->members.push_back(std::move(who));
  return result;
}

caf::expected<std::shared_ptr<durable>>
storage::find_or_add(stream& s, const consumer_options& options) {
  auto known = options.durable.empty() ? s.durables.end()
                                       : s.durables.find(options.durable);
  if (known == s.durables.end()) {
    auto result = std::make_shared<durable>();
    add(s, result, options);
    return result;
  }
  auto found = differences_of(known->second->options(options.stream), options);
  if (!found.found().empty())
    return make_failure(ec::conflict,
                        "durable " + options.durable
                          + " exists with other options: " + found.to_string());
  return known->second;
}

void storage::add(stream& s, const std::shared_ptr<durable>& d,
                  const consumer_options& options) {
  d->name = options.durable;
  d->filter = options.filter_subject;
  d->ack_wait = options.ack_wait;
  d->max_ack_pending = options.max_ack_pending;
  d->max_deliver = options.max_deliver;
  auto first = start_of(s, options.start);
  d->delivered_to = first - 1;
  d->pending = count_from(s, first, *d);
  if (options.durable.empty()) {
    s.readers.push_back(d);
    return;
  }
  insert_durable(s, *d);
  s.durables.emplace(options.durable, d);
}

void storage::tell_exhausted(const stream& s, const durable& d,
                             std::uint64_t sequence, std::uint32_t delivered) {
  auto notices = streams_.find(notices_name);
  if (notices == streams_.end() || s.hidden())
    return;
  auto message = to_notice({.stream = s.config.name,
                            .durable = d.name,
                            .sequence = sequence,
                            .delivered = delivered,
                            .token = {}});
  message.subject = notices_name;
  // It drops the oldest, so there is room.
  if (make_room(notices->second, size_of(message)))
    store(notices->second, message);
}

void storage::leave(durable& from, const member& who) {
  std::erase_if(from.members, [&](const auto& m) { return m.get() == &who; });
  from.next_member = 0;
  for (auto& [name, s] : streams_)
    std::erase_if(s.readers, [](const auto& r) { return r->members.empty(); });
}

std::uint64_t storage::start_of(const stream& s, const start_position& start) {
  switch (start.from) {
    case start_position::kind::first:
      return s.first_sequence;
    case start_position::kind::next_new:
      return s.last_sequence + 1;
    case start_position::kind::sequence:
      // What is stored next is not skipped, wherever one wants to start.
      return std::clamp(start.sequence, s.first_sequence, s.last_sequence + 1);
    case start_position::kind::time:
      return tables_->messages.first_since(s.id, s.first_sequence,
                                           s.last_sequence, start.time_ms);
  }
  return s.first_sequence;
}

std::uint64_t
storage::count_from(const stream& s, std::uint64_t first, const durable& d) {
  if (first > s.last_sequence)
    return 0;
  if (s.removed == 0 && (d.filter.empty() || d.filter == s.config.subjects))
    return s.last_sequence + 1 - first;
  auto result = std::uint64_t{0};
  tables_->messages.scan(s.id, first, s.last_sequence, [&](const auto& row) {
    result += d.matches(row.subject()) ? 1 : 0;
    return true;
  });
  return result;
}

} // namespace stravasync::embedded_bus
