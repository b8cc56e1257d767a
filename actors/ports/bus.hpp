#pragma once

#include "actors/ports/clock.hpp"
#include "actors/ports/completion.hpp"
#include "messages/contracts.hpp"
#include "messages/error.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// @file
/// Streams with durable consumers, and key-value buckets: what JetStream gives,
/// and what the embedded bus gives on SQLite. `tests/contracts/` states what
/// every implementation must do. No call blocks: each answers through its
/// completion, on a thread of the adapter's, in any order unless said
/// otherwise. Every call may fail with `ec::unavailable` (the bus is down, the
/// outcome of a write is then unknown) beside the errors named. Thread-safe.

namespace stravasync {

using std::chrono::milliseconds;

/// The bus's word that a message is on disk.
struct publish_ack {
  std::string stream;
  std::uint64_t sequence = 0;
  /// A message with the same id was stored within the dedupe window: nothing
  /// new was stored, and `sequence` is the earlier one's.
  bool duplicate = false;
};

class publisher {
public:
  virtual ~publisher() = default;

  /// Stores `message` in the stream that its subject belongs to. Messages
  /// published one after the other by one thread are stored in that order.
  /// Fails with `ec::not_found` (no stream takes this subject), `ec::full`
  /// (a stream that refuses when full is full, or the disk is),
  /// `ec::invalid_argument` (subject empty or with wildcards, payload above
  /// 8 MiB).
  virtual void publish(envelope message, completion<publish_ack> done) = 0;
};

/// One delivery of one stored message to one consumer.
struct delivery {
  envelope message;
  std::string stream;
  std::uint64_t sequence = 0; // In the stream.
  /// When the bus stored it.
  unix_ms stored_at_ms = 0;
  /// Deliveries of this message to this durable, this one included.
  std::uint32_t delivered = 1;
  /// Messages that match and were not delivered yet when this one was.
  std::uint64_t pending = 0;
  /// Names this delivery to `subscription::settle`.
  std::string token;
};

/// What to tell the bus about a delivery.
struct settlement {
  enum class kind : std::uint8_t {
    ack,         // Done: never deliver it to this durable again.
    nak,         // Deliver it again, after `delay`.
    in_progress, // Still at work: start the ack wait anew.
    term,        // Give up: never again, without having succeeded.
  };
  kind decision = kind::ack;
  milliseconds delay{0};
};

/// One member of a durable's group, or an ephemeral reader. Ending it (the
/// destructor) stops deliveries; what is unsettled then is delivered again to
/// other members once its ack wait is over. After the destructor returns, the
/// delivery callback is neither running nor called again.
class subscription {
public:
  virtual ~subscription() = default;

  /// Adds `credit` to the number of messages that may be delivered. Starts at
  /// 0; each delivery uses one. This is the only back-pressure there is.
  virtual void request(std::size_t credit) = 0;

  /// Settles a delivery. A late settlement (its ack wait is over) is accepted
  /// if the message is not settled yet. Fails with `ec::not_found` if `token`
  /// is none of this durable's or its message is settled already.
  virtual void settle(std::string token, settlement what, completion<bool> done)
    = 0;
};

/// Where a new durable begins; one that exists goes on where it was.
struct start_position {
  enum class kind : std::uint8_t { first, next_new, sequence, time };
  kind from = kind::first;
  std::uint64_t sequence = 0; // The first to deliver.
  unix_ms time_ms = 0;        // Stored at or after.
};

struct consumer_options {
  std::string stream;
  /// Group name: members with the same name share the messages. Empty: an
  /// ephemeral reader of its own, which needs no settling and leaves nothing.
  std::string durable;
  /// With NATS wildcards; empty: everything in the stream.
  std::string filter_subject;
  start_position start;
  /// A delivery not settled for so long is delivered again.
  milliseconds ack_wait{30'000};
  /// Unsettled deliveries that the durable may have at once, over all members.
  std::uint32_t max_ack_pending = 1'000;
  /// Deliveries of one message before the bus gives up on it; 0: no limit.
  std::uint32_t max_deliver = 0;
};

using delivery_callback = std::function<void(delivery)>;

/// The bus's word that it gave up on a message.
struct exhausted_delivery {
  std::string stream;
  std::string durable;
  std::uint64_t sequence = 0; // Of the message, in `stream`.
  std::uint32_t delivered = 0;
  std::string token; // Of the notice.
};

using exhausted_callback = std::function<void(exhausted_delivery)>;

class consumer {
public:
  virtual ~consumer() = default;

  /// Creates the durable if it does not exist, and joins it. Deliveries come in
  /// stream order, redeliveries as they fall due, one call at a time per
  /// subscription. Fails with `ec::not_found` (no such stream), `ec::conflict`
  /// (the durable exists with another filter, ack wait, `max_ack_pending` or
  /// `max_deliver`; the detail names each field with both values).
  virtual void subscribe(consumer_options options, delivery_callback on_message,
                         completion<std::shared_ptr<subscription>> done)
    = 0;

