#pragma once

#include "adapters/jetstream/session.hpp"

#include <memory>
#include <string>

/// @file
/// Consumers as JetStream keeps them.

namespace stravasync::jetstream {

/// What an ephemeral reader may want beside the port's options.
struct reader_options {
  consumer_options options;
  /// Begin with the newest message of each subject.
  bool last_per_subject = false;
  bool headers_only = false;
};

struct joined_consumer {
  std::string name;
  std::uint64_t pending = 0;   // Matching, not delivered yet.
  std::uint64_t delivered = 0; // Up to this sequence of the stream.
};

using joined_callback = completion<joined_consumer>;

/// Makes the durable if it is not there and checks it if it is.
void join_durable(const std::shared_ptr<session>& over,
                  const consumer_options& options, joined_callback done);

/// Makes one that goes away when nobody asks it for some minutes.
void make_ephemeral(const std::shared_ptr<session>& over,
                    const reader_options& options, joined_callback done);

/// Does not tell whether it was there.
void delete_consumer(session& over, const std::string& stream,
                     const std::string& name);

/// The port's `apply`.
void apply_consumer(const std::shared_ptr<session>& over,
                    const consumer_options& options, completion<bool> done);

} // namespace stravasync::jetstream
