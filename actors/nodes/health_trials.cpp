#include "actors/nodes/health_trials.hpp"

#include "actors/nodes/presence.hpp"
#include "actors/nodes/watched_bus.hpp"
#include "actors/nodes/watched_store.hpp"
#include "messages/error.hpp"

#include <algorithm>
#include <filesystem>
#include <random>
#include <system_error>
#include <utility>

namespace stravasync {

namespace {

using states = std::vector<stream_state>;

/// A revision that no value has: a write that expects it is refused.
constexpr auto no_revision = std::uint64_t{1} << 62;

/// Of the trials of buckets. Nobody's, and nothing that anybody reads.
constexpr auto trial_key = "health";

/// Nobody has published for so long: nobody will.
constexpr auto not_tried_again_ms = unix_ms{30'000};

/// The same where only publishing can tell whether the reason is gone.
constexpr auto not_permitted_again_ms = unix_ms{600'000};

std::string problem_of(const states& found, const stream_config& needed) {
  auto one = std::ranges::find(found, needed.name,
                               [](const auto& x) { return x.config.name; });
  if (one == found.end())
    return "it is missing";
  if (one->config.subjects != needed.subjects)
    return "it takes " + one->config.subjects + " instead of "
           + needed.subjects;
  return {};
}

/// One that does not answer is not known to be missing: its source tells.
bool has_durable(const states& found, const consumer_options& needed) {
  return std::ranges::any_of(found, [&](const stream_state& one) {
    return one.config.name == needed.stream
           && (!one.all_answered
               || std::ranges::find(one.durables, needed.durable,
                                    &durable_state::name)
                    != one.durables.end());
  });
}

/// A stream that refuses at its bound, and is there or close to it.
bool is_full(const stream_state& one) {
  constexpr auto close = 100;
  const auto& config = one.config;
  return config.refuse_when_full && config.max_bytes > 0
         && one.bytes >= config.max_bytes - config.max_bytes / close;
}

class stream_check {
public:
  stream_check(needed_streams needed, health_record record, wall_clock now)
    : needed_{std::move(needed)},
      record_{std::move(record)},
      now_{std::move(now)} {
  }

  void note(const states& found) const {
    for (const auto& one : needed_.streams)
      note(stream_thing(one.name), problem_of(found, one));
    for (const auto& one : needed_.durables)
      note("durable " + one.durable,
           has_durable(found, one) ? "" : "it is missing");
    for (const auto& one : found)
      if (is_over(one))
        record_.worked(streams_part, publishing_thing(one.config.name));
  }

private:
  void note(const std::string& thing, const std::string& problem) const {
    if (problem.empty())
      record_.worked(streams_part, thing);
    else
      record_.failed(streams_part, thing, make_failure(ec::not_found, problem));
  }

  /// Whether what kept a message out of the stream is gone, as far as can be
  /// seen without publishing another. A lack of rights cannot be seen: it is
  /// taken for over much later.
  [[nodiscard]] bool is_over(const stream_state& stream) const {
    auto failed = record_.last_failure(streams_part,
                                       publishing_thing(stream.config.name));
    if (!failed)
      return false;
    auto patience = failed->code == ec::denied ? not_permitted_again_ms
                                               : not_tried_again_ms;
    return now_() - failed->at_ms > patience && !is_full(stream)
           && record_.last_ok(buckets_part, bucket_thing(nodes_bucket))
                > failed->at_ms;
  }

  needed_streams needed_;
  health_record record_;
  wall_clock now_;
};

using any_answer = std::function<void()>;

/// Stores something new in the bucket, and takes it away.
void store_something(const std::shared_ptr<key_value>& on,
                     const std::string& bucket, const any_answer& then) {
  using entry = std::optional<key_value_entry>;
  auto stored = [=](const caf::expected<std::uint64_t>& got) {
    if (!got)
      return then();
    on->erase(bucket, trial_key, [then](const auto&) { then(); });
  };
  on->get(bucket, trial_key, [=](const caf::expected<entry>& got) {
    if (!got)
      return then();
    on->put(bucket, trial_key, "", *got ? (*got)->revision : 0, stored);
  });
}

void try_writing(const std::shared_ptr<key_value>& on,
                 const std::string& bucket, const health_record& record,
                 const any_answer& then) {
  auto failed = record.last_failure(buckets_part, bucket_thing(bucket));
  if (failed && failed->code == ec::full)
    return store_something(on, bucket, then);
  on->put(bucket, trial_key, "", no_revision, [then](const auto&) { then(); });
}

/// @returns the bucket whose thing, as `named` names it, this is, or nothing.
std::string
bucket_in(const std::string& thing, std::string (*named)(const std::string&)) {
  auto prefix = named({});
  return thing.starts_with(prefix) ? thing.substr(prefix.size()) : "";
}

caf::error erase_row(transaction& tx, std::int64_t id) {
  auto removed = tx.outbox().erase({column_value{id}});
  return removed ? caf::error{} : removed.error();
}

caf::error write_nothing(transaction& tx) {
  return erase_row(tx, 0);
}

/// @param key Of no row.
template <class Entity>
void look_into(repository<Entity>& rows, const std::vector<column_value>& key,
               caf::error& why) {
  if (why)
    return;
  if (auto got = rows.get(key); !got)
    why = std::move(got.error());
}

caf::error look_into_tables(transaction& tx) {
  const auto none = column_value{std::int64_t{0}};
  const auto nameless = column_value{std::string{}};
  auto why = caf::error{};
  look_into(tx.athletes(), {none}, why);
  look_into(tx.credentials(), {none}, why);
  look_into(tx.activities(), {none}, why);
  look_into(tx.absences(), {none}, why);
  look_into(tx.sync_runs(), {nameless}, why);
  look_into(tx.sync_pages(), {nameless, none}, why);
  look_into(tx.unread_activities(), {none, none}, why);
  look_into(tx.outbox(), {none}, why);
  if (!why)
    if (auto counted = tx.queries().count_activities(0); !counted)
      why = std::move(counted.error());
  return why;
}

/// Needs more room than is left by chance.
outbox_message filler(unix_ms now) {
  constexpr auto bytes = std::size_t{1} << 16;
  outbox_message row;
  row.message_id = trial_key;
  row.created_at_ms = row.sent_at_ms = now;
  // Not to be compressed.
  auto random = std::mt19937{std::random_device{}()};
  row.payload.resize(bytes);
  std::ranges::generate(row.payload,
                        [&] { return static_cast<char>(random()); });
  return row;
}

/// Stores a row that nobody ever sees: it goes in the same transaction.
caf::error store_and_erase(transaction& tx, const outbox_message& row) {
  auto id = tx.outbox().create(row);
  return id ? erase_row(tx, *id) : std::move(id.error());
}

} // namespace

health_trial try_streams(std::shared_ptr<bus> on, needed_streams needed,
                         health_record record, wall_clock now) {
  auto check = std::make_shared<const stream_check>(
    std::move(needed), std::move(record), std::move(now));
  return {streams_part, "the list of streams",
          [on = std::move(on), check](completion<bool> done) {
            on->describe([check, done = std::move(done)](
                           const caf::expected<states>& found) {
              if (!found)
                return done(found.error());
              check->note(*found);
              done(true);
            });
          }};
}

health_trial try_bucket(std::shared_ptr<key_value> on,
                        const std::string& bucket, health_record record) {
  return {buckets_part, bucket_thing(bucket),
          [on = std::move(on), bucket,
           record = std::move(record)](const completion<bool>& done) {
            try_writing(on, bucket, record, [done] { done(false); });
          }};
}

health_trial try_failed_buckets(std::shared_ptr<key_value> on,
                                const std::set<std::string>& tried_anyway,
                                health_record record) {
  auto try_all = [=](const completion<bool>& done) {
    // The last answer takes it along.
    auto all = std::shared_ptr<void>{nullptr, [done](void*) { done(true); }};
    auto answered = [all] {};
    for (const auto& thing : record.failing(buckets_part)) {
      auto read = bucket_in(thing, reading_thing);
      auto written = bucket_in(thing, bucket_thing);
      if (!read.empty())
        on->get(read, trial_key, [answered](const auto&) { answered(); });
      else if (!written.empty() && !tried_anyway.contains(written))
        try_writing(on, written, record, answered);
    }
  };
  return {buckets_part, "what failed before", try_all};
}

health_trial
try_database(ask_store write, health_record record, wall_clock now) {
  auto run = [write = std::move(write), record = std::move(record),
              now = std::move(now)](const completion<bool>& done) {
    auto before = record.last_failure(database_part, "");
    // The trial's own table may be one that it has the rights for.
    if (before && before->code == ec::denied
        && now() - before->at_ms <= not_tried_again_ms)
      return done(false);
    if (before)
      return write([row = filler(now())](
                     transaction& tx) { return store_and_erase(tx, row); },
                   done);
    write(write_nothing, [record, done](const caf::expected<bool>& got) {
      // What failed meanwhile is not mended by a trial that asks for less.
      auto failed = record.last_failure(database_part, "").has_value();
      done(got && failed ? caf::expected<bool>{false} : got);
    });
  };
  return {database_part, "", run};
}

health_trial try_database_reads(ask_store read) {
  return {database_reads_part, "",
          [read = std::move(read)](completion<bool> done) {
            read(look_into_tables, std::move(done));
          }};
}

health_trial try_disk(const std::string& folder, std::uint64_t least_bytes) {
  constexpr auto kib = std::uint64_t{1} << 10;
  auto look = [=](const completion<bool>& done) {
    auto failed = std::error_code{};
    auto space = std::filesystem::space(folder, failed);
    if (failed)
      return done(make_failure(ec::unavailable, failed.message()));
    if (space.available < least_bytes)
      return done(make_failure(
        ec::full, std::to_string(space.available / kib) + " KiB are left, "
                    + std::to_string(least_bytes / kib)
                    + " KiB are needed (node.disk_free_min)"));
    done(true);
  };
  return {"disk", folder, look};
}

} // namespace stravasync
