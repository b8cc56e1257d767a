#include "messages/error.hpp"
#include "tests/support/fake_bus.hpp"

#include <algorithm>

namespace test {

using namespace stravasync;

class fake_bus::watch_handle final : public key_value_watch {
public:
  watch_handle(fake_bus& bus, std::string bucket, key_value_callback on_change)
    : bus_{bus},
      bucket_{std::move(bucket)},
      on_change_{std::move(on_change)} {
    bus_.watches_.push_back(this);
  }

  ~watch_handle() override {
    std::erase(bus_.watches_, this);
  }

  void tell(const std::string& bucket, const key_value_change& change) {
    if (bucket == bucket_)
      on_change_(change);
  }

private:
  fake_bus& bus_;
  std::string bucket_;
  key_value_callback on_change_;
};

std::string
fake_bus::value(const std::string& bucket, const std::string& key) const {
  auto found = values_.find({bucket, key});
  return found == values_.end() ? std::string{} : found->second.value;
}

void fake_bus::set(const std::string& bucket, const std::string& key,
                   std::string value) {
  key_value_change change{key, value, ++revision_};
  values_[{bucket, key}] = {std::move(value), revision_};
  tell(bucket, change);
}

void fake_bus::get(std::string bucket, std::string key,
                   completion<std::optional<key_value_entry>> done) {
  using result = caf::expected<std::optional<key_value_entry>>;
  auto outcome = [&]() -> result {
    if (auto why = note("get", bucket + "/" + key))
      return why;
    auto found = values_.find({bucket, key});
    return found == values_.end() ? std::optional<key_value_entry>{}
                                  : std::optional{found->second};
  };
  answer<std::optional<key_value_entry>>("get", std::move(done), outcome());
}

void fake_bus::put(std::string bucket, std::string key, std::string value,
                   std::uint64_t expected, completion<std::uint64_t> done) {
  auto outcome = [&]() -> caf::expected<std::uint64_t> {
    if (auto why = note("put", bucket + "/" + key))
      return why;
    auto found = values_.find({bucket, key});
    if ((found == values_.end() ? 0 : found->second.revision) != expected)
      return make_failure(ec::conflict, key + " was written meanwhile");
    set(bucket, key, std::move(value));
    return revision_;
  };
  answer<std::uint64_t>("put", std::move(done), outcome());
}

void fake_bus::erase(std::string bucket, std::string key,
                     completion<bool> done) {
  auto why = note("erase", bucket + "/" + key);
  auto existed = !why && values_.erase({bucket, key}) > 0;
  if (existed)
    tell(bucket, {key, std::nullopt, ++revision_});
  answer<bool>("erase", std::move(done),
               why ? caf::expected<bool>{why} : existed);
}

void fake_bus::keys(std::string bucket,
                    completion<std::vector<std::string>> done) {
  using result = caf::expected<std::vector<std::string>>;
  if (auto why = note("keys", bucket))
    return answer<std::vector<std::string>>("keys", std::move(done),
                                            result{std::move(why)});
  std::vector<std::string> found;
  for (const auto& [where, entry] : values_)
    if (where.first == bucket)
      found.push_back(where.second);
  answer<std::vector<std::string>>("keys", std::move(done), result{found});
}

void fake_bus::watch(std::string bucket, key_value_callback on_change,
                     completion<std::shared_ptr<key_value_watch>> done) {
  using result = caf::expected<std::shared_ptr<key_value_watch>>;
  if (auto why = note("watch", bucket))
    return answer<std::shared_ptr<key_value_watch>>("watch", std::move(done),
                                                    result{std::move(why)});
  std::vector<key_value_change> now;
  for (const auto& [where, entry] : values_)
    if (where.first == bucket)
      now.push_back({where.second, entry.value, entry.revision});
  std::ranges::sort(now, {}, &key_value_change::revision);
  auto handle = std::make_shared<watch_handle>(*this, bucket,
                                               std::move(on_change));
  for (const auto& change : now)
    handle->tell(bucket, change);
  answer<std::shared_ptr<key_value_watch>>("watch", std::move(done),
                                           result{std::move(handle)});
}

void fake_bus::tell(const std::string& bucket, const key_value_change& change) {
  auto watches = watches_; // A callback may end one.
  for (auto* one : watches)
    if (std::ranges::find(watches_, one) != watches_.end())
      one->tell(bucket, change);
}

void fake_bus::remove(std::string stream, std::uint64_t sequence,
                      completion<bool> done) {
  auto why = note("remove", stream + ":" + std::to_string(sequence));
  auto result = caf::expected<bool>{why};
  if (!why)
    result
      = std::erase_if(streams_[stream],
                      [&](const auto& one) { return one.sequence == sequence; })
        > 0;
  answer<bool>("remove", std::move(done), std::move(result));
}

} // namespace test
