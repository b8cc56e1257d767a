#include "adapters/embedded_bus/dedupe_window.hpp"
#include "adapters/embedded_bus/unsettled_set.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace stravasync::embedded_bus;
using std::chrono::milliseconds;

TEST_CASE("a rolled back message id is forgotten", "[embedded_bus]") {
  dedupe_window window;
  window.add("a", 1, 100);
  window.commit();
  window.add("b", 2, 200);
  window.add("c", 3, 200);
  window.rollback();
  CHECK(window.find("a") == 1);
  CHECK_FALSE(window.find("b"));
  CHECK_FALSE(window.find("c"));
  window.add("b", 2, 300);
  window.commit();
  CHECK(window.find("b") == 2);
}

TEST_CASE("message ids leave the window by age", "[embedded_bus]") {
  dedupe_window window;
  window.add("a", 1, 100);
  window.add("b", 2, 200);
  window.expire(1'000);
  CHECK(window.find("a") == 1); // Not committed: the rollback needs it.
  window.commit();
  window.expire(200);
  CHECK_FALSE(window.find("a"));
  CHECK(window.find("b") == 2);
  window.expire(201);
  CHECK_FALSE(window.find("b"));
}

TEST_CASE("unsettled messages are ordered by time due", "[embedded_bus]") {
  unsettled_set set;
  set.put(1, {1, milliseconds{300}});
  set.put(2, {1, milliseconds{100}});
  set.put(3, {2, milliseconds{100}});
  CHECK(set.size() == 3);
  CHECK(set.redelivered() == 1);
  CHECK(set.by_due().begin()->second == 2);

  set.put(2, {2, milliseconds{400}});
  CHECK(set.size() == 3);
  CHECK(set.redelivered() == 2);
  CHECK(set.by_due().begin()->second == 3);
  REQUIRE(set.find(2) != nullptr);
  CHECK(set.find(2)->deliveries == 2);

  set.erase(3);
  set.erase(3);
  CHECK(set.redelivered() == 1);
  CHECK(set.find(3) == nullptr);
  set.clear();
  CHECK(set.size() == 0);
  CHECK(set.by_due().empty());
}
