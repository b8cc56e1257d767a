#pragma once

#include "tests/adapters/postgres/postgres_fixture.hpp"

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace stravasync::postgres {

/// Two sessions on one database.
struct concurrent_fixture : postgres_fixture {
  std::unique_ptr<store_session> session = make_database();
  std::unique_ptr<store_session> other = open();
};

inline caf::error touch(transaction& tx, std::int64_t id) {
  auto row = tx.athletes().get({id});
  if (!row)
    return row.error();
  (*row)->newest_start_ms += 1;
  return tx.athletes().update(**row);
}

inline caf::error add_one(transaction& tx) {
  return touch(tx, 1);
}

inline const auto athlete_1 = std::vector<std::int64_t>{1};

/// Runs `work(session, number)` on sessions and threads of their own.
/// @returns the first error's text.
template <class Work>
std::string at_once(const postgres_fixture& on, int threads, Work work) {
  auto running = std::vector<std::future<std::string>>{};
  for (auto number = 0; number < threads; ++number)
    running.push_back(std::async(std::launch::async, [&, number] {
      auto mine = open_session(on.opts);
      return mine ? work(**mine, number) : detail_of(mine.error());
    }));
  auto first = std::string{};
  for (auto& each : running)
    if (auto why = each.get(); first.empty())
      first = why;
  return first;
}

} // namespace stravasync::postgres
