#pragma once

#include "actors/ports/bus.hpp"

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace test {

/// A bus whose answers and deliveries come when they are asked for, on the
/// thread that asks: for actors of a deterministic system on a bus that has
/// threads of its own.
class lockstep_bus final : public stravasync::bus {
public:
  explicit lockstep_bus(std::shared_ptr<stravasync::bus> inner);

  /// Waits for one answer at least if any is owed, then calls what came.
  /// @returns whether anything did.
  bool turn();

  /// Lets the bus see that its clock was moved, and waits until it has.
  void poke();

  void publish(stravasync::envelope message,
               stravasync::completion<stravasync::publish_ack> done) override;
  void
  subscribe(stravasync::consumer_options options,
            stravasync::delivery_callback on_message,
            stravasync::completion<std::shared_ptr<stravasync::subscription>>
              done) override;
  void subscribe_exhausted(
    std::string durable, stravasync::exhausted_callback on_exhausted,
    stravasync::completion<std::shared_ptr<stravasync::subscription>> done)
    override;
  void ensure(stravasync::stream_config config,
              stravasync::completion<bool> done) override;
  void apply(stravasync::stream_config config,
             stravasync::completion<bool> done) override;
  void apply(stravasync::consumer_options options,
             stravasync::completion<bool> done) override;
  void
  describe(stravasync::completion<std::vector<stravasync::stream_state>> done)
    override;
  void
  read(stravasync::read_options options,
       stravasync::completion<std::vector<stravasync::stored_message>> done)
    override;
  void
  last(std::string stream, std::string filter_subject,
       stravasync::completion<std::optional<stravasync::stored_message>> done)
    override;
  void remove(std::string stream, std::uint64_t sequence,
              stravasync::completion<bool> done) override;
  void
  get(std::string bucket, std::string key,
      stravasync::completion<std::optional<stravasync::key_value_entry>> done)
    override;
  void put(std::string bucket, std::string key, std::string value,
           std::uint64_t expected,
           stravasync::completion<std::uint64_t> done) override;
  void erase(std::string bucket, std::string key,
             stravasync::completion<bool> done) override;
  void keys(std::string bucket,
            stravasync::completion<std::vector<std::string>> done) override;
  void
  watch(std::string bucket, stravasync::key_value_callback on_change,
        stravasync::completion<std::shared_ptr<stravasync::key_value_watch>>
          done) override;

private:
  /// What came and was not called yet.
  struct inbox {
    std::mutex guard;
    std::condition_variable changed;
    std::deque<std::function<void()>> ready;
    std::size_t owed = 0; // Answers.

    void push(std::function<void()> what, bool answers);
  };
  class member;

  /// @returns a completion that leaves the answer in the inbox.
  template <class T>
  stravasync::completion<T> later(stravasync::completion<T> done);

  std::shared_ptr<inbox> inbox_ = std::make_shared<inbox>();
  std::shared_ptr<stravasync::bus> inner_;
};

} // namespace test
