#pragma once

#include "actors/api/dead_letters.hpp"
#include "actors/dead_letter.hpp"
#include "tests/support/actor_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace test {

using ids = std::vector<std::uint64_t>;

/// A DEAD LETTERS that reads three at once, looks at ten and settles four.
struct dead_letters_fixture : actor_fixture {
  stravasync::dead_letters_actor uut = keep(system().spawn(
    stravasync::dead_letters, context(), std::shared_ptr<stravasync::bus>{bus},
    stravasync::dead_letters_config{
      .read_max = 3, .scan_max = 10, .settle_max = 4}));

  /// Letter number `n` is of athlete n; its reason "reason n".
  void bury(std::uint64_t count, const std::string& durable = "consumer__job") {
    for (auto i = std::uint64_t{0}; i < count; ++i, ++sequence) {
      auto n = std::to_string(sequence);
      stravasync::envelope message{
        "jobs.sync_athlete." + n, {{"Nats-Msg-Id", "r/" + n}}, "body " + n};
      bus->publish(
        stravasync::make_dead_letter(message, {.durable = durable,
                                               .stream = "JOBS",
                                               .sequence = sequence,
                                               .reason = "reason " + n}),
        [](auto&&) {});
    }
    bus->take_log();
  }

  stravasync::query::v1::DeadLetterList
  list(std::uint32_t limit, const std::string& cursor = {},
       const stravasync::query::v1::DeadLetterFilter& filter = {}) {
    stravasync::query::v1::ListDeadLetters question;
    question.set_limit(limit);
    question.set_cursor(cursor);
    *question.mutable_filter() = filter;
    auto got = ask<stravasync::query::v1::DeadLetterList>(uut, question);
    REQUIRE(got);
    return *got;
  }

  template <class Command>
  caf::expected<stravasync::query::v1::DeadLettersSettled>
  settle(const stravasync::query::v1::DeadLetterChoice& choice) {
    Command command;
    *command.mutable_choice() = choice;
    return ask<stravasync::query::v1::DeadLettersSettled>(uut, command);
  }

  auto retry(const stravasync::query::v1::DeadLetterChoice& choice) {
    return settle<stravasync::query::v1::RetryDeadLetters>(choice);
  }

  auto drop(const stravasync::query::v1::DeadLetterChoice& choice) {
    return settle<stravasync::query::v1::DropDeadLetters>(choice);
  }

  static stravasync::query::v1::DeadLetterChoice these(const ids& which) {
    stravasync::query::v1::DeadLetterChoice result;
    for (auto id : which)
      result.add_ids(id);
    return result;
  }

  static stravasync::query::v1::DeadLetterChoice all() {
    stravasync::query::v1::DeadLetterChoice result;
    result.set_all(true);
    return result;
  }

  template <class List>
  static ids ids_of(const List& list) {
    ids result;
    for (const auto& one : list.items())
      result.push_back(one.id());
    return result;
  }

  std::size_t kept() {
    return bus->stored("dlq.>").size();
  }

  std::uint64_t sequence = 1;
};

} // namespace test
