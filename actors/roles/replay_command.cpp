#include "actors/roles/replay_command.hpp"

#include "actors/ports/answer_of.hpp"
#include "actors/replay/publish_target.hpp"
#include "actors/replay/request.hpp"
#include "actors/roles/buses.hpp"
#include "actors/roles/commands.hpp"
#include "actors/roles/replay_actors.hpp"
#include "actors/roles/replay_console.hpp"
#include "actors/roles/replay_store.hpp"
#include "actors/roles/stop_signals.hpp"
#include "adapters/telemetry/log_writer.hpp"
#include "messages/error.hpp"

#include <cstdio>
#include <memory>
#include <string>
#include <utility>

namespace stravasync {

namespace {

/// Where subjects of one's own are kept; a day is enough to look at them.
stream_config replay_stream() {
  stream_config result;
  result.name = "REPLAY";
  result.subjects = "replay.>";
  result.max_age = std::chrono::hours{24};
  result.max_bytes = std::uint64_t{1} << 30;
  return result;
}

/// What a target stands on, and the target.
struct stage {
  std::unique_ptr<replay_actors> actors;
  std::unique_ptr<replay_target> target;
};

using opened_bus = caf::expected<std::shared_ptr<bus>>;

opened_bus open_source(const settings& config, const replay_request& request,
                       log& journal) {
  if (request.into != replay_into::subject)
    return open_bus_to_read(config, journal);
  auto opened = open_bus(config, journal);
  if (!opened)
    return opened.error();
  auto messages = std::move(opened->messages);
  if (request.where.starts_with("replay.")) {
    auto made = answer_of<bool>(
      [&](auto done) { messages->ensure(replay_stream(), std::move(done)); });
    if (!made)
      return with_context(made.error(), "stream REPLAY");
  }
  return messages;
}

caf::expected<stage>
open_stage(const settings& config, const replay_request& request,
           const std::shared_ptr<bus>& source,
           const std::shared_ptr<log>& journal) {
  const auto& stream = request.what.stream;
  switch (request.into) {
    case replay_into::print:
      return stage{nullptr, std::make_unique<print_target>(
                              stream, request.pretty, write_to_stdout)};
    case replay_into::subject:
      return stage{nullptr, std::make_unique<publish_target>(
                              source, stream, request.where,
                              std::to_string(system_wall_clock()()))};
    case replay_into::store: {
      auto target = open_store_target(config, request, source);
      if (!target)
        return target.error();
      return stage{nullptr, std::move(*target)};
    }
    case replay_into::actors: {
      auto actors = replay_actors::open(config, journal);
      if (!actors)
        return actors.error();
      auto lent = (*actors)->lend(source);
      if (!lent)
        return lent.error();
      auto target = std::make_unique<actors_target>(std::move(*lent), stream,
                                                    write_to_stdout);
      return stage{std::move(*actors), std::move(target)};
    }
  }
  return caf::error{};
}

caf::expected<replay_summary>
run(const settings& config, const replay_request& request,
    stop_signals& signals) {
  auto journal = std::shared_ptr<telemetry::log_writer>{
    telemetry::make_log({.least = log_level::warning})};
  auto source = open_source(config, request, *journal);
  if (!source)
    return source.error();
  auto from = recording::open(*source, request.what);
  if (!from)
    return from.error();
  auto on = open_stage(config, request, *source, journal);
  if (!on)
    return on.error();
  auto reach = from->reach();
  if (!reach)
    return reach.error();
  std::fputs(reach->c_str(), stderr);
  replay_console console{signals};
  play_options how;
  how.speed = request.speed;
  how.wait_until = [&](auto when) { return console.wait_until(when); };
  how.progress = [&](const auto& so_far) { console.progress(so_far); };
  if (request.step)
    how.confirm = [&](const auto& next) { return console.confirm(next); };
  auto done = play(*from, *on->target, how);
  console.end();
  journal->flush(true);
  return done;
}

} // namespace

int run_replay(const settings& config, const cli::replay_options& asked) {
  auto request = parse_request({.stream = asked.stream,
                                .subject = asked.subject,
                                .from = asked.from,
                                .to = asked.to,
                                .athlete_id = asked.athlete_id,
                                .speed = asked.speed,
                                .into = asked.into,
                                .pretty = asked.pretty,
                                .step = asked.step,
                                .force = asked.force},
                               system_wall_clock()());
  if (!request)
    return fail_command(request.error());
  stop_signals signals;
  auto done = run(config, *request, signals);
  if (!done)
    return fail_command(done.error());
  std::fprintf(stderr, "%s%s\n", done->remarks.c_str(), to_text(*done).c_str());
  if (done->interrupted)
    return interrupted_exit;
  return done->failures == 0 ? 0 : 1;
}

} // namespace stravasync
