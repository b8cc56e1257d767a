#pragma once

#include "actors/ports/bus.hpp"

#include <cstdint>
#include <memory>

namespace test {

/// What is wrong with one message among many, and what mends it.
enum class poison : std::uint8_t {
  not_well_formed, // Bytes that the handler cannot read until it is mended.
  of_unknown_type, // A type that only a newer version knows.
  always_failing,  // Well-formed; the handler fails with it until mended.
};

/// Sends 1,000 jobs through a DURABLE SOURCE on `on`, one of them poisoned:
/// 999 are handled and one is a dead letter that says why; after the fix
/// `retry` has all 1,000 handled, each once. `on` must be empty and have no
/// stream yet.
void check_poison(const std::shared_ptr<stravasync::bus>& on, poison what);

} // namespace test
