#include "actors/nodes/health_trials.hpp"

#include "actors/nodes/presence.hpp"
#include "actors/nodes/watched_bus.hpp"
#include "messages/error.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

namespace stravasync {

namespace {

using states = std::vector<stream_state>;

/// A revision that no value has: a write that expects it is refused.
constexpr auto no_revision = std::uint64_t{1} << 62;

/// Nobody has published for so long: nobody will.
constexpr auto not_tried_again_ms = unix_ms{30'000};

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

bool has_durable(const states& found, const consumer_options& needed) {
  return std::ranges::any_of(found, [&](const stream_state& one) {
    return one.config.name == needed.stream
           && std::ranges::find(one.durables, needed.durable,
                                &durable_state::name)
                != one.durables.end();
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
  /// seen without publishing another. A lack of rights cannot.
  [[nodiscard]] bool is_over(const stream_state& stream) const {
    auto failed = record_.last_failure(streams_part,
                                       publishing_thing(stream.config.name));
    return failed && failed->code != ec::denied
           && now_() - failed->at_ms > not_tried_again_ms && !is_full(stream)
           && record_.last_ok(buckets_part, bucket_thing(nodes_bucket))
                > failed->at_ms;
  }

  needed_streams needed_;
  health_record record_;
  wall_clock now_;
};

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

health_trial
try_bucket(std::shared_ptr<key_value> on, const std::string& bucket) {
  return {buckets_part, bucket_thing(bucket),
          [on = std::move(on), bucket](completion<bool> done) {
            on->put(bucket, "health", "", no_revision,
                    [done = std::move(done)](const auto&) { done(false); });
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
