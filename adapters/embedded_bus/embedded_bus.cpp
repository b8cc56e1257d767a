#include "adapters/embedded_bus/embedded_bus.hpp"

#include "adapters/embedded_bus/engine.hpp"
#include "adapters/embedded_bus/subjects.hpp"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>

namespace stravasync::embedded_bus {

namespace {

constexpr auto payload_max = std::size_t{8} * 1024 * 1024;

template <class T>
void submit(engine& to, typename call<T>::work what, completion<T> done,
            std::size_t bytes = 0) {
  to.submit(
    std::make_shared<call<T>>(std::move(what), std::move(done), false, bytes));
}

/// For what changes which streams and durables there are.
template <class T>
void submit_alone(engine& to, typename call<T>::work what, completion<T> done) {
  to.submit(
    std::make_shared<call<T>>(std::move(what), std::move(done), true, 0));
}

/// Answers `done` with an error, in turn.
template <class T>
void refuse(engine& to, completion<T> done, std::string detail) {
  auto work = [detail = std::move(detail)](storage&) {
    return caf::expected<T>{make_failure(ec::invalid_argument, detail)};
  };
  submit<T>(to, std::move(work), std::move(done));
}

bool valid_bucket(std::string_view bucket) {
  return !bucket.empty() && std::ranges::all_of(bucket, [](char c) {
    return (c >= 'A' && c <= 'Z') || c == '_';
  });
}

bool valid_key(std::string_view key) {
  return !key.empty() && std::ranges::all_of(key, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'
           || c == '.' || c == '-';
  });
}

bool valid_name(std::string_view name) {
  return publishable(name) && name.find('.') == std::string_view::npos;
}

class member_subscription final : public subscription {
public:
  member_subscription(std::shared_ptr<engine> on,
                      std::shared_ptr<durable> joined,
                      std::shared_ptr<member> self)
    : engine_(std::move(on)),
      durable_(std::move(joined)),
      member_(std::move(self)) {
  }

  ~member_subscription() override {
    member_->out->close();
    submit<bool>(
      *engine_,
      [from = durable_, who = member_](storage& in) {
        in.leave(*from, *who);
        return caf::expected<bool>{true};
      },
      nullptr);
  }

  void request(std::size_t credit) override {
    submit<bool>(
      *engine_,
      [who = member_, credit](storage&) {
        who->credit += credit;
        return caf::expected<bool>{true};
      },
      nullptr);
  }

  void
  settle(std::string token, settlement what, completion<bool> done) override {
    submit<bool>(
      *engine_,
      [from = durable_, token = std::move(token), what](storage& in) {
        return in.settle(*from, token, what);
      },
      std::move(done));
  }

private:
  std::shared_ptr<engine> engine_;
  std::shared_ptr<durable> durable_;
  std::shared_ptr<member> member_;
};

class sqlite_bus final : public bus {
public:
  explicit sqlite_bus(std::shared_ptr<engine> on) : engine_(std::move(on)) {
  }

  ~sqlite_bus() override {
    engine_->stop();
  }

  void publish(envelope message, completion<publish_ack> done) override {
    if (!publishable(message.subject))
      return refuse(*engine_, std::move(done),
                    "subject '" + message.subject
                      + "' is empty, has a wildcard or an empty token");
    auto bytes = message.payload.size();
    if (bytes > payload_max)
      return refuse(*engine_, std::move(done),
                    "payload has " + std::to_string(bytes)
                      + " bytes, the most is " + std::to_string(payload_max));
    submit<publish_ack>(
      *engine_,
      [message = std::move(message)](storage& in) {
        return in.publish(message);
      },
      std::move(done), bytes);
  }

  void subscribe(consumer_options options, delivery_callback on_message,
                 completion<std::shared_ptr<subscription>> done) override {
    if (!options.filter_subject.empty()
        && !well_formed_filter(options.filter_subject))
      return refuse(*engine_, std::move(done),
                    "filter '" + options.filter_subject + "' is no filter");
    auto self = std::make_shared<member>();
    self->out = std::make_shared<gate>(std::move(on_message));
    using joined = caf::expected<std::shared_ptr<subscription>>;
    auto work = [on = engine_, options = std::move(options),
                 self = std::move(self)](storage& in) {
      auto found = in.join(options, self);
      if (!found)
        return joined{found.error()};
      return joined{std::make_shared<member_subscription>(on, *found, self)};
    };
    submit_alone<std::shared_ptr<subscription>>(*engine_, std::move(work),
                                                std::move(done));
  }

