#pragma once

#include "adapters/jetstream/consumers.hpp"

namespace stravasync::jetstream {

/// Reads with a consumer that lives no longer, in the order of the stream.
/// Stops after `limit` messages that `wanted` accepts, or at the end.
/// @param wanted May be empty: all are.
void read_messages(const std::shared_ptr<session>& over, reader_options how,
                   std::size_t limit,
                   std::function<bool(const delivery&)> wanted,
                   completion<std::vector<stored_message>> done);

/// The port's `read`.
void read_stream(const std::shared_ptr<session>& over, read_options options,
                 completion<std::vector<stored_message>> done);

/// Fails with `ec::not_found` if there is no such stream.
void last_message(const std::shared_ptr<session>& over,
                  const std::string& stream, const std::string& filter,
                  completion<std::optional<stored_message>> done);

void remove_message(session& over, const std::string& stream,
                    std::uint64_t sequence, completion<bool> done);

} // namespace stravasync::jetstream
