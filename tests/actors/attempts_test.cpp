#include "actors/attempts.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace stravasync;

namespace {

constexpr auto t0 = unix_ms{1'700'000'000'000};

state::v1::AttemptState failed(int times, const std::string& reason) {
  state::v1::AttemptState result;
  for (auto i = 0; i < times; ++i)
    note_failed(result, {t0 + i, "node-1", reason});
  return result;
}

/// As the bucket gives it back.
state::v1::AttemptState stored(const state::v1::AttemptState& what) {
  return attempts_of(what.SerializeAsString(), what.stored_at_ms());
}

} // namespace

TEST_CASE("each attempt of as many as there may be is kept if they fail alike",
          "[attempts]") {
  auto state = stored(failed(1'000, std::string(300, 'r')));
  auto log = attempt_log(state);
  REQUIRE(log.size() == 1'000);
  for (auto i = 0; i < 1'000; ++i) {
    CHECK(log[i].at_ms == t0 + i);
    CHECK(log[i].node == "node-1");
    CHECK(log[i].reason == std::string(300, 'r'));
  }
  CHECK(state.ByteSizeLong() < attempt_log_bytes_max);
}

TEST_CASE("of attempts that fail differently the oldest go that do not fit",
          "[attempts]") {
  state::v1::AttemptState state;
  for (auto i = 0; i < 1'000; ++i)
    note_failed(state, {t0 + i, "node-1", std::string(i % 2 + 100, 'r')});
  auto log = attempt_log(stored(state));
  CHECK(log.size() > 150);
  CHECK(log.size() < 200);
  CHECK(log.back().at_ms == t0 + 999);
  CHECK(log.front().at_ms == t0 + 1'000 - static_cast<unix_ms>(log.size()));
  CHECK_FALSE(log.front().reason.empty());
  CHECK(attempts_spent(state) == 1'000);
}

TEST_CASE("the words of an attempt outlast those before it that said the same",
          "[attempts]") {
  auto state = failed(5, "the same");
  for (auto i = 0; i < 70; ++i)
    note_failed(state, {t0 + 5 + i, "n", std::string(i % 2 + 299, 'x')});
  for (const auto& one : attempt_log(state))
    CHECK_FALSE(one.reason.empty());
}

TEST_CASE("attempts count whatever bytes their reasons are", "[attempts]") {
  auto cut = failed(2, std::string(299, 'x') + "\xC3\xA9");
  CHECK(stored(cut).failed_attempts() == 2);
  CHECK(attempt_log(stored(cut))[1].reason == std::string(299, 'x'));
  auto none = failed(2, std::string(400, '\xff'));
  CHECK(stored(none).failed_attempts() == 2);
  CHECK(attempt_log(stored(none))[1].reason.size() == 300);
}

TEST_CASE("each delivery that nobody outlived is in the log", "[attempts]") {
  auto state = failed(1, "502");
  for (auto i = 0; i < 3; ++i) {
    note_begun(state, t0 + 10 + i, "node-" + std::to_string(i));
    state = stored(state);
  }
  CHECK(attempts_spent(state) == 4);
  auto log = attempt_log(state);
  REQUIRE(log.size() == 4);
  CHECK(log[0].reason == "502");
  for (auto i = 0; i < 3; ++i) {
    CHECK(log[i + 1].at_ms == t0 + 10 + i);
    CHECK(log[i + 1].node == "node-" + std::to_string(i));
    CHECK(log[i + 1].reason == "begun, and nothing heard since");
  }
  note_settled(state);
  CHECK(attempt_log(state).size() == 1);
}

TEST_CASE("what others wrote into the bucket is bounded", "[attempts]") {
  state::v1::AttemptState forged;
  for (auto i = 0; i < 10'000; ++i) {
    auto& one = *forged.add_attempts();
    one.set_node(std::string(500, 'n'));
    one.set_reason(std::to_string(i) + std::string(500, 'r'));
    *forged.add_begun_before() = one;
  }
  auto read = stored(forged);
  CHECK(read.ByteSizeLong() < 3 * attempt_log_bytes_max);
  auto bytes = std::size_t{0};
  for (const auto& one : attempt_log(read))
    bytes += one.node.size() + one.reason.size();
  CHECK(bytes <= attempt_log_bytes_max);
}
