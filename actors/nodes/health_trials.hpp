#pragma once

#include "actors/nodes/health_check.hpp"
#include "actors/ports/bus.hpp"
#include "actors/ports/store.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

/// @file
/// What every node can try of what it stands on. As long as all works, none of
/// it writes anything.

namespace stravasync {

/// Streams and durables that a node cannot do without.
struct needed_streams {
  std::vector<stream_config> streams;
  std::vector<consumer_options> durables;
};

/// @returns a trial that asks for all streams, and writes down what is missing
/// of the needed ones. A publish that failed is taken for over when nobody has
/// tried again and the bus shows no reason any more.
[[nodiscard]] health_trial
try_streams(std::shared_ptr<bus> on, needed_streams needed,
            health_record record, wall_clock now);

/// @param on A watched bus: that one writes down what came of it.
/// @returns a trial that asks for a write which is permitted and refused. Only
/// a bucket that was full is written to: nothing else shows that it has room.
[[nodiscard]] health_trial
try_bucket(std::shared_ptr<key_value> on, const std::string& bucket,
           health_record record);

/// @returns a trial of all that failed of buckets, whoever used them for
/// whatever, but for writes to those that have a trial of their own: it may be
/// that nobody else tries it again.
[[nodiscard]] health_trial
try_failed_buckets(std::shared_ptr<key_value> on,
                   const std::set<std::string>& tried_anyway,
                   health_record record);

/// Does work in one of the database's transactions. Answers true if it was
/// done, false if nobody is there to do it.
using ask_store = std::function<void(std::function<caf::error(transaction&)>,
                                     completion<bool>)>;

/// @param write Of a watched store.
/// @returns a trial of a write that needs all that writing needs and removes
/// nothing. Once a write has failed, whoever made it, that is not enough: then
/// it stores a row that needs more room than is left by chance, and erases it
/// in the same transaction. A lack of rights is taken for over when no write
/// has met it for a while: it may be of any table.
[[nodiscard]] health_trial
try_database(ask_store write, health_record record, wall_clock now);

/// @returns a trial that looks into every table: one may be missing, or the
/// rights for it.
[[nodiscard]] health_trial try_database_reads(ask_store read);

/// @param least_bytes That must be left where `folder` is.
[[nodiscard]] health_trial
try_disk(const std::string& folder, std::uint64_t least_bytes);

} // namespace stravasync
