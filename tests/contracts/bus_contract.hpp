#pragma once

#include "actors/ports/bus.hpp"

#include <memory>

/// @file
/// What every implementation of `actors/ports/bus.hpp` must do. An adapter's
/// contract test links the `bus_contract_*.cpp` files and defines
/// `make_bus_fixture`.

namespace stravasync::test {

/// A bus of its own for one test case.
class bus_fixture {
public:
  virtual ~bus_fixture() = default;

  /// Ends the connection, if there is one, and opens it again. What the bus
  /// holds stays; the first time it holds nothing.
  virtual std::shared_ptr<bus> open() = 0;
};

/// Defined by each adapter's contract test.
[[nodiscard]] std::unique_ptr<bus_fixture> make_bus_fixture();

} // namespace stravasync::test
