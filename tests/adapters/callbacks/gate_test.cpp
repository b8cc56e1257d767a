#include "adapters/callbacks/gate.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <atomic>
#include <future>
#include <memory>
#include <optional>
#include <thread>

using stravasync::callbacks::gate;

TEST_CASE("a closed gate lets nothing through and holds nothing",
          "[callbacks]") {
  auto held = std::make_shared<int>(0);
  auto weak = std::weak_ptr{held};
  gate<int> uut{[held = std::move(held)](int by) { *held += by; }};
  uut.pass(2);
  REQUIRE(weak.lock());
  CHECK(*weak.lock() == 2);
  uut.close();
  CHECK(weak.expired());
  uut.pass(3);
}

TEST_CASE("closing waits for the call under way", "[callbacks]") {
  std::promise<void> entered;
  std::promise<void> may_leave;
  std::atomic<bool> left = false;
  gate<int> uut{[&](int) {
    entered.set_value();
    may_leave.get_future().wait();
    left = true;
  }};
  auto caller = std::thread{[&] { uut.pass(1); }};
  entered.get_future().wait();
  auto closer = std::async(std::launch::async, [&] {
    uut.close();
    return left.load();
  });
  may_leave.set_value();
  CHECK(closer.get());
  caller.join();
}

TEST_CASE("closed from within, the call is the last", "[callbacks]") {
  std::optional<gate<int>> uut;
  auto held = std::make_shared<int>(0);
  auto weak = std::weak_ptr{held};
  uut.emplace([&uut, held = std::move(held)](int) {
    ++*held;
    uut->close();
  });
  uut->pass(1);
  CHECK(weak.expired());
  uut->pass(2);
}

TEST_CASE("two threads pass one after the other", "[callbacks]") {
  std::atomic<int> inside = 0;
  std::atomic<int> most = 0;
  gate<int> uut{[&](int) {
    most = std::max(most.load(), ++inside);
    std::this_thread::yield();
    --inside;
  }};
  auto pass_many = [&] {
    for (auto i = 0; i < 2'000; ++i)
      uut.pass(i);
  };
  auto other = std::thread{pass_many};
  pass_many();
  other.join();
  CHECK(most == 1);
}
