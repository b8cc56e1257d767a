#pragma once

#include "actors/ports/store.hpp"
#include "messages/ingest.pb.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

/// @file
/// Elements of Strava's lists that cannot be read. Each is kept as one dead
/// letter, however many runs list it again, until it can be read.

namespace stravasync {

/// An element of a page and why it is no activity.
struct broken_element {
  std::string json;
  /// Of its bytes, and of how many equal ones come before it in its page.
  std::int64_t digest = 0;
  std::int64_t activity_id = 0; // 0: unknown.
  std::string reason;
};

/// Where a letter comes from.
struct unread_origin {
  /// Gives the dead letter its subject.
  std::string durable;
  /// The dead letter that brought the page, if one did.
  std::string redriven_from;
  unix_ms now = 0;
};

/// @returns the digest that tells the next element like `json` in a page from
/// the `before` equal ones before it.
[[nodiscard]] std::int64_t
digest_of(const std::string& json, std::size_t before);

/// Remembers what could not be read and puts a letter into the outbox for each
/// element that has none. A letter that was sent again and failed again is
/// written anew.
/// @param letters How many were written.
[[nodiscard]] caf::error
set_aside(transaction& tx, const ingest::v1::ActivitiesPage& page,
          const std::vector<broken_element>& broken, const unread_origin& from,
          std::size_t& letters);

/// Forgets what can be read now: `rows`, by id, or by the bytes that they were
/// read from.
/// @param recovered How many there were.
[[nodiscard]] caf::error
forget_readable(transaction& tx, std::int64_t athlete_id,
                const std::vector<activity>& rows, std::size_t& recovered);

/// Forgets what Strava did not list since `before_ms`, and takes what it did
/// out of `unseen`: that is not gone, though no row of it was fetched.
/// @param unknown How many elements were listed that may be any activity.
[[nodiscard]] caf::error
spare_unread(transaction& tx, std::int64_t athlete_id, unix_ms before_ms,
             std::vector<std::int64_t>& unseen, std::size_t& unknown);

} // namespace stravasync
