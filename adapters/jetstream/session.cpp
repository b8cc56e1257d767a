#include "adapters/jetstream/session.hpp"

#include "adapters/jetstream/faults.hpp"
#include "adapters/jetstream/stoppable.hpp"
#include "messages/error.hpp"

#include <future>
#include <utility>

namespace stravasync::jetstream {

namespace {

using namespace std::chrono_literals;

constexpr auto tick_period = 250ms;
constexpr auto api_deadline = 10'000ms; // Of JetStream.
constexpr auto first_answer_deadline = 5s;
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
  auto failure = made->start();
  if (!failure)
    failure = made->check_jetstream();
  if (!failure)
    return owner;
  if (how.stopping && how.stopping())
    made->give_up();
  return failure;
}

connection_handle session::connection() {
  auto lock = std::lock_guard{mutex_};
  return connection_;
}

caf::error session::start() {
  auto begun = dial();
  if (!begun)
    return std::move(begun.error());
  auto made = (*begun)->wait(how_.stopping);
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
  if (!comes(got, first_answer_deadline, how_.stopping))
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
  dialing_.reset();
}

void session::give_up() {
  given_up_ = true;
  worker_.post([x = exchange_] { x->fail_all(connection_lost()); });
}

void session::publish(outgoing what, reply_callback done) {
  auto refuse = [&](caf::error why) {
    post([done, why = std::move(why)] { done(why); });
  };
  if (!up())
    return refuse(connection_lost());
  auto until = std::chrono::steady_clock::now() + api_deadline;
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
  request({subject, {}, std::move(json)}, api_deadline,
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
  // Without a connection just now, the next one brings it.
  auto over = connection();
  if (auto failure = made->listen(over.get());
      failure && !natsConnection_IsClosed(over.get()))
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
