#include "adapters/embedded_bus/calls.hpp"
#include "adapters/embedded_bus/sqlite_bus.hpp"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>

namespace stravasync::embedded_bus {

namespace {

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

std::string bad_name(std::string_view bucket, std::string_view key) {
  return valid_bucket(bucket)
           ? "key '" + std::string{key} + "' is not of [A-Za-z0-9_.-]+"
           : "bucket '" + std::string{bucket} + "' is not of [A-Z_]+";
}

class bucket_watch final : public key_value_watch {
public:
  bucket_watch(std::shared_ptr<engine> on, std::shared_ptr<watcher> self)
    : engine_(std::move(on)),
      watcher_(std::move(self)) {
  }

  ~bucket_watch() override {
    watcher_->out->close();
    submit<bool>(
      *engine_,
      [who = watcher_](storage& in) {
        in.unwatch(*who);
        return caf::expected<bool>{true};
      },
      nullptr);
  }

private:
  std::shared_ptr<engine> engine_;
  std::shared_ptr<watcher> watcher_;
};

} // namespace

void sqlite_bus::get(std::string bucket, std::string key,
                     completion<std::optional<key_value_entry>> done) {
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

void sqlite_bus::put(std::string bucket, std::string key, std::string value,
                     std::uint64_t expected, completion<std::uint64_t> done) {
  if (!valid_bucket(bucket) || !valid_key(key))
    return refuse(*engine_, std::move(done), bad_name(bucket, key));
  auto bytes = value.size();
  submit<std::uint64_t>(
    *engine_,
    [bucket = std::move(bucket), key = std::move(key), value = std::move(value),
     expected](storage& in) { return in.put(bucket, key, value, expected); },
    std::move(done), bytes);
}

void sqlite_bus::erase(std::string bucket, std::string key,
                       completion<bool> done) {
  if (!valid_bucket(bucket) || !valid_key(key))
    return refuse(*engine_, std::move(done), bad_name(bucket, key));
  submit<bool>(
    *engine_,
    [bucket = std::move(bucket), key = std::move(key)](storage& in) {
      return caf::expected<bool>{in.erase(bucket, key)};
    },
    std::move(done));
}

void sqlite_bus::keys(std::string bucket,
                      completion<std::vector<std::string>> done) {
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

void sqlite_bus::watch(std::string bucket, key_value_callback on_change,
                       completion<std::shared_ptr<key_value_watch>> done) {
  if (!valid_bucket(bucket))
    return refuse(*engine_, std::move(done), bad_name(bucket, "key"));
  auto self = std::make_shared<watcher>();
  self->bucket = std::move(bucket);
  self->out
    = std::make_shared<callbacks::gate<key_value_change>>(std::move(on_change));
  using answer = caf::expected<std::shared_ptr<key_value_watch>>;
  auto work = [on = engine_, self = std::move(self)](storage& in) {
    in.watch(self);
    return answer{std::make_shared<bucket_watch>(on, self)};
  };
  submit<std::shared_ptr<key_value_watch>>(*engine_, std::move(work),
                                           std::move(done));
}

} // namespace stravasync::embedded_bus
