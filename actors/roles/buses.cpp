#include "actors/roles/buses.hpp"

#include "actors/remote/responder.hpp"
#include "actors/roles/durables.hpp"
#include "adapters/cli/command.hpp"
#include "adapters/embedded_bus/copy.hpp"
#include "adapters/embedded_bus/embedded_bus.hpp"
#include "adapters/jetstream/jetstream.hpp"
#include "adapters/jetstream/micro_service.hpp"
#include "messages/error.hpp"

#include <sstream>
#include <utility>

namespace stravasync {

namespace {

caf::expected<bus_connection>
open_embedded(const settings& config, log& journal) {
  embedded_bus::options options;
  options.path = config.bus.path;
  auto opened = embedded_bus::open(options, journal);
  if (!opened)
    return with_context(opened.error(), "bus.path");
  return bus_connection{.messages = std::move(*opened),
                        .questions = {},
                        .announce = {},
                        .lacks = {},
                        .give_up = {}};
}

std::vector<std::string> split(const std::string& urls) {
  std::vector<std::string> result;
  auto in = std::istringstream{urls};
  for (auto url = std::string{}; std::getline(in, url, ',');)
    result.push_back(url);
  return result;
}

jetstream::options options_of(const settings& config) {
  const auto& bus = config.bus;
  jetstream::options result;
  result.urls = split(bus.url);
  result.name = config.node.id;
  result.credentials = bus.credentials;
  result.user = bus.user;
  result.password = bus.password.reveal();
  result.tls_ca = bus.tls_ca;
  result.tls_certificate = bus.tls_certificate;
  result.tls_key = bus.tls_key;
  result.replicas = bus.replicas;
  result.publish_in_flight_max = bus.publish_in_flight_max;
  return result;
}

/// The service that `as` is, in the words of the micro-service protocol.
jetstream::service_info describe(const settings& config, role as) {
  jetstream::service_info info;
  info.name = "stravasync-" + std::string{to_string(as)};
  info.version = cli::version_number();
  info.id = config.node.id;
  switch (as) {
    case role::api:
      info.description = "Owns the database; answers the API, keeps tokens";
      info.metadata["service"] = config.api.service;
      for (const auto& subject : answered_subjects())
        info.endpoints.push_back(
          {subject.substr(subject.find('.') + 1), subject, config.api.service});
      break;
    case role::consumer:
      info.description = "Fetches pages from Strava within its limits";
      info.metadata["service"] = config.consumer.service;
      break;
    case role::worker:
      info.description = "Starts work by the clock";
      break;
    case role::sim:
      info.description = "Simulates Strava";
      break;
  }
  return info;
}

std::vector<jetstream::endpoint_statistics>
numbers_of(const question_statistics& questions) {
  std::vector<jetstream::endpoint_statistics> result;
  for (const auto& [subject, counts] : questions.snapshot())
    result.push_back({subject.substr(subject.find('.') + 1), counts.answered,
                      counts.failed, counts.last_error,
                      static_cast<std::uint64_t>(counts.busy.count())});
  return result;
}

caf::expected<std::vector<std::shared_ptr<void>>>
announce_roles(const jetstream::connection& on, const settings& config,
               const question_statistics& questions) {
  std::vector<std::shared_ptr<void>> result;
  for (auto as : config.node.roles) {
    if (as == role::sim)
      continue;
    auto made = jetstream::announce(
      on, describe(config, as), [questions] { return numbers_of(questions); });
    if (!made)
      return made.error();
    result.push_back(std::move(*made));
  }
  return result;
}

} // namespace

caf::expected<bus_connection>
open_bus(const settings& config, log& journal,
         std::function<void(const std::string& problem)> on_state,
         std::function<bool()> stopping) {
  if (config.bus.embedded())
    return open_embedded(config, journal);
  auto options = options_of(config);
  options.stopping = std::move(stopping);
  if (on_state) {
    for (const auto& [name, max_age] : all_buckets())
      options.buckets.push_back({name, max_age});
    options.on_state = [on_state](bool up, const std::string& why) {
      on_state(up ? std::string{} : "the connection to NATS is lost: " + why);
    };
  }
  auto opened = jetstream::open(options, journal);
  if (!opened)
    return with_context(opened.error(), "bus.url");
  return bus_connection{.messages = opened->messages,
                        .questions = opened->questions,
                        .announce =
                          [on = *opened, config](const auto& questions) {
                            return announce_roles(on, config, questions);
                          },
                        .lacks = opened->lacks,
                        .give_up = opened->give_up};
}

caf::expected<std::shared_ptr<bus>>
open_bus_to_read(const settings& config, log& journal) {
  if (!config.bus.embedded()) {
    auto opened = open_bus(config, journal);
    if (!opened)
      return opened.error();
    return std::move(opened->messages);
  }
  auto opened = embedded_bus::open_copy(config.bus.path, journal);
  if (!opened)
    return with_context(opened.error(), "bus.path");
  return opened;
}

} // namespace stravasync
