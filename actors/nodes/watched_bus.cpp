#include "actors/nodes/watched_bus.hpp"

#include "messages/error.hpp"

#include <algorithm>
#include <utility>

namespace stravasync {

namespace {

std::string stream_that_takes(const std::string& subject) {
  for (const auto& one : streams())
    if (subject_matches(one.subjects, subject))
      return std::string{one.name};
  return {};
}

class watched_bus final : public bus {
public:
  watched_bus(std::shared_ptr<bus> inner, health_record record,
              std::function<bool()> connected)
    : inner_{std::move(inner)},
      noted_{std::make_shared<const notes>(
        notes{std::move(record), std::move(connected)})} {
  }

  void publish(envelope message, completion<publish_ack> done) override {
    auto stream = stream_that_takes(message.subject);
    if (stream.empty()) // Nothing that nodes need.
      return inner_->publish(std::move(message), std::move(done));
    inner_->publish(
      std::move(message),
      noting(streams_part, publishing_thing(stream), std::move(done)));
  }

  void subscribe(consumer_options options, delivery_callback on_message,
                 completion<std::shared_ptr<subscription>> done) override {
    inner_->subscribe(std::move(options), std::move(on_message),
                      std::move(done));
  }

  void
  subscribe_exhausted(std::string durable, exhausted_callback on_exhausted,
                      completion<std::shared_ptr<subscription>> done) override {
    inner_->subscribe_exhausted(std::move(durable), std::move(on_exhausted),
                                std::move(done));
  }

  void ensure(stream_config config, completion<bool> done) override {
    inner_->ensure(std::move(config), std::move(done));
  }

  void apply(stream_config config, completion<bool> done) override {
    inner_->apply(std::move(config), std::move(done));
  }

  void apply(consumer_options options, completion<bool> done) override {
    inner_->apply(std::move(options), std::move(done));
  }

  void describe(completion<std::vector<stream_state>> done) override {
    inner_->describe(std::move(done));
  }

  void read(read_options options,
            completion<std::vector<stored_message>> done) override {
    inner_->read(std::move(options), std::move(done));
  }

  void last(std::string stream, std::string filter_subject,
            completion<std::optional<stored_message>> done) override {
    inner_->last(std::move(stream), std::move(filter_subject), std::move(done));
  }

  void remove(std::string stream, std::uint64_t sequence,
              completion<bool> done) override {
    inner_->remove(std::move(stream), sequence, std::move(done));
  }

  void get(std::string bucket, std::string key,
           completion<std::optional<key_value_entry>> done) override {
    auto told = noting(buckets_part, reading_thing(bucket), std::move(done));
    inner_->get(std::move(bucket), std::move(key), std::move(told));
  }

  void put(std::string bucket, std::string key, std::string value,
           std::uint64_t expected, completion<std::uint64_t> done) override {
    auto told = noting(buckets_part, bucket_thing(bucket), std::move(done));
    inner_->put(std::move(bucket), std::move(key), std::move(value), expected,
                std::move(told));
  }

  void
  erase(std::string bucket, std::string key, completion<bool> done) override {
    auto told = noting(buckets_part, bucket_thing(bucket), std::move(done));
    inner_->erase(std::move(bucket), std::move(key), std::move(told));
  }

  void
  keys(std::string bucket, completion<std::vector<std::string>> done) override {
    auto told = noting(buckets_part, reading_thing(bucket), std::move(done));
    inner_->keys(std::move(bucket), std::move(told));
  }

  void watch(std::string bucket, key_value_callback on_change,
             completion<std::shared_ptr<key_value_watch>> done) override {
    auto told = noting(buckets_part, reading_thing(bucket), std::move(done));
    inner_->watch(std::move(bucket), std::move(on_change), std::move(told));
  }

private:
  struct notes {
    health_record record;
    std::function<bool()> connected;

    void failed(const std::string& part, const std::string& thing,
                const caf::error& why) const {
      if (connected())
        record.failed(part, thing, why);
    }

    /// Whether it is known to work when a call of it was refused for what was
    /// asked: what was not stored says nothing of the room for it.
    [[nodiscard]] bool
    shows_working(const std::string& part, const std::string& thing) const {
      auto failed = record.last_failure(part, thing);
      return !failed || failed->code != ec::full;
    }
  };

  template <class T>
  completion<T>
  noting(const char* part, std::string thing, completion<T> done) const {
    return [noted = noted_, part, thing = std::move(thing),
            done = std::move(done)](caf::expected<T> got) {
      if (!got && is_bus_trouble(got.error()))
        noted->failed(part, thing, got.error());
      else if (got || noted->shows_working(part, thing))
        noted->record.worked(part, thing);
      done(std::move(got));
    };
  }

  std::shared_ptr<bus> inner_;
  std::shared_ptr<const notes> noted_;
};

} // namespace

std::string stream_thing(const std::string& stream) {
  return "stream " + stream;
}

std::string publishing_thing(const std::string& stream) {
  return "publishing to " + stream;
}

std::string bucket_thing(const std::string& bucket) {
  return "bucket " + bucket;
}

std::string reading_thing(const std::string& bucket) {
  return "reading bucket " + bucket;
}

bool is_bus_trouble(const caf::error& why) {
  switch (code_of(why)) {
    case ec::not_found: // No such stream.
    case ec::unavailable:
    case ec::timed_out:
    case ec::full:
    case ec::upstream_failed:
    case ec::internal:
    case ec::denied:
      return true;
    case ec::none:
    case ec::invalid_argument:
    case ec::already_exists:
    case ec::conflict:
    case ec::exhausted:
    case ec::malformed:
    case ec::needs_reauth:
    case ec::scope_missing:
    case ec::rate_limited:
    case ec::rejected:
    case ec::forbidden:
      return false;
  }
  return false;
}

std::shared_ptr<bus> watch_bus(std::shared_ptr<bus> inner, health_record record,
                               std::function<bool()> connected) {
  return std::make_shared<watched_bus>(std::move(inner), std::move(record),
                                       std::move(connected));
}

} // namespace stravasync
