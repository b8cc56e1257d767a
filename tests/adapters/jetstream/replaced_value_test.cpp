#include "tests/adapters/jetstream/jetstream_fixture.hpp"

#include <atomic>
#include <thread>

using namespace stravasync;
using namespace stravasync::test;
using namespace std::chrono_literals;

TEST_CASE_METHOD(jetstream_fixture,
                 "a value is found while another one takes its place",
                 "[jetstream]") {
  auto writes = connect({.urls = {server->url()}});
  auto reads = connect({.urls = {server->url()}});
  bus_probe writer{writes.messages};
  bus_probe reader{reads.messages};
  auto revision = writer.put("STATE", "k", "0", 0);
  REQUIRE(revision);
  std::atomic<bool> over = false;
  auto missed = 0;
  auto slow = 0;
  auto looks = 0;
  auto look = std::thread{[&] {
    while (!over) {
      auto began = std::chrono::steady_clock::now();
      auto got = reader.get("STATE", "k");
      auto keys = reader.keys("STATE");
      ++looks;
      missed += got && got->has_value() ? 0 : 1;
      missed += keys && keys->size() == 1 ? 0 : 1;
      slow += std::chrono::steady_clock::now() - began > 2s ? 1 : 0;
    }
  }};
  for (auto i = 1; i <= 2'000 && revision; ++i)
    revision = writer.put("STATE", "k", std::to_string(i), *revision);
  over = true;
  look.join();
  CHECK(revision);
  CHECK(looks > 0);
  CHECK(missed == 0);
  CHECK(slow == 0);
}
