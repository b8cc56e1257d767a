#include "adapters/jetstream/session.hpp"

#include "adapters/jetstream/connecting.hpp"
#include "adapters/jetstream/faults.hpp"
#include "messages/error.hpp"

#include <future>
#include <utility>

namespace stravasync::jetstream {

namespace {

using namespace std::chrono_literals;

constexpr auto tick_period = 250ms;
constexpr auto answer_deadline = 10'000ms; // Of JetStream.
constexpr auto first_answer_deadline = 5s;
constexpr auto reopen_pause = 2s;
constexpr auto flush_timeout = 2'000; // Milliseconds.

std::string inbox_base() {
  natsInbox* made = nullptr;
  if (natsInbox_Create(&made) != NATS_OK)
    return "_INBOX.stravasync";
  auto result = std::string{made};
  natsInbox_Destroy(made);
  return result;
}

void read_answer(const session::answer_callback& done,
                 caf::expected<received> got) {
  if (!got)
    return done(got.error());
  if (got->status() == 503)
    return done(make_failure(ec::unavailable,
                             "JetStream does not answer on this server: "
                             "is it enabled there?"));
  auto answer = json_value::parse(got->data());
  if (answer && answer->has("error"))
    return done(failure_of(*answer));
  done(std::move(answer));
}

} // namespace

session::session(const options& how, log& log)
  : how_(how),
    log_(log),
    inbox_(inbox_base()),
    exchange_(std::make_shared<exchange>(inbox_ + ".r.",
                                         how.publish_in_flight_max, worker_)) {
}

caf::expected<std::shared_ptr<session>>
session::connect(const options& how, log& log) {
  auto made = std::shared_ptr<session>{new session{how, log}};
  auto owner = std::shared_ptr<session>{
    made.get(), [made](session* ending) { ending->close(); }};
  if (auto failure = made->start())
    return failure;
  if (auto failure = made->check_jetstream())
    return failure;
  return owner;
}

caf::expected<connection_handle> session::dial() {
  auto how = client_options(how_);
  if (!how)
    return std::move(how.error());
  // Goes with the last callback, `on_closed`.
  auto closure = std::make_unique<std::weak_ptr<session>>(weak_from_this());
  auto* self = closure.get();
  natsOptions_SetDisconnectedCB(how->get(), &on_disconnected, self);
  natsOptions_SetReconnectedCB(how->get(), &on_reconnected, self);
  natsOptions_SetClosedCB(how->get(), &on_closed, self);
  natsOptions_SetErrorHandler(how->get(), &on_error, self);
  natsConnection* made = nullptr;
  auto status = natsConnection_Connect(&made, how->get());
  if (status != NATS_OK)
    return connect_failure(status, how_);
  closure.release();
  return connection_handle{made, natsConnection_Destroy};
}

connection_handle session::connection() {
  auto lock = std::lock_guard{mutex_};
  return connection_;
}

caf::error session::start() {
  auto made = dial();
  if (!made)
    return std::move(made.error());
  connection_ = std::move(*made);
  auto replies
    = listen({.subject = inbox_ + ".r.*"},
             [to = exchange_](const received& what) { to->answered(what); });
  if (!replies)
    return std::move(replies.error());
  replies_ = std::move(*replies);
  sender_ = std::thread{
    [this, from = exchange_] { from->run([this] { return connection(); }); }};
  worker_.start(tick_period, [self = weak_from_this()] {
    if (auto here = self.lock())
      here->on_tick();
  });
  return {};
}

caf::error session::check_jetstream() {
  auto answer = std::make_shared<std::promise<caf::error>>();
  auto got = answer->get_future();
  call("$JS.API.INFO", "", [answer](const auto& x) {
    answer->set_value(x ? caf::error{} : x.error());
  });
  if (got.wait_for(first_answer_deadline) != std::future_status::ready)
    return make_failure(ec::unavailable, "JetStream does not answer");
  auto failure = got.get();
  return failure ? with_context(failure, "JetStream cannot be used")
                 : std::move(failure);
}

session::~session() = default;

void session::close() {
  exchange_->stop();
  if (sender_.joinable())
    sender_.join();
  connection_handle last;
  {
    auto lock = std::lock_guard{mutex_};
    closing_ = true;
    last = connection_;
  }
  if (last) {
    if (up_.exchange(false) && !given_up_)
      natsConnection_FlushTimeout(last.get(), flush_timeout);
    natsConnection_Close(last.get());
  }
  replies_.reset();
  worker_.post([x = exchange_] { x->fail_all(connection_lost()); });
  worker_.stop();
}

void session::give_up() {
  given_up_ = true;
  worker_.post([x = exchange_] { x->fail_all(connection_lost()); });
}

/// The library reconnects by itself, but gives up when its login is refused
/// twice.
void session::reopen_if_due(steady_time now) {
  if (!reopen_at_ || now < *reopen_at_)
    return;
  auto made = dial();
  if (!made) {
    reopen_at_ = std::chrono::steady_clock::now() + reopen_pause;
    refused_again(detail_of(made.error()));
    return;
  }
  reopen_at_.reset();
  refusal_.clear();
  std::vector<std::shared_ptr<inlet>> inlets;
  {
    auto lock = std::lock_guard{mutex_};
    if (closing_)
      return natsConnection_Close(made->get());
    connection_.swap(*made);
    for (const auto& each : inlets_)
      if (auto here = each.lock())
        inlets.push_back(std::move(here));
  }
  for (const auto& each : inlets)
    if (auto failure = each->listen(connection().get()))
      log_.error("a subject cannot be listened to",
                 {{"reason", detail_of(failure)}});
  came_up();
}

void session::publish(outgoing what, reply_callback done) {
  auto refuse = [&](caf::error why) {
    post([done, why = std::move(why)] { done(why); });
  };
  if (!up())
    return refuse(connection_lost());
  auto until = std::chrono::steady_clock::now() + answer_deadline;
  if (!exchange_->publish(std::move(what), until, done))
    refuse(
      make_failure(ec::unavailable, "too many messages wait to be published"));
}

void session::request(outgoing what, milliseconds deadline,
                      reply_callback done) {
  if (!up())
    return post([done = std::move(done)] { done(connection_lost()); });
  exchange_->request(std::move(what),
                     std::chrono::steady_clock::now() + deadline,
                     std::move(done));
}

void session::call(const std::string& subject, std::string json,
                   answer_callback done) {
  request({subject, {}, std::move(json)}, answer_deadline,
          [done = std::move(done)](caf::expected<received> got) {
            read_answer(done, std::move(got));
          });
}

caf::expected<std::shared_ptr<inlet>>
session::listen(inlet::place where, inlet::handler then) {
  auto made = std::make_shared<inlet>(std::move(where), std::move(then));
  {
    auto lock = std::lock_guard{mutex_};
    std::erase_if(inlets_, [](const auto& each) { return each.expired(); });
    inlets_.push_back(made);
  }
  if (auto failure = made->listen(connection().get()))
    return failure;
  // Its end must not wait for a reconnect that looks at it just now.
  return std::shared_ptr<inlet>{made.get(),
                                [made, self = weak_from_this()](inlet* ended) {
                                  ended->close();
                                  if (auto here = self.lock())
                                    here->retire(made);
                                }};
}

void session::retire(std::shared_ptr<inlet> what) {
  auto lock = std::lock_guard{mutex_};
  retired_.emplace_back(std::chrono::steady_clock::now(), std::move(what));
}

void session::add(std::weak_ptr<session_listener> who) {
  auto lock = std::lock_guard{mutex_};
  std::erase_if(listeners_, [](const auto& each) { return each.expired(); });
  listeners_.push_back(std::move(who));
}

std::vector<std::shared_ptr<session_listener>> session::listeners() {
  std::vector<std::shared_ptr<session_listener>> result;
  auto lock = std::lock_guard{mutex_};
  for (const auto& each : listeners_)
    if (auto here = each.lock())
      result.push_back(std::move(here));
  return result;
}

std::string session::new_inbox() {
  return inbox_ + ".s" + std::to_string(++last_inbox_);
}

std::size_t session::max_payload() {
  constexpr auto usual = std::size_t{1} << 20; // Of a server that says none.
  auto most = natsConnection_GetMaxPayload(connection().get());
  return most > 0 ? static_cast<std::size_t>(most) : usual;
}

caf::error session::check_size(std::size_t size) {
  auto most = max_payload();
  if (size <= most)
    return {};
  return make_failure(ec::invalid_argument,
                      "the message has " + std::to_string(size)
                        + " bytes, the server's max_payload is "
                        + std::to_string(most));
}

} // namespace stravasync::jetstream
