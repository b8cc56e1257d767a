#pragma once

#include "actors/ports/bus.hpp"
#include "actors/ports/log.hpp"
#include "actors/ports/requests.hpp"

#include <caf/expected.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

/// @file
/// The bus and the questions of a cluster, on NATS with JetStream: servers from
/// 2.9 on.

namespace stravasync::jetstream {

class session;

/// A bucket that nodes use.
struct bucket {
  std::string name;
  /// 0: no limit. What was not written for so long goes away, marks of what was
  /// erased included: for keys that are never the same again.
  milliseconds max_age{0};
};

struct options {
  /// "nats://host:4222" or "tls://..."; at least one. The rest of a cluster is
  /// found by itself.
  std::vector<std::string> urls;
  /// The node's id: what the server shows as the connection's name.
  std::string name;
  /// File with a user's JWT and key, or empty.
  std::string credentials;
  std::string user;
  std::string password;
  std::string tls_ca; // File; empty: the system's.
  std::string tls_certificate;
  std::string tls_key;
  /// Of each stream and bucket that is made here.
  std::uint32_t replicas = 1;
  /// Buckets that are there before `open` returns. Any other is made when it is
  /// first used; but servers of 2.9 crash if one node reads a bucket that
  /// another is just making.
  std::vector<bucket> buckets;
  /// Publishes without an answer at one time. Twice as many more wait their
  /// turn; what comes on top is answered with `ec::unavailable` at once.
  std::uint32_t publish_in_flight_max = 4'096;
  /// Told each time the connection is lost (with the reason) and regained; on a
  /// thread of the adapter's. May be empty.
  std::function<void(bool up, std::string why)> on_state;
  /// Asked a few times a second while `open` waits: once it returns true,
  /// `open` fails with `ec::unavailable` at once. May be empty.
  std::function<bool()> stopping;
};

/// One connection to NATS. Whichever part goes last flushes and closes it. What
/// waits for an answer then is answered with `ec::unavailable`.
struct connection {
  std::shared_ptr<bus> messages;
  std::shared_ptr<requests> questions;
  /// What `announce` needs.
  std::shared_ptr<session> link;
  /// Says which stream or bucket is gone and cannot be made again, or nothing.
  std::function<std::string()> lacks;
  /// From then on everything is answered with `ec::unavailable` at once: for
  /// somebody who ends and cannot wait for a server that hangs.
  std::function<void()> give_up;
};

/// Connects, once: blocks for up to some seconds. After that it reconnects for
/// ever, with jitter; until then each call is answered with `ec::unavailable`
/// at once. What was joined, watched or served goes on by itself.
///
/// @param log Must outlive all that comes of the connection.
/// @returns `ec::unavailable` (no server answers, or its handshake hangs, TLS
/// fails, JetStream does not run there), `ec::denied` (the login is refused, or
/// may not use JetStream) or `ec::invalid_argument` (an option is wrong or its
/// file cannot be read).
[[nodiscard]] caf::expected<connection> open(const options& how, log& log);

} // namespace stravasync::jetstream
