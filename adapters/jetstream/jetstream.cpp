#include "adapters/jetstream/jetstream.hpp"

#include "adapters/jetstream/jetstream_bus.hpp"
#include "adapters/jetstream/questions.hpp"
#include "adapters/jetstream/session.hpp"

namespace stravasync::jetstream {

caf::expected<connection> open(const options& how, log& log) {
  auto link = session::connect(how, log);
  if (!link)
    return std::move(link.error());
  return connection{.messages = std::make_shared<jetstream_bus>(*link),
                    .questions = std::make_shared<jetstream_requests>(*link),
                    .link = *link};
}

} // namespace stravasync::jetstream
