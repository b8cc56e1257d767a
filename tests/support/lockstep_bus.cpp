#include "tests/support/lockstep_bus.hpp"

#include <utility>

namespace test {

using namespace stravasync;

void lockstep_bus::inbox::push(std::function<void()> what, bool answers) {
  auto lock = std::lock_guard{guard};
  ready.push_back(std::move(what));
  if (answers)
    --owed;
  changed.notify_one();
}

template <class T>
completion<T> lockstep_bus::later(completion<T> done) {
  {
    auto lock = std::lock_guard{inbox_->guard};
    ++inbox_->owed;
  }
  return [to = inbox_, done = std::move(done)](caf::expected<T> result) {
    to->push([done, result = std::move(result)] { done(result); }, true);
  };
}

class lockstep_bus::member final : public subscription {
public:
  member(lockstep_bus& bus, std::shared_ptr<subscription> inner)
    : bus_{bus},
      inner_{std::move(inner)} {
  }

  void request(std::size_t credit) override {
    inner_->request(credit);
  }

  void
  settle(std::string token, settlement what, completion<bool> done) override {
    inner_->settle(std::move(token), what, bus_.later<bool>(std::move(done)));
  }

private:
  lockstep_bus& bus_;
  std::shared_ptr<subscription> inner_;
};

lockstep_bus::lockstep_bus(std::shared_ptr<bus> inner)
  : inner_{std::move(inner)} {
}

bool lockstep_bus::turn() {
  std::deque<std::function<void()>> came;
  {
    auto lock = std::unique_lock{inbox_->guard};
    inbox_->changed.wait(
      lock, [this] { return inbox_->owed == 0 || !inbox_->ready.empty(); });
    came.swap(inbox_->ready);
  }
  for (const auto& one : came)
    one();
  return !came.empty();
}

void lockstep_bus::poke() {
  // What a turn of the bus delivers follows its answers: the second comes after
  // what the first let out.
  for (auto i = 0; i < 2; ++i) {
    auto done = std::make_shared<bool>(false);
    get("SCHEDULES", "none", [done](auto&&) { *done = true; });
    while (!*done)
      turn();
  }
}

void lockstep_bus::publish(envelope message, completion<publish_ack> done) {
  inner_->publish(std::move(message), later(std::move(done)));
}

void lockstep_bus::subscribe(consumer_options options,
                             delivery_callback on_message,
                             completion<std::shared_ptr<subscription>> done) {
  auto arrived = [to = inbox_, on_message](delivery what) {
    to->push([on_message, what = std::move(what)] { on_message(what); }, false);
  };
  auto joined = [this, done = std::move(done)](
                  caf::expected<std::shared_ptr<subscription>> got) {
    if (got)
      *got = std::make_shared<member>(*this, *got);
    done(std::move(got));
  };
  inner_->subscribe(std::move(options), std::move(arrived),
                    later<std::shared_ptr<subscription>>(std::move(joined)));
}

void lockstep_bus::subscribe_exhausted(
  std::string durable, exhausted_callback on_exhausted,
  completion<std::shared_ptr<subscription>> done) {
  inner_->subscribe_exhausted(std::move(durable), std::move(on_exhausted),
                              later(std::move(done)));
}

void lockstep_bus::ensure(stream_config config, completion<bool> done) {
  inner_->ensure(std::move(config), later(std::move(done)));
}

void lockstep_bus::apply(stream_config config, completion<bool> done) {
  inner_->apply(std::move(config), later(std::move(done)));
}

void lockstep_bus::apply(consumer_options options, completion<bool> done) {
  inner_->apply(std::move(options), later(std::move(done)));
}

void lockstep_bus::describe(completion<std::vector<stream_state>> done) {
  inner_->describe(later(std::move(done)));
}

void lockstep_bus::read(read_options options,
                        completion<std::vector<stored_message>> done) {
  inner_->read(std::move(options), later(std::move(done)));
}

void lockstep_bus::last(std::string stream, std::string filter_subject,
                        completion<std::optional<stored_message>> done) {
  inner_->last(std::move(stream), std::move(filter_subject),
               later(std::move(done)));
}

void lockstep_bus::remove(std::string stream, std::uint64_t sequence,
                          completion<bool> done) {
  inner_->remove(std::move(stream), sequence, later(std::move(done)));
}

void lockstep_bus::get(std::string bucket, std::string key,
                       completion<std::optional<key_value_entry>> done) {
  inner_->get(std::move(bucket), std::move(key), later(std::move(done)));
}

void lockstep_bus::put(std::string bucket, std::string key, std::string value,
                       std::uint64_t expected, completion<std::uint64_t> done) {
  inner_->put(std::move(bucket), std::move(key), std::move(value), expected,
              later(std::move(done)));
}

void lockstep_bus::erase(std::string bucket, std::string key,
                         completion<bool> done) {
  inner_->erase(std::move(bucket), std::move(key), later(std::move(done)));
}

void lockstep_bus::keys(std::string bucket,
                        completion<std::vector<std::string>> done) {
  inner_->keys(std::move(bucket), later(std::move(done)));
}

void lockstep_bus::watch(std::string bucket, key_value_callback on_change,
                         completion<std::shared_ptr<key_value_watch>> done) {
  auto told = [to = inbox_, on_change](key_value_change what) {
    to->push([on_change, what = std::move(what)] { on_change(what); }, false);
  };
  inner_->watch(std::move(bucket), std::move(told), later(std::move(done)));
}

} // namespace test
