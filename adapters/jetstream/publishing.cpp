#include "adapters/jetstream/publishing.hpp"

#include "adapters/jetstream/faults.hpp"
#include "adapters/jetstream/header_values.hpp"
#include "adapters/jetstream/subjects.hpp"
#include "messages/error.hpp"

#include <utility>

namespace stravasync::jetstream {

namespace {

constexpr auto payload_max = std::size_t{8} << 20;

/// The server counts them, too, and ends the connection of who sends too much.
std::size_t header_bytes(const header_map& headers) {
  constexpr auto frame = std::size_t{14};  // "NATS/1.0", line breaks.
  constexpr auto of_each = std::size_t{4}; // ": ", a line break.
  auto result = headers.empty() ? 0 : frame;
  for (const auto& [name, value] : headers)
    result += name.size() + encoded_value(value).size() + of_each;
  return result;
}

caf::error check(session& over, const envelope& message) {
  auto wrong = [](std::string why) {
    return make_failure(ec::invalid_argument, std::move(why));
  };
  if (!publishable(message.subject))
    return wrong("subject '" + message.subject + "' cannot be published to");
  if (message.payload.size() > payload_max)
    return wrong("payload is above 8 MiB");
  for (const auto& [name, value] : message.headers)
    if (!usable_header_name(name))
      return wrong("'" + name + "' cannot be a header's name");
  return over.check_size(message.payload.size()
                         + header_bytes(message.headers));
}

caf::expected<publish_ack>
read_ack(const std::string& subject, const caf::expected<received>& got) {
  if (!got)
    return code_of(got.error()) == ec::timed_out
             ? make_failure(ec::unavailable, subject + ": no acknowledgement")
             : got.error();
  if (got->status() == 503)
    return make_failure(ec::not_found, "no stream takes '" + subject + "'");
  auto answer = json_value::parse(got->data());
  if (!answer)
    return std::move(answer.error());
  if (answer->has("error"))
    return with_context(failure_of(*answer), subject);
  if (answer->number("seq") == 0)
    return make_failure(ec::not_found,
                        "'" + subject + "' is answered, but by no stream");
  return publish_ack{answer->text("stream"), answer->number("seq"),
                     answer->flag("duplicate")};
}

} // namespace

void publish(session& over, envelope message, completion<publish_ack> done) {
  if (auto wrong = check(over, message))
    return over.post([done = std::move(done), wrong] { done(wrong); });
  auto subject = message.subject;
  over.publish({std::move(message.subject), std::move(message.headers),
                std::move(message.payload)},
               [subject, done = std::move(done)](caf::expected<received> got) {
                 done(read_ack(subject, got));
               });
}

} // namespace stravasync::jetstream
