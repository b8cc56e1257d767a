#include "actors/kit/fault.hpp"

#include <caf/exit_reason.hpp>
#include <caf/sec.hpp>
#include <catch2/catch_test_macros.hpp>

using namespace std::chrono_literals;
using kit::fault;

TEST_CASE("the numbers and the shape that others translate are fixed",
          "[fault]") {
  const auto error = kit::unavailable("the store", 1'500ms);
  CHECK(error.category() == caf::atom("kit"));
  CHECK(error.code() == 1);
  REQUIRE((error.context().match_elements<std::string, std::int64_t>()));
  CHECK(error.context().get_as<std::string>(0) == "the store");
  CHECK(error.context().get_as<std::int64_t>(1) == 1'500);
  CHECK(kit::make_fault(fault::broken_promise, "").code() == 2);
}

TEST_CASE("the time to try again is kept, or known to be unknown", "[fault]") {
  CHECK(kit::retry_after_of(kit::unavailable("x", 2s)) == 2s);
  CHECK(kit::retry_after_of(kit::unavailable("x", -2s)) == 0s);
  CHECK(kit::retry_after_of(kit::make_fault(fault::crashed, "x"))
        == std::nullopt);
  CHECK(kit::retry_after_of({}) == std::nullopt);
  CHECK(kit::retry_after_of(caf::make_error(caf::sec::runtime_error))
        == std::nullopt);
}

TEST_CASE("a person can read every error", "[fault]") {
  CHECK(kit::describe({}) == "ended normally");
  CHECK(kit::describe(kit::unavailable("the store is away", 1s))
        == "the store is away");
  CHECK(kit::describe(caf::make_error(caf::exit_reason::kill)) == "kill");
  CHECK(kit::describe(caf::make_error(caf::sec::request_receiver_down))
        == "request_receiver_down");
  CHECK(kit::to_string(fault::gave_up) == "gave_up");
}

TEST_CASE("lost requests are told from answers that are errors", "[fault]") {
  CHECK(kit::is_lost(kit::unavailable("x", 1s)));
  CHECK(kit::is_lost(kit::make_fault(fault::broken_promise, "x")));
  CHECK(kit::is_lost(caf::make_error(caf::sec::request_receiver_down)));
  CHECK(kit::is_lost(caf::make_error(caf::exit_reason::kill)));
  CHECK_FALSE(kit::is_lost({}));
  CHECK_FALSE(kit::is_lost(caf::make_error(caf::sec::unexpected_message)));
}
