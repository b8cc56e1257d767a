// Many nodes that come to a server with nothing stored.

#include "tests/adapters/jetstream/jetstream_fixture.hpp"

#include <latch>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

using namespace stravasync;
using namespace stravasync::test;

namespace {

/// "B_A", "B_B", ..., "B_BA", ...
std::string bucket_name(int number) {
  auto result = std::string{};
  for (; number > 0 || result.empty(); number /= 26)
    result.insert(result.begin(), static_cast<char>('A' + number % 26));
  return "B_" + result;
}

} // namespace

TEST_CASE_METHOD(jetstream_fixture,
                 "nodes that make the same buckets and streams and read them "
                 "at once do not end a fresh server",
                 "[jetstream]") {
  constexpr auto nodes = 6;
  constexpr auto rounds = 60;
  // So that some come while the server makes what the first asked for.
  constexpr auto apart = std::chrono::microseconds{300};
  std::vector<bus_probe> all;
  for (auto i = 0; i < nodes; ++i)
    all.emplace_back(connect().messages);
  std::mutex guard;
  std::vector<std::string> failures;
  auto note = [&](const auto& got) {
    auto lock = std::lock_guard{guard};
    if (!got)
      failures.push_back(detail_of(got.error()));
  };
  for (auto round = 0; round < rounds; ++round) {
    auto together = std::latch{nodes};
    std::vector<std::thread> threads;
    for (auto& bus : all)
      threads.emplace_back([&, round, after = apart * threads.size()] {
        auto name = bucket_name(round);
        auto stream = stream_config{.name = "S_" + name,
                                    .subjects = name + ".>"};
        together.arrive_and_wait();
        std::this_thread::sleep_for(after);
        note(bus.get(name, "key"));
        note(bus.ensure(stream));
        note(bus.last(stream.name, name + ".x"));
      });
    for (auto& one : threads)
      one.join();
    REQUIRE(failures == std::vector<std::string>{});
  }
  CHECK(server->output().find("panic") == std::string::npos);
}
