#pragma once

#include "actors/ports/bus.hpp"
#include "adapters/embedded_bus/engine.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace stravasync::embedded_bus {

/// The port: checks what it is asked, and has the engine do it.
class sqlite_bus final : public bus {
public:
  explicit sqlite_bus(std::shared_ptr<engine> on) : engine_(std::move(on)) {
  }

  ~sqlite_bus() override {
    engine_->stop();
  }

  // -- publisher and catalog (embedded_bus.cpp)

  void publish(envelope message, completion<publish_ack> done) override;
  void ensure(stream_config config, completion<bool> done) override;
  void apply(stream_config config, completion<bool> done) override;
  void describe(completion<std::vector<stream_state>> done) override;
  void read(read_options options,
            completion<std::vector<stored_message>> done) override;
  void last(std::string stream, std::string filter_subject,
            completion<std::optional<stored_message>> done) override;
  void remove(std::string stream, std::uint64_t sequence,
              completion<bool> done) override;

  // -- consumers (subscriptions.cpp)

  void apply(consumer_options options, completion<bool> done) override;
  void subscribe(consumer_options options, delivery_callback on_message,
                 completion<std::shared_ptr<subscription>> done) override;
  void
  subscribe_exhausted(std::string durable, exhausted_callback on_exhausted,
                      completion<std::shared_ptr<subscription>> done) override;

  // -- buckets (buckets.cpp)

  void get(std::string bucket, std::string key,
           completion<std::optional<key_value_entry>> done) override;
  void put(std::string bucket, std::string key, std::string value,
           std::uint64_t expected, completion<std::uint64_t> done) override;
  void
  erase(std::string bucket, std::string key, completion<bool> done) override;
  void
  keys(std::string bucket, completion<std::vector<std::string>> done) override;
  void watch(std::string bucket, key_value_callback on_change,
             completion<std::shared_ptr<key_value_watch>> done) override;

private:
  std::shared_ptr<engine> engine_;
};

} // namespace stravasync::embedded_bus
