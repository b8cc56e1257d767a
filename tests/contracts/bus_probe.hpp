#pragma once

#include "actors/ports/bus.hpp"
#include "messages/error.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

/// @file
/// A bus as tests like to use it: calls wait for their answer.

namespace stravasync::test {

/// No answer within it is a failure. Generous: the machine may be busy.
inline constexpr auto patience = std::chrono::seconds{30};

/// Makes the call and waits for its answer. Throws after `patience`.
template <class T>
caf::expected<T> await(const std::function<void(completion<T>)>& call) {
  auto answer = std::make_shared<std::promise<caf::expected<T>>>();
  auto result = answer->get_future();
  call([answer](caf::expected<T> x) { answer->set_value(std::move(x)); });
  if (result.wait_for(patience) != std::future_status::ready)
    throw std::runtime_error("no answer");
  return result.get();
}

/// What a subscription or a watch was given.
template <class T>
class inbox_of {
public:
  void put(T what) {
    auto lock = std::lock_guard{mutex_};
    all_.push_back(std::move(what));
    changed_.notify_all();
  }

  /// Waits until at least `count` came. @returns whether they did.
  bool wait_for(std::size_t count,
                std::chrono::milliseconds limit = patience) const {
    auto lock = std::unique_lock{mutex_};
    return changed_.wait_for(lock, limit, [&] { return all_.size() >= count; });
  }

  [[nodiscard]] std::size_t size() const {
    auto lock = std::lock_guard{mutex_};
    return all_.size();
  }

  /// Waits for it; throws if it does not come.
  T at(std::size_t index) const {
    if (!wait_for(index + 1))
      throw std::runtime_error("delivery " + std::to_string(index)
                               + " did not come");
    auto lock = std::lock_guard{mutex_};
    return all_[index];
  }

  [[nodiscard]] std::vector<T> all() const {
    auto lock = std::lock_guard{mutex_};
    return all_;
  }

  [[nodiscard]] std::vector<std::uint64_t> sequences() const {
    std::vector<std::uint64_t> result;
    auto lock = std::lock_guard{mutex_};
    for (const auto& d : all_)
      result.push_back(d.sequence);
    return result;
  }

private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<T> all_;
};

/// A subscription with its inbox. `in` outlives `on`'s callback.
template <class T>
struct reader_of {
  std::shared_ptr<inbox_of<T>> in;
  std::shared_ptr<subscription> on;

  [[nodiscard]] caf::expected<bool> settle(const T& d, settlement what) const {
    return await<bool>([&](auto done) { on->settle(d.token, what, done); });
  }

  [[nodiscard]] bool ack(const T& d) const {
    return settle(d, {}).engaged();
  }

  [[nodiscard]] bool nak(const T& d, milliseconds delay) const {
    return settle(d, {settlement::kind::nak, delay}).engaged();
  }
};

using inbox = inbox_of<delivery>;
using reader = reader_of<delivery>;
using exhausted_reader = reader_of<exhausted_delivery>;

/// A watch with its inbox. `in` outlives `on`'s callback.
struct watch_reader {
  std::shared_ptr<inbox_of<key_value_change>> in;
  std::shared_ptr<key_value_watch> on;
};

[[nodiscard]] inline envelope
message(std::string subject, std::string payload = "x", std::string id = "") {
  envelope result{std::move(subject), {}, std::move(payload)};
  if (!id.empty())
    result.headers.emplace(header::message_id, std::move(id));
  return result;
}

class bus_probe {
public:
  explicit bus_probe(std::shared_ptr<bus> on) : bus_(std::move(on)) {
  }

  /// For calls whose answer is the test's own matter.
  [[nodiscard]] bus& raw() const {
    return *bus_;
  }

  [[nodiscard]] caf::expected<publish_ack> publish(envelope what) const {
    return await<publish_ack>(
      [&](auto done) { bus_->publish(std::move(what), done); });
  }

  /// Publishes one message per payload "1" to `count`, all in flight at once.
  /// @returns how many were acknowledged.
  [[nodiscard]] std::size_t
  publish_many(const std::string& subject, std::size_t count) const {
    std::vector<std::future<bool>> answers;
    for (std::size_t i = 1; i <= count; ++i) {
      auto answer = std::make_shared<std::promise<bool>>();
      answers.push_back(answer->get_future());
      bus_->publish(message(subject, std::to_string(i)),
                    [answer](const auto& x) { answer->set_value(bool{x}); });
    }
    auto acked = std::size_t{0};
    for (auto& answer : answers)
      if (answer.wait_for(patience) == std::future_status::ready
          && answer.get())
        ++acked;
    return acked;
  }

  [[nodiscard]] caf::expected<bool> ensure(stream_config config) const {
    return await<bool>([&](auto done) { bus_->ensure(config, done); });
  }

