#include "adapters/jetstream/puller.hpp"

#include "adapters/jetstream/exchange.hpp"
#include "adapters/jetstream/faults.hpp"
#include "adapters/jetstream/json.hpp"
#include "messages/error.hpp"

#include <charconv>
#include <optional>
#include <utility>

namespace stravasync::jetstream {

namespace {

using namespace std::chrono_literals;

constexpr auto retry_pause = 1s;

std::optional<std::size_t> number_in(const std::string& text) {
  auto result = std::size_t{0};
  auto end = text.data() + text.size();
  if (text.empty() || std::from_chars(text.data(), end, result).ptr != end)
    return std::nullopt;
  return result;
}

} // namespace

puller::puller(std::shared_ptr<session> over, reader_options how,
               delivery_callback on_message, std::shared_ptr<unsettled> open)
  : over_(std::move(over)),
    how_(std::move(how)),
    told_how_(how_),
    on_message_(std::move(on_message)),
    open_(std::move(open)),
    inbox_(over_->new_inbox()) {
}

void puller::start(completion<joined_consumer> done) {
  auto self = shared_from_this();
  auto then =
    [self, done = std::move(done)](const caf::expected<joined_consumer>& got) {
      if (!got)
        return done(got.error());
      auto came = [weak = std::weak_ptr{self}](const received& what) {
        if (auto here = weak.lock())
          here->arrived(what);
      };
      auto in = self->over_->listen({.subject = self->inbox_ + ".*"}, came);
      if (!in)
        return done(in.error());
      self->inlet_ = std::move(*in);
      self->joined(got);
      self->over_->add(self);
      done(*got);
    };
  if (durable())
    join_durable(over_, how_.options, then);
  else
    make_ephemeral(over_, how_, then);
}

void puller::request(std::size_t credit) {
  auto lock = std::lock_guard{mutex_};
  ledger_.add_credit(credit);
  pull_if_needed();
}

void puller::close() {
  auto ephemeral = std::string{};
  {
    auto lock = std::lock_guard{mutex_};
    phase_ = phase::closed;
    if (!durable())
      ephemeral.swap(name_);
  }
  inlet_.reset();
  if (!ephemeral.empty())
    delete_consumer(*over_, how_.options.stream, ephemeral);
}

void puller::pull_if_needed() {
  if (phase_ != phase::ready)
    return;
  if (auto batch = ledger_.wanted(); batch > 0)
    pull(batch);
}

void puller::pull(std::size_t batch) {
  auto number = ledger_.begin(batch, steady_now());
  const auto& bounds = ledger_.bounds();
  over_->tell({"$JS.API.CONSUMER.MSG.NEXT." + how_.options.stream + "." + name_,
               {},
               "{\"batch\":" + std::to_string(batch) + ",\"expires\":"
                 + nanoseconds_text(bounds.expires) + ",\"idle_heartbeat\":"
                 + nanoseconds_text(bounds.heartbeat) + "}"},
              inbox_ + "." + std::to_string(number));
}

void puller::arrived(const received& what) {
  if (what.subject().starts_with(inbox_))
    return status(what);
  if (auto where = parse_ack_subject(what.reply()))
    take(what, std::move(*where));
}

void puller::take(const received& what, ack_subject where) {
  {
    auto lock = std::lock_guard{mutex_};
    if (phase_ == phase::closed || where.consumer != name_)
      return; // Of the reader's consumer before this one.
    if (!ledger_.take(steady_now())) {
      // Asked for twice around a reconnect.
      if (durable())
        over_->tell({std::string{what.reply()}, {}, "-NAK"});
      else
        restart(nullptr);
      return;
    }
    if (durable())
      open_->add(where.sequence);
    how_.last_per_subject = false;
    if (!durable())
      how_.options.start = {.from = start_position::kind::sequence,
                            .sequence = where.sequence + 1};
    pull_if_needed();
  }
  on_message_({.message = {std::string{what.subject()}, what.headers(),
                           std::string{what.data()}},
               .stream = std::move(where.stream),
               .sequence = where.sequence,
               .stored_at_ms = where.stored_at_ms,
               .delivered = where.delivered,
               .pending = where.pending,
               .token = std::string{what.reply()}});
}

void puller::status(const received& what) {
  auto code = what.status();
  auto text = what.header("Description");
  auto pull = number_in(std::string{what.subject().substr(inbox_.size() + 1)});
  auto lock = std::lock_guard{mutex_};
  ledger_.heard(steady_now());
  if (code == 100 || phase_ != phase::ready)
    return;
  // 404 and 408: nothing there in time. The rest of 409: a bound of the
  // server's or the consumer's.
  auto lost = code == 503 || text.find("Consumer Deleted") != std::string::npos
              || text.find("Leadership Change") != std::string::npos;
  if (lost)
    return restart(code == 503 ? "nobody answers" : text.c_str());
  ledger_.ended(pull.value_or(0),
                number_in(what.header("Nats-Pending-Messages")));
  if (code == 404 || code == 408)
    return pull_if_needed();
  over_->journal().warning(
    "a consumer refuses to be read",
    {{"stream", how_.options.stream}, {"consumer", name_}, {"reason", text}});
  restart(nullptr);
}

/// Locked. Joins again a little later.
void puller::restart(const char* why) {
  ledger_.forget();
  phase_ = phase::waiting;
  retry_at_ = steady_now() + retry_pause;
  if (why != nullptr)
    over_->journal().warning("a consumer was lost and is joined again",
                             {{"stream", how_.options.stream},
                              {"consumer", name_},
                              {"reason", std::string{why}}});
}

void puller::rejoin() {
  auto options = reader_options{};
  {
    auto lock = std::lock_guard{mutex_};
    if (phase_ == phase::closed || phase_ == phase::joining)
      return;
    phase_ = phase::joining;
    ledger_.forget();
    options = how_;
    if (!durable() && !name_.empty())
      delete_consumer(*over_, options.options.stream, name_);
  }
  if (options.options.durable.empty())
    return make_reader(std::move(options));
  join_durable(
    over_, options.options,
    [self = shared_from_this()](const auto& got) { self->joined(got); });
}

/// A reader goes on after the last message that it had, unless the stream ends
/// before that: then it is another one than it was, and read from its start.
void puller::make_reader(reader_options how) {
  using kind = start_position::kind;
  auto self = shared_from_this();
  auto joined = [self](const auto& got) { self->joined(got); };
  if (how.options.start.from != kind::sequence)
    return make_ephemeral(over_, how, joined);
  over_->call("$JS.API.STREAM.INFO." + how.options.stream, "",
              [self, how, joined](const caf::expected<json_value>& info) {
                if (!info)
                  return joined(info.error());
                auto end = info->at("state").number("last_seq");
                auto again = how;
                if (end + 1 < how.options.start.sequence) {
                  again = self->told_how_;
                  if (again.options.start.from == kind::next_new)
                    again.options.start = {.from = kind::first};
                }
                make_ephemeral(self->over_, again, joined);
              });
}

void puller::joined(const caf::expected<joined_consumer>& got) {
  auto lock = std::lock_guard{mutex_};
  if (phase_ == phase::closed) {
    if (got && !durable())
      delete_consumer(*over_, how_.options.stream, got->name);
    return;
  }
  // Somebody changed the durable meanwhile: it is still ours to read.
  auto usable = got || code_of(got.error()) == ec::conflict;
  if (!usable) {
    phase_ = phase::waiting;
    retry_at_ = steady_now() + retry_pause;
    if (over_->up() && !std::exchange(told_, true))
      over_->journal().error("a consumer cannot be joined",
                             {{"stream", how_.options.stream},
                              {"durable", how_.options.durable},
                              {"reason", detail_of(got.error())}});
    return;
  }
  told_ = false;
  phase_ = phase::ready;
  name_ = got ? got->name : how_.options.durable;
  ledger_.forget();
  // What comes while a reader is away must not be missed.
  if (got && how_.options.start.from == start_position::kind::next_new
      && !durable())
    how_.options.start = {.from = start_position::kind::sequence,
                          .sequence = got->delivered + 1};
  pull_if_needed();
}

void puller::reconnected() {
  rejoin();
}

void puller::tick(steady_time time) {
  {
    auto lock = std::lock_guard{mutex_};
    if (phase_ == phase::ready) {
      ledger_.expire(time);
      if (ledger_.silent(time))
        restart("no heartbeat");
      else
        pull_if_needed();
    }
    if (phase_ != phase::waiting || time < retry_at_ || !over_->up())
      return;
  }
  rejoin();
}

} // namespace stravasync::jetstream
