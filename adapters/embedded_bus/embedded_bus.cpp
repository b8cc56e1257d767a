#include "adapters/embedded_bus/embedded_bus.hpp"

#include "adapters/embedded_bus/calls.hpp"
#include "adapters/embedded_bus/sqlite_bus.hpp"
#include "adapters/embedded_bus/subjects.hpp"

#include <string_view>
#include <utility>

namespace stravasync::embedded_bus {

namespace {

constexpr auto payload_max = std::size_t{8} * 1024 * 1024;

/// Names with a '$' in front are the bus's own.
bool valid_name(std::string_view name) {
  return publishable(name) && name.find('.') == std::string_view::npos
         && !name.starts_with('$');
}

/// @returns why no stream can be so, or nothing.
std::string problem_of(const stream_config& config) {
  if (!valid_name(config.name))
    return "stream name '" + config.name
           + "' is empty, begins with '$' or has one of '.*> '";
  if (!well_formed_filter(config.subjects))
    return "subjects '" + config.subjects + "' are no pattern";
  return {};
}

} // namespace

void sqlite_bus::publish(envelope message, completion<publish_ack> done) {
  if (!publishable(message.subject))
    return refuse(*engine_, std::move(done),
                  "subject '" + message.subject
                    + "' is empty, has a wildcard or an empty token");
  auto bytes = message.payload.size();
  if (bytes > payload_max)
    return refuse(*engine_, std::move(done),
                  "payload has " + std::to_string(bytes)
                    + " bytes, the most is " + std::to_string(payload_max));
  submit<publish_ack>(
    *engine_,
    [message = std::move(message)](storage& in) { return in.publish(message); },
    std::move(done), bytes);
}

void sqlite_bus::ensure(stream_config config, completion<bool> done) {
  if (auto problem = problem_of(config); !problem.empty())
    return refuse(*engine_, std::move(done), std::move(problem));
  submit_alone<bool>(
    *engine_,
    [config = std::move(config)](storage& in) { return in.ensure(config); },
    std::move(done));
}

void sqlite_bus::apply(stream_config config, completion<bool> done) {
  if (auto problem = problem_of(config); !problem.empty())
    return refuse(*engine_, std::move(done), std::move(problem));
  submit_alone<bool>(
    *engine_,
    [config = std::move(config)](storage& in) { return in.apply(config); },
    std::move(done));
}

void sqlite_bus::describe(completion<std::vector<stream_state>> done) {
  submit<std::vector<stream_state>>(
    *engine_,
    [](storage& in) {
      return caf::expected<std::vector<stream_state>>{in.describe()};
    },
    std::move(done));
}

void sqlite_bus::read(read_options options,
                      completion<std::vector<stored_message>> done) {
  using messages = std::vector<stored_message>;
  using answer = std::optional<caf::expected<messages>>;
  submit<messages>(
    *engine_,
    [options = std::move(options), next = std::uint64_t{0},
     found = messages{}](storage& in) mutable -> answer {
      auto complete = in.read(options, next, found);
      if (!complete)
        return caf::expected<messages>{complete.error()};
      if (!*complete)
        return std::nullopt;
      return caf::expected<messages>{std::move(found)};
    },
    std::move(done));
}

void sqlite_bus::last(std::string stream, std::string filter_subject,
                      completion<std::optional<stored_message>> done) {
  submit<std::optional<stored_message>>(
    *engine_,
    [stream = std::move(stream), filter = std::move(filter_subject)](
      storage& in) { return in.last(stream, filter); },
    std::move(done));
}

void sqlite_bus::remove(std::string stream, std::uint64_t sequence,
                        completion<bool> done) {
  submit<bool>(
    *engine_,
    [stream = std::move(stream), sequence](storage& in) {
      return in.remove(stream, sequence);
    },
    std::move(done));
}

steady_clock system_steady_clock() {
  return [] {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now().time_since_epoch());
  };
}

caf::expected<std::shared_ptr<bus>> open(options options, log& log) {
  auto on = std::make_shared<engine>(std::move(options), log);
  if (auto problem = on->start())
    return problem;
  return std::shared_ptr<bus>{std::make_shared<sqlite_bus>(std::move(on))};
}

} // namespace stravasync::embedded_bus
