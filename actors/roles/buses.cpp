#include "actors/roles/buses.hpp"

#include "adapters/embedded_bus/copy.hpp"
#include "adapters/embedded_bus/embedded_bus.hpp"
#include "messages/error.hpp"

namespace stravasync {

namespace {

caf::expected<bus_connection>
open_embedded(const settings& config, log& journal) {
  embedded_bus::options options;
  options.path = config.bus.path;
  auto opened = embedded_bus::open(options, journal);
  if (!opened)
    return with_context(opened.error(), "bus.path");
  return bus_connection{std::move(*opened), nullptr, nullptr};
}

} // namespace

caf::expected<bus_connection>
open_bus(const settings& config, log& journal,
         std::function<void(const std::string& problem)>) {
  return open_embedded(config, journal);
}

caf::expected<std::shared_ptr<bus>>
open_bus_to_read(const settings& config, log& journal) {
  auto opened = embedded_bus::open_copy(config.bus.path, journal);
  if (!opened)
    return with_context(opened.error(), "bus.path");
  return opened;
}

} // namespace stravasync
