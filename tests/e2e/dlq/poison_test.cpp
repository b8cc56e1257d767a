#include "tests/e2e/dlq/poison.hpp"

#include "adapters/embedded_bus/embedded_bus.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/silent_log.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using test::poison;

TEST_CASE("one bad message in a thousand is one dead letter, and no more once "
          "the fix is there",
          "[e2e][dlq]") {
  auto what = GENERATE(poison::not_well_formed, poison::of_unknown_type,
                       poison::always_failing);
  stravasync::scratch_folder folder;
  test::silent_log journal;
  auto bus = stravasync::embedded_bus::open({.path = folder.file("bus.db")},
                                            journal);
  REQUIRE(bus);
  test::check_poison(*bus, what);
}
