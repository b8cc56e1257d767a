#include "tests/adapters/http/api_fixture.hpp"

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>

namespace stravasync::http {

namespace {

using namespace std::chrono_literals;
using reader_ptr = std::unique_ptr<test::event_reader>;

struct fixture : api_fixture {
  /// @returns a client that has heard of an event.
  reader_ptr watch() {
    auto reader = std::make_unique<test::event_reader>(server.address(),
                                                       "/api/v1/events");
    auto end = std::chrono::steady_clock::now() + 30s;
    do
      feed.emit({.kind = "guardian", .text = "hello"});
    while (!reader->next(50ms) && std::chrono::steady_clock::now() < end);
    return reader;
  }

  /// @returns what the client hears of an athlete.
  static std::string next_data(test::event_reader& of) {
    while (auto event = of.next(10s))
      if (event->kind == "athlete_connected")
        return event->data;
    return {};
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "an event is made text once, however many watch") {
  auto readers = std::array{watch(), watch(), watch()};
  CHECK(feed.watchers() == 1);
  feed.emit({.kind = "athlete_connected", .athlete_id = 8});
  for (auto& reader : readers)
    CHECK(next_data(*reader) == R"({"athlete_id":8})");
  readers[0].reset();
  feed.emit({.kind = "athlete_connected", .athlete_id = 9});
  CHECK(next_data(*readers[1]) == R"({"athlete_id":9})");
  CHECK(next_data(*readers[2]) == R"({"athlete_id":9})");
  readers[1].reset();
  readers[2].reset();
  for (auto end = std::chrono::steady_clock::now() + 30s;
       feed.watchers() > 0 && std::chrono::steady_clock::now() < end;)
    std::this_thread::yield();
  CHECK(feed.watchers() == 0);
  // Who comes after everybody has left hears of what happens then.
  auto late = watch();
  feed.emit({.kind = "athlete_connected", .athlete_id = 10});
  CHECK(next_data(*late) == R"({"athlete_id":10})");
}

} // namespace stravasync::http
