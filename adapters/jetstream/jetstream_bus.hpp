#pragma once

#include "adapters/jetstream/keeper.hpp"
#include "adapters/jetstream/key_values.hpp"
#include "adapters/jetstream/session.hpp"
#include "adapters/jetstream/unsettled.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace stravasync::jetstream {

class jetstream_bus final : public bus {
public:
  /// @param link An owner of the session.
  explicit jetstream_bus(std::shared_ptr<session> link);

  /// Makes a bucket if it is not there; one with another age is changed.
  void make_bucket(const bucket& what, completion<bool> done);

  /// @returns what says which stream or bucket cannot be had.
  [[nodiscard]] std::function<std::string()> lacks() const {
    return [of = std::weak_ptr{keeper_}] {
      auto here = of.lock();
      return here ? here->problem() : std::string{};
    };
  }

  void publish(envelope message, completion<publish_ack> done) override;
  void subscribe(consumer_options options, delivery_callback on_message,
                 completion<std::shared_ptr<subscription>> done) override;
  void
  subscribe_exhausted(std::string durable, exhausted_callback on_notice,
                      completion<std::shared_ptr<subscription>> done) override;
  void ensure(stream_config config, completion<bool> done) override;
  void apply(stream_config config, completion<bool> done) override;
  void apply(consumer_options options, completion<bool> done) override;
  void describe(completion<std::vector<stream_state>> done) override;
  void read(read_options options,
            completion<std::vector<stored_message>> done) override;
  void last(std::string stream, std::string filter_subject,
            completion<std::optional<stored_message>> done) override;
  void remove(std::string stream, std::uint64_t sequence,
              completion<bool> done) override;
  void get(std::string bucket, std::string key,
           completion<std::optional<key_value_entry>> done) override;
  void put(std::string bucket, std::string key, std::string value,
           std::uint64_t expected, completion<std::uint64_t> done) override;
  void
  erase(std::string bucket, std::string key, completion<bool> done) override;
  void
  keys(std::string bucket, completion<std::vector<std::string>> done) override;
  void
  watch(std::string bucket, std::function<void(key_value_change)> on_change,
        completion<std::shared_ptr<key_value_watch>> done) override;

private:
  /// Keeps the stream from the time on at which `done` is told that it is
  /// there.
  [[nodiscard]] completion<bool>
  keeping(const stream_config& config, completion<bool> done) const;

  std::shared_ptr<unsettled> unsettled_of(const consumer_options& options);

  /// What callbacks may keep without holding up the end.
  [[nodiscard]] std::shared_ptr<session> inner() const {
    return link_->shared_from_this();
  }

  std::shared_ptr<session> link_;
  std::shared_ptr<keeper> keeper_;
  std::shared_ptr<key_values> buckets_;
  std::mutex mutex_;
  /// By stream and durable, shared by the members that are here.
  std::map<std::pair<std::string, std::string>, std::weak_ptr<unsettled>>
    unsettled_;
};

} // namespace stravasync::jetstream
