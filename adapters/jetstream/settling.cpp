#include "adapters/jetstream/settling.hpp"

#include "adapters/jetstream/json.hpp"
#include "messages/error.hpp"

#include <utility>

namespace stravasync::jetstream {

namespace {

constexpr auto deadline = milliseconds{10'000};

std::string words_of(const settlement& what) {
  switch (what.decision) {
    case settlement::kind::ack:
      return "+ACK";
    case settlement::kind::nak:
      if (what.delay.count() <= 0)
        return "-NAK";
      return "-NAK {\"delay\":" + nanoseconds_text(what.delay) + "}";
    case settlement::kind::in_progress:
      return "+WPI";
    case settlement::kind::term:
      return "+TERM"; // A reason behind it is not understood by 2.9.
  }
  return {};
}

bool is_final(const settlement& what) {
  return what.decision == settlement::kind::ack
         || what.decision == settlement::kind::term;
}

} // namespace

joined_subscription::joined_subscription(std::shared_ptr<session> link,
                                         std::shared_ptr<puller> from,
                                         consumer_options options,
                                         std::shared_ptr<unsettled> open)
  : link_(std::move(link)),
    from_(std::move(from)),
    options_(std::move(options)),
    open_(std::move(open)) {
}

joined_subscription::~joined_subscription() {
  from_->close();
}

void joined_subscription::request(std::size_t credit) {
  from_->request(credit);
}

void joined_subscription::settle(std::string token, settlement what,
                                 completion<bool> done) {
  auto refuse = [&](caf::error why) {
    link_->post([done, why = std::move(why)] { done(why); });
  };
  auto where = parse_ack_subject(token);
  if (!where || where->stream != options_.stream
      || where->consumer != options_.durable)
    return refuse(make_failure(ec::not_found, "no delivery of this durable"));
  auto sequence = where->sequence;
  auto open = is_final(what) ? open_->remove(sequence) : open_->has(sequence);
  if (!open)
    return refuse(make_failure(ec::not_found, "this message is settled"));
  // Asking for an answer makes the server say that it took it.
  link_->request({std::move(token), {}, words_of(what)}, deadline,
                 [done = std::move(done), open_now = open_, sequence,
                  final = is_final(what)](const caf::expected<received>& got) {
                   if (got && got->status() == 503)
                     return done(
                       make_failure(ec::not_found, "the durable is gone"));
                   if (got)
                     return done(true);
                   if (final)
                     open_now->add(sequence);
                   done(make_failure(ec::unavailable, detail_of(got.error())));
                 });
}

} // namespace stravasync::jetstream
