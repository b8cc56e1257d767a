#include "messages/error.hpp"

#include <caf/exit_reason.hpp>
#include <caf/sec.hpp>
#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <set>
#include <string>

using namespace stravasync;
using std::chrono::milliseconds;

TEST_CASE("every code has a name of its own") {
  std::set<std::string> names;
  constexpr auto last = static_cast<std::uint8_t>(last_ec);
  for (auto code = std::uint8_t{0}; code <= last; ++code)
    names.insert(to_string(static_cast<ec>(code)));
  CHECK(names.size() == last + 1U);
  CHECK_FALSE(names.contains("unknown"));
  CHECK(to_string(static_cast<ec>(255)) == "unknown");
}

TEST_CASE("codes keep the numbers that stored dead letters show") {
  CHECK(static_cast<int>(ec::none) == 0);
  CHECK(static_cast<int>(ec::invalid_argument) == 1);
  CHECK(static_cast<int>(ec::unavailable) == 5);
  CHECK(static_cast<int>(ec::needs_reauth) == 9);
  CHECK(static_cast<int>(ec::rate_limited) == 12);
  CHECK(static_cast<int>(ec::internal) == 16);
  CHECK(static_cast<int>(ec::denied) == 17);
}

TEST_CASE("a failure tells code, detail and when to try again") {
  auto error = make_failure(ec::exhausted, "the lane is full",
                            milliseconds{1'500});
  CHECK(code_of(error) == ec::exhausted);
  CHECK(detail_of(error) == "the lane is full");
  CHECK(retry_after_of(error) == milliseconds{1'500});
}

TEST_CASE("a failure without a delay has none, and zero is a delay") {
  CHECK_FALSE(retry_after_of(make_failure(ec::not_found, "no such athlete")));
  CHECK(retry_after_of(make_failure(ec::unavailable, "gone", milliseconds{0}))
        == milliseconds{0});
}

TEST_CASE("no error has code none, no detail and no delay") {
  CHECK(code_of(caf::error{}) == ec::none);
  CHECK(detail_of(caf::error{}).empty());
  CHECK_FALSE(retry_after_of(caf::error{}));
}

TEST_CASE("context goes before the detail and changes nothing else") {
  auto delayed = with_context(
    make_failure(ec::unavailable, "connection refused", milliseconds{20}),
    "store");
  CHECK(code_of(delayed) == ec::unavailable);
  CHECK(detail_of(delayed) == "store: connection refused");
  CHECK(retry_after_of(delayed) == milliseconds{20});
  auto plain = with_context(make_failure(ec::malformed, "no id"), "activity 3");
  CHECK(code_of(plain) == ec::malformed);
  CHECK(detail_of(plain) == "activity 3: no id");
  CHECK_FALSE(retry_after_of(plain));
}

TEST_CASE("an actor that is down or ended unanswered is unavailable") {
  CHECK(code_of(caf::sec::request_receiver_down) == ec::unavailable);
  CHECK(code_of(caf::sec::runtime_error) == ec::unavailable);
  CHECK(code_of(caf::exit_reason::kill) == ec::unavailable);
}

TEST_CASE("errors that are nobody's are internal and still say something") {
  auto error = caf::error{caf::sec::unexpected_message};
  CHECK(code_of(error) == ec::internal);
  CHECK_FALSE(detail_of(error).empty());
  CHECK_FALSE(retry_after_of(error));
}