  void ensure(stream_config config, completion<bool> done) override {
    if (!valid_name(config.name))
      return refuse(*engine_, std::move(done),
                    "stream name '" + config.name
                      + "' is empty or has one of '.*> '");
    if (!well_formed_filter(config.subjects))
      return refuse(*engine_, std::move(done),
                    "subjects '" + config.subjects + "' are no pattern");
    submit_alone<bool>(
      *engine_,
      [config = std::move(config)](storage& in) { return in.ensure(config); },
      std::move(done));
  }

  void describe(completion<std::vector<stream_state>> done) override {
    submit<std::vector<stream_state>>(
      *engine_,
      [](storage& in) {
        return caf::expected<std::vector<stream_state>>{in.describe()};
      },
      std::move(done));
  }

  void read(read_options options,
            completion<std::vector<stored_message>> done) override {
    using messages = std::vector<stored_message>;
    using answer = std::optional<caf::expected<messages>>;
    submit<messages>(
      *engine_,
      [options = std::move(options), next = std::uint64_t{0},
       found = messages{}](storage& in) mutable -> answer {
        auto complete = in.read(options, next, found);
        if (!complete)
          return caf::expected<messages>{complete.error()};
        if (!*complete)
          return std::nullopt;
        return caf::expected<messages>{std::move(found)};
      },
      std::move(done));
  }

  void last(std::string stream, std::string filter_subject,
            completion<std::optional<stored_message>> done) override {
    submit<std::optional<stored_message>>(
      *engine_,
      [stream = std::move(stream), filter = std::move(filter_subject)](
        storage& in) { return in.last(stream, filter); },
      std::move(done));
  }

  void get(std::string bucket, std::string key,
           completion<std::optional<key_value_entry>> done) override {
    using entry = std::optional<key_value_entry>;
    if (!valid_bucket(bucket) || !valid_key(key))
      return refuse(*engine_, std::move(done), bad_name(bucket, key));
    submit<entry>(
      *engine_,
      [bucket = std::move(bucket), key = std::move(key)](storage& in) {
        return caf::expected<entry>{in.values().get(bucket, key)};
      },
      std::move(done));
  }

  void put(std::string bucket, std::string key, std::string value,
           std::uint64_t expected, completion<std::uint64_t> done) override {
    if (!valid_bucket(bucket) || !valid_key(key))
      return refuse(*engine_, std::move(done), bad_name(bucket, key));
    auto bytes = value.size();
    submit<std::uint64_t>(
      *engine_,
      [bucket = std::move(bucket), key = std::move(key),
       value = std::move(value), expected](storage& in) {
        return in.values().put(bucket, key, value, expected);
      },
      std::move(done), bytes);
  }

  void
  erase(std::string bucket, std::string key, completion<bool> done) override {
    if (!valid_bucket(bucket) || !valid_key(key))
      return refuse(*engine_, std::move(done), bad_name(bucket, key));
    submit<bool>(
      *engine_,
      [bucket = std::move(bucket), key = std::move(key)](storage& in) {
        return caf::expected<bool>{in.values().erase(bucket, key)};
      },
      std::move(done));
  }

  void
  keys(std::string bucket, completion<std::vector<std::string>> done) override {
    using names = std::vector<std::string>;
    if (!valid_bucket(bucket))
      return refuse(*engine_, std::move(done), bad_name(bucket, "key"));
    submit<names>(
      *engine_,
      [bucket = std::move(bucket)](storage& in) {
        return caf::expected<names>{in.values().keys(bucket)};
      },
      std::move(done));
  }

private:
  static std::string bad_name(std::string_view bucket, std::string_view key) {
    return valid_bucket(bucket)
             ? "key '" + std::string{key} + "' is not of [A-Za-z0-9_.-]+"
             : "bucket '" + std::string{bucket} + "' is not of [A-Z_]+";
  }

  std::shared_ptr<engine> engine_;
};

} // namespace

steady_clock system_steady_clock() {
  return [] {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now().time_since_epoch());
  };
}

caf::expected<std::shared_ptr<bus>> open(options options, log& log) {
  auto on = std::make_shared<engine>(std::move(options), log);
  if (auto problem = on->start())
    return problem;
  return std::shared_ptr<bus>{std::make_shared<sqlite_bus>(std::move(on))};
}

} // namespace stravasync::embedded_bus