  /// Joins the durable `durable` of notices, which begins with its first
  /// subscription: one notice each time the bus gives up on a message because a
  /// durable's `max_deliver` is used up. `settle` takes a notice's token; one
  /// not settled for 30 s comes again. A bus without notices never calls.
  virtual void
  subscribe_exhausted(std::string durable, exhausted_callback on_exhausted,
                      completion<std::shared_ptr<subscription>> done)
    = 0;
};

struct stream_config {
  std::string name;
  std::string subjects; // One pattern, such as "jobs.>".
  bool refuse_when_full = false;
  milliseconds max_age{0}; // 0: no limit. Older messages go away.
  /// 0: no limit. Payload and header bytes.
  std::uint64_t max_bytes = 0;
  /// Publishing a message id again within it stores nothing.
  milliseconds dedupe_window{120'000};
};

struct durable_state {
  std::string name;
  std::string filter_subject;
  std::uint64_t pending = 0;     // Matching, never delivered yet.
  std::uint64_t ack_pending = 0; // Delivered, not settled.
  std::uint64_t redelivered = 0; // Of those, delivered more than once.
  std::uint64_t settled_to = 0;  // Up to here all that matches is settled.
};

struct stream_state {
  stream_config config;
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;
  std::uint64_t first_sequence = 0;
  std::uint64_t last_sequence = 0;
  std::vector<durable_state> durables;
  /// Whether `durables` are all of them: in a cluster one whose server is gone
  /// does not answer, for as long as that lasts.
  bool all_answered = true;
};

struct stored_message {
  envelope message;
  std::uint64_t sequence = 0;
  unix_ms stored_at_ms = 0;
};

struct read_options {
  std::string stream;
  std::string filter_subject; // Empty: everything.
  std::uint64_t from_sequence = 0;
  unix_ms from_time_ms = 0;  // 0: from the start.
  std::uint32_t limit = 100; // At most 1,000 messages.
};

/// Streams as such: made, described, read without consuming.
class stream_catalog {
public:
  virtual ~stream_catalog() = default;

  /// Creates the stream; true if it did not exist. One that exists must be
  /// configured just so: else fails with `ec::conflict`, and the detail names
  /// each field that differs with both values.
  virtual void ensure(stream_config config, completion<bool> done) = 0;

  /// Creates the stream, or changes one that exists to `config`; true if
  /// something changed. Fails with `ec::conflict` if it exists with other
  /// subjects, or another stream has them: what is stored would be lost.
  virtual void apply(stream_config config, completion<bool> done) = 0;

  /// The same for a durable. Fails with `ec::not_found` (no such stream),
  /// `ec::conflict` (it exists with another filter).
  virtual void apply(consumer_options options, completion<bool> done) = 0;

  /// Every stream with its durables, by name.
  virtual void describe(completion<std::vector<stream_state>> done) = 0;

  /// Messages in stream order; empty when there is none.
  virtual void
  read(read_options options, completion<std::vector<stored_message>> done)
    = 0;

  /// The newest message whose subject matches `filter_subject`, if any.
  virtual void last(std::string stream, std::string filter_subject,
                    completion<std::optional<stored_message>> done)
    = 0;

  /// Removes one message; true if there was one with this sequence, which is
  /// not given out again. Fails with `ec::not_found` (no such stream).
  virtual void
  remove(std::string stream, std::uint64_t sequence, completion<bool> done)
    = 0;
};

struct key_value_change {
  std::string key;
  std::optional<std::string> value; // None: it has none any more.
  std::uint64_t revision = 0;
};

using key_value_callback = std::function<void(key_value_change)>;

/// Ends with its destructor, after which its callback is neither running nor
/// called again.
class key_value_watch {
public:
  virtual ~key_value_watch() = default;
};

struct key_value_entry {
  std::string value;
  /// Changes with every write and only grows; never 0.
  std::uint64_t revision = 0;
};

/// Small shared state with compare-and-swap. Buckets come into being with their
/// first write. Bucket: [A-Z_]+; key: [A-Za-z0-9_.-]+.
class key_value {
public:
  virtual ~key_value() = default;

  /// The current value, or none.
  virtual void get(std::string bucket, std::string key,
                   completion<std::optional<key_value_entry>> done)
    = 0;

  /// Writes if the current revision is `expected` (0: if there is no value) and
  /// answers with the new revision. Fails with `ec::conflict` otherwise.
  virtual void put(std::string bucket, std::string key, std::string value,
                   std::uint64_t expected, completion<std::uint64_t> done)
    = 0;

  /// Removes the value whatever it is; true if there was one.
  virtual void erase(std::string bucket, std::string key, completion<bool> done)
    = 0;

  /// The bucket's keys that have a value, sorted.
  virtual void
  keys(std::string bucket, completion<std::vector<std::string>> done)
    = 0;

  /// Calls `on_change` with every value that the bucket has, then with each
  /// change, in the order of revisions and one at a time; in between changes
  /// of one key only the newest is sure to be told. Goes on by itself after
  /// the bus was away.
  virtual void watch(std::string bucket, key_value_callback on_change,
                     completion<std::shared_ptr<key_value_watch>> done)
    = 0;
};

/// One connection to a bus: all of the above.
class bus : public publisher,
            public consumer,
            public stream_catalog,
            public key_value {};

} // namespace stravasync
