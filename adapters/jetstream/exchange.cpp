#include "adapters/jetstream/exchange.hpp"

#include "adapters/jetstream/faults.hpp"
#include "adapters/jetstream/header_values.hpp"
#include "messages/error.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace stravasync::jetstream {

namespace {

constexpr auto publish_bytes_max = std::size_t{64} << 20;

natsStatus send_with_headers(natsConnection* over, const outgoing& what,
                             const char* reply) {
  natsMsg* made = nullptr;
  auto status = natsMsg_Create(&made, what.subject.c_str(), reply,
                               what.payload.data(),
                               static_cast<int>(what.payload.size()));
  auto message = message_handle{made};
  for (const auto& [name, value] : what.headers)
    if (status == NATS_OK)
      status = natsMsgHeader_Set(made, name.c_str(),
                                 encoded_value(value).c_str());
  return status == NATS_OK ? natsConnection_PublishMsg(over, made) : status;
}

natsStatus
send_plain(natsConnection* over, const outgoing& what, const char* reply) {
  auto size = static_cast<int>(what.payload.size());
  if (reply == nullptr)
    return natsConnection_Publish(over, what.subject.c_str(),
                                  what.payload.data(), size);
  return natsConnection_PublishRequest(over, what.subject.c_str(), reply,
                                       what.payload.data(), size);
}

} // namespace

exchange::exchange(std::string inbox, std::size_t in_flight_max,
                   callbacks::callback_thread& elsewhere)
  : inbox_(std::move(inbox)),
    in_flight_max_(in_flight_max),
    elsewhere_(elsewhere) {
}

std::uint64_t exchange::remember(const outgoing& what, steady_time until,
                                 reply_callback done) {
  auto id = ++last_id_;
  waiting_.emplace(id, waiting{what.subject, until, std::move(done)});
  return id;
}

bool exchange::publish(outgoing what, steady_time until, reply_callback done) {
  {
    auto lock = std::lock_guard{mutex_};
    auto size = what.payload.size();
    if (publishes_.size() >= 2 * in_flight_max_
        || (!publishes_.empty() && publish_bytes_ + size > publish_bytes_max))
      return false;
    auto id = remember(what, until, std::move(done));
    publish_bytes_ += size;
    publishes_.push_back({std::move(what), {}, id});
  }
  changed_.notify_one();
  return true;
}

void exchange::request(outgoing what, steady_time until, reply_callback done) {
  {
    auto lock = std::lock_guard{mutex_};
    auto id = remember(what, until, std::move(done));
    urgent_.push_back({std::move(what), {}, id});
  }
  changed_.notify_one();
}

void exchange::tell(outgoing what, std::string reply) {
  {
    auto lock = std::lock_guard{mutex_};
    urgent_.push_back({std::move(what), std::move(reply), 0});
  }
  changed_.notify_one();
}

reply_callback exchange::take(table::iterator which) {
  auto done = std::move(which->second.done);
  if (which->second.in_flight && in_flight_-- == in_flight_max_)
    changed_.notify_one();
  waiting_.erase(which);
  return done;
}

reply_callback exchange::forget(std::uint64_t id) {
  auto lock = std::lock_guard{mutex_};
  auto found = waiting_.find(id);
  return found == waiting_.end() ? reply_callback{} : take(found);
}

void exchange::answered(const received& what) {
  auto text = what.subject();
  text.remove_prefix(std::min(inbox_.size(), text.size()));
  auto id = std::uint64_t{0};
  std::from_chars(text.data(), text.data() + text.size(), id);
  if (auto done = forget(id))
    done(what);
}

template <class Condition>
exchange::finished exchange::forget_if(Condition&& condition) {
  finished result;
  auto lock = std::lock_guard{mutex_};
  for (auto each = waiting_.begin(); each != waiting_.end();) {
    auto here = each++;
    if (condition(here->second))
      result.push_back(take(here));
  }
  return result;
}

void exchange::fail_all(const caf::error& why) {
  for (auto& done : forget_if([](const waiting&) { return true; }))
    done(why);
}

void exchange::fail_subject(std::string_view subject, const caf::error& why) {
  auto is_it = [&](const waiting& w) { return w.subject == subject; };
  for (auto& done : forget_if(is_it))
    done(why);
}

void exchange::expire(steady_time now) {
  auto over = [now](const waiting& w) { return w.until <= now; };
  for (auto& done : forget_if(over))
    done(make_failure(ec::timed_out, "NATS did not answer in time"));
}

bool exchange::next(letter& out) {
  auto lock = std::unique_lock{mutex_};
  auto may_publish = [this] {
    return !publishes_.empty() && (stopping_ || in_flight_ < in_flight_max_);
  };
  changed_.wait(lock,
                [&] { return stopping_ || !urgent_.empty() || may_publish(); });
  if (!urgent_.empty()) {
    out = std::move(urgent_.front());
    urgent_.pop_front();
    return true;
  }
  if (!may_publish())
    return false;
  out = std::move(publishes_.front());
  publishes_.pop_front();
  publish_bytes_ -= out.what.payload.size();
  if (auto found = waiting_.find(out.id); found != waiting_.end()) {
    found->second.in_flight = true;
    ++in_flight_;
  }
  return true;
}

void exchange::run(const std::function<connection_handle()>& connection) {
  letter what;
  while (next(what))
    send(connection().get(), what);
}

void exchange::send(natsConnection* over, letter& what) {
  if (what.id != 0) {
    auto lock = std::lock_guard{mutex_};
    // Answered already, because the connection was lost: sending it after all
    // would surprise whoever was told so.
    if (!waiting_.contains(what.id))
      return;
    what.reply = inbox_ + std::to_string(what.id);
  } else if (natsConnection_Status(over) != NATS_CONN_STATUS_CONNECTED) {
    return;
  }
  const auto* reply = what.reply.empty() ? nullptr : what.reply.c_str();
  auto status = what.what.headers.empty()
                  ? send_plain(over, what.what, reply)
                  : send_with_headers(over, what.what, reply);
  if (status == NATS_OK || what.id == 0)
    return;
  if (auto done = forget(what.id))
    elsewhere_.post(
      [done, why = failure_of(status, what.what.subject)] { done(why); });
}

void exchange::stop() {
  {
    auto lock = std::lock_guard{mutex_};
    stopping_ = true;
  }
  changed_.notify_all();
}

} // namespace stravasync::jetstream
