#include "adapters/callbacks/callback_thread.hpp"

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <vector>

using namespace std::chrono_literals;
using stravasync::callbacks::callback_thread;

namespace {

constexpr auto long_enough = 30s;

bool comes(std::future<void>& what) {
  return what.wait_for(long_enough) == std::future_status::ready;
}

} // namespace

TEST_CASE("what is posted runs in order, also what was before the start",
          "[callbacks]") {
  std::vector<int> ran;
  callback_thread uut;
  uut.post([&] { ran.push_back(1); });
  uut.start();
  uut.post({[&] { ran.push_back(2); }, [&] { ran.push_back(3); }});
  uut.post([&] { ran.push_back(4); });
  uut.stop();
  CHECK(ran == std::vector{1, 2, 3, 4});
}

TEST_CASE("what a task holds goes before the next one runs", "[callbacks]") {
  auto held = std::make_shared<int>(1);
  auto weak = std::weak_ptr{held};
  auto gone = false;
  callback_thread uut;
  uut.post({[held = std::move(held)] {}, [&] { gone = weak.expired(); }});
  uut.start();
  uut.stop();
  CHECK(gone);
}

TEST_CASE("after the stop a task is destroyed unrun", "[callbacks]") {
  auto ran = false;
  auto held = std::make_shared<int>(1);
  auto weak = std::weak_ptr{held};
  callback_thread uut;
  uut.start();
  uut.stop();
  uut.post([&ran, held = std::move(held)] { ran = true; });
  CHECK(weak.expired());
  CHECK_FALSE(ran);
}

TEST_CASE("a task may end the thread it runs on", "[callbacks]") {
  auto uut = std::make_unique<callback_thread>();
  std::promise<void> posted;
  std::promise<void> first;
  std::promise<void> second;
  auto first_ran = first.get_future();
  auto second_ran = second.get_future();
  uut->start();
  uut->post({[&, all_posted = posted.get_future().share()] {
               all_posted.wait();
               uut.reset();
               first.set_value();
             },
             [&] { second.set_value(); }});
  posted.set_value();
  CHECK(comes(first_ran));
  CHECK(comes(second_ran));
}

TEST_CASE("it ticks when idle, and between tasks that never end",
          "[callbacks]") {
  std::promise<void> twice;
  auto ticked_twice = twice.get_future();
  auto ticks = 0;
  callback_thread uut;
  std::function<void()> again = [&] {
    if (ticks < 2)
      uut.post(again);
  };
  SECTION("idle") {
  }
  SECTION("busy") {
    uut.post(again);
  }
  uut.start(1ms, [&] {
    if (++ticks == 2)
      twice.set_value();
  });
  CHECK(comes(ticked_twice));
  uut.stop();
}
