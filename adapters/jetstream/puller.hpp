#pragma once

#include "adapters/jetstream/consumers.hpp"
#include "adapters/jetstream/pull_ledger.hpp"
#include "adapters/jetstream/session.hpp"
#include "adapters/jetstream/subjects.hpp"
#include "adapters/jetstream/unsettled.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace stravasync::jetstream {

/// Reads a consumer by asking for as many messages as there is credit, and
/// notices by itself when the server has forgotten what it was asked: after a
/// reconnect, when heartbeats stay out, when the consumer is gone. A durable
/// that is gone is made anew as it was told; an ephemeral reader goes on after
/// the last message that it had.
class puller final : public session_listener,
                     public std::enable_shared_from_this<puller> {
public:
  /// @param open Deliveries of a durable that can be settled; none for readers.
  puller(std::shared_ptr<session> over, reader_options how,
         delivery_callback on_message, std::shared_ptr<unsettled> open);

  /// Makes or joins the consumer.
  void start(completion<joined_consumer> done);

  void request(std::size_t credit);

  /// After it returns the callback is neither running nor called again.
  void close();

  void reconnected() override;
  void tick(steady_time time) override;

private:
  enum class phase { joining, ready, waiting, closed };

  [[nodiscard]] bool durable() const {
    return !how_.options.durable.empty();
  }

  void arrived(const received& what);
  void take(const received& what, ack_subject where);
  void status(const received& what);
  void joined(const caf::expected<joined_consumer>& got);
  void rejoin();
  void make_reader(reader_options how);
  void restart(const char* why);
  void pull_if_needed();
  void pull(std::size_t batch);

  const std::shared_ptr<session> over_;
  reader_options how_;
  /// As it was told: where to begin again in a stream that went back.
  const reader_options told_how_;
  const delivery_callback on_message_;
  const std::shared_ptr<unsettled> open_;
  const std::string inbox_;
  std::shared_ptr<inlet> inlet_;

  std::mutex mutex_;
  phase phase_ = phase::joining;
  std::string name_; // Of the consumer.
  pull_ledger ledger_;
  steady_time retry_at_;
  bool told_ = false; // That the consumer cannot be joined.
};

} // namespace stravasync::jetstream
