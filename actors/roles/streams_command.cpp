#include "actors/ports/answer_of.hpp"
#include "actors/ports/bus_differences.hpp"
#include "actors/roles/buses.hpp"
#include "actors/roles/commands.hpp"
#include "actors/roles/durables.hpp"
#include "adapters/telemetry/log_writer.hpp"
#include "messages/error.hpp"
#include "messages/printable.hpp"

#include <cinttypes>
#include <cstdio>
#include <string>
#include <vector>

namespace stravasync {

namespace {

using states = std::vector<stream_state>;

caf::expected<states> describe(stream_catalog& from) {
  return answer_of<states>(
    [&](completion<states> done) { from.describe(std::move(done)); });
}

const stream_state* find(const states& all, const std::string& name) {
  for (const auto& one : all)
    if (one.config.name == name)
      return &one;
  return nullptr;
}

int dry_run(stream_catalog& on, const settings& config) {
  auto found = describe(on);
  if (!found)
    return fail_command(found.error());
  for (const auto& want : all_streams(config)) {
    const auto* have = find(*found, want.name);
    auto differs = have == nullptr
                     ? std::string{}
                     : differences_of(have->config, want).to_string();
    std::printf("%-8s stream %s%s%s\n",
                have == nullptr   ? "missing"
                : differs.empty() ? "as set"
                                  : "differs",
                want.name.c_str(), differs.empty() ? "" : ": ",
                printable(differs).c_str());
  }
  for (const auto& want : all_durables(config)) {
    const auto* stream = find(*found, want.stream);
    auto there = false;
    if (stream != nullptr)
      for (const auto& one : stream->durables)
        there |= one.name == want.durable;
    std::printf("%-8s durable %s\n", there ? "there" : "missing",
                want.durable.c_str());
  }
  return 0;
}

/// Applies one thing and says what came of it.
template <class Config>
caf::error
apply(stream_catalog& on, const Config& config, const std::string& what) {
  auto changed = answer_of<bool>(
    [&](completion<bool> done) { on.apply(config, std::move(done)); });
  if (!changed)
    return about(changed.error(), what);
  std::printf("%-8s %s\n", *changed ? "applied" : "as set", what.c_str());
  return {};
}

} // namespace

int run_streams_list(const settings& config) {
  auto journal = telemetry::make_log({.least = log_level::error});
  auto opened = open_bus_to_read(config, *journal);
  if (!opened)
    return fail_command(opened.error());
  auto found = describe(**opened);
  if (!found)
    return fail_command(found.error());
  if (found->empty())
    std::puts("there are no streams yet: the first node makes them");
  for (const auto& one : *found) {
    std::printf("%-10s %-14s %10" PRIu64 " messages %12" PRIu64
                " bytes, %" PRIu64 " to %" PRIu64 "\n",
                printable(one.config.name).c_str(),
                printable(one.config.subjects).c_str(), one.messages, one.bytes,
                one.first_sequence, one.last_sequence);
    for (const auto& durable : one.durables)
      std::printf("  %-48s %10" PRIu64 " pending %8" PRIu64
                  " unsettled %8" PRIu64 " redelivered\n",
                  printable(durable.name).c_str(), durable.pending,
                  durable.ack_pending, durable.redelivered);
  }
  return 0;
}

int run_streams_apply(const settings& config, bool only_look) {
  auto journal = telemetry::make_log({.least = log_level::error});
  auto opened = open_bus(config, *journal);
  if (!opened)
    return fail_command(opened.error());
  auto& on = *opened->messages;
  if (only_look)
    return dry_run(on, config);
  for (const auto& one : all_streams(config))
    if (auto why = apply(on, one, "stream " + one.name))
      return fail_command(why);
  for (const auto& one : all_durables(config))
    if (auto why = apply(on, one, "durable " + one.durable))
      return fail_command(why);
  return 0;
}

} // namespace stravasync
