#include "adapters/jetstream/advisories.hpp"

#include "adapters/jetstream/streams.hpp"

#include <utility>

namespace stravasync::jetstream {

namespace {

constexpr auto kept = std::chrono::hours{24 * 7};
constexpr auto bytes_max = std::uint64_t{64} << 20;

} // namespace

stream_config notices_config() {
  return {.name = std::string{notices_stream},
          .subjects = "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.>",
          .max_age = kept,
          .max_bytes = bytes_max};
}

consumer_options notices_options(std::string durable) {
  return {.stream = std::string{notices_stream},
          .durable = std::move(durable),
          .start = {.from = start_position::kind::next_new}};
}

delivery_callback notice_reader(exhausted_callback then) {
  return [then = std::move(then)](const delivery& what) {
    // What is no advisory reads as one of nothing; the caller settles it.
    auto said = json_value::parse(what.message.payload);
    auto notice = exhausted_delivery{.token = what.token};
    if (said) {
      notice.stream = said->text("stream");
      notice.durable = said->text("consumer");
      notice.sequence = said->number("stream_seq");
      notice.delivered = static_cast<std::uint32_t>(said->number("deliveries"));
    }
    then(std::move(notice));
  };
}

} // namespace stravasync::jetstream