  [[nodiscard]] caf::expected<bool> apply(stream_config config) const {
    return await<bool>([&](auto done) { bus_->apply(config, done); });
  }

  [[nodiscard]] caf::expected<bool> apply(consumer_options options) const {
    return await<bool>([&](auto done) { bus_->apply(options, done); });
  }

  [[nodiscard]] caf::expected<bool>
  remove(const std::string& stream, std::uint64_t sequence) const {
    return await<bool>(
      [&](auto done) { bus_->remove(stream, sequence, done); });
  }

  [[nodiscard]] caf::expected<std::shared_ptr<subscription>>
  subscribe(consumer_options options, delivery_callback callback) const {
    return await<std::shared_ptr<subscription>>([&](auto done) {
      bus_->subscribe(std::move(options), std::move(callback), done);
    });
  }

  /// Throws if it fails.
  [[nodiscard]] reader
  join(consumer_options options, std::size_t credit = 0) const {
    auto in = std::make_shared<inbox>();
    auto on = subscribe(std::move(options),
                        [in](delivery d) { in->put(std::move(d)); });
    if (!on)
      throw std::runtime_error(detail_of(on.error()));
    if (credit > 0)
      (*on)->request(credit);
    return {in, *on};
  }

  /// Joins a durable of notices. Throws if it fails.
  [[nodiscard]] exhausted_reader
  join_exhausted(const std::string& durable, std::size_t credit = 0) const {
    auto in = std::make_shared<inbox_of<exhausted_delivery>>();
    auto on = await<std::shared_ptr<subscription>>([&](auto done) {
      bus_->subscribe_exhausted(
        durable, [in](exhausted_delivery x) { in->put(std::move(x)); }, done);
    });
    if (!on)
      throw std::runtime_error(detail_of(on.error()));
    if (credit > 0)
      (*on)->request(credit);
    return {in, *on};
  }

  /// The only stream of that name; throws if there is none.
  [[nodiscard]] stream_state describe(const std::string& name) const {
    auto all = await<std::vector<stream_state>>(
      [&](auto done) { bus_->describe(done); });
    if (all)
      for (auto& state : *all)
        if (state.config.name == name)
          return state;
    throw std::runtime_error("no stream " + name);
  }

  /// Throws if it fails.
  [[nodiscard]] std::vector<stored_message> read(read_options options) const {
    auto result = await<std::vector<stored_message>>(
      [&](auto done) { bus_->read(options, done); });
    if (!result)
      throw std::runtime_error(detail_of(result.error()));
    return *result;
  }

  [[nodiscard]] caf::expected<std::optional<stored_message>>
  last(const std::string& stream, const std::string& filter) const {
    return await<std::optional<stored_message>>(
      [&](auto done) { bus_->last(stream, filter, done); });
  }

  [[nodiscard]] caf::expected<std::optional<key_value_entry>>
  get(const std::string& bucket, const std::string& key) const {
    return await<std::optional<key_value_entry>>(
      [&](auto done) { bus_->get(bucket, key, done); });
  }

  [[nodiscard]] caf::expected<std::uint64_t>
  put(const std::string& bucket, const std::string& key,
      const std::string& value, std::uint64_t expected) const {
    return await<std::uint64_t>(
      [&](auto done) { bus_->put(bucket, key, value, expected, done); });
  }

  [[nodiscard]] caf::expected<bool>
  erase(const std::string& bucket, const std::string& key) const {
    return await<bool>([&](auto done) { bus_->erase(bucket, key, done); });
  }

  [[nodiscard]] caf::expected<std::vector<std::string>>
  keys(const std::string& bucket) const {
    return await<std::vector<std::string>>(
      [&](auto done) { bus_->keys(bucket, done); });
  }

  [[nodiscard]] caf::expected<std::shared_ptr<key_value_watch>>
  watch(const std::string& bucket, key_value_callback on_change) const {
    return await<std::shared_ptr<key_value_watch>>(
      [&](auto done) { bus_->watch(bucket, std::move(on_change), done); });
  }

  /// Throws if it fails.
  [[nodiscard]] watch_reader watch(const std::string& bucket) const {
    auto in = std::make_shared<inbox_of<key_value_change>>();
    auto on = watch(bucket,
                    [in](key_value_change x) { in->put(std::move(x)); });
    if (!on)
      throw std::runtime_error(detail_of(on.error()));
    return {in, *on};
  }

private:
  std::shared_ptr<bus> bus_;
};

/// Asks until `condition` holds. @returns whether it did in time.
template <class Condition>
bool eventually(Condition&& condition) {
  auto end = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end)
      return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  return true;
}

/// @returns the code of what failed, `none` if nothing did.
template <class T>
ec failure_code(const caf::expected<T>& result) {
  return result ? ec::none : code_of(result.error());
}

} // namespace stravasync::test
