#include "adapters/http/turnstile.hpp"

#include <catch2/catch_test_macros.hpp>

#include <memory>
#include <vector>

namespace stravasync::http {

TEST_CASE("a turnstile lets so many in at once, the others in their order") {
  auto uut = std::make_shared<turnstile>(2);
  std::vector<turnstile::turn> inside;
  std::vector<int> order;
  for (auto i = 0; i < 5; ++i)
    uut->enter([&, i](turnstile::turn mine) {
      order.push_back(i);
      inside.push_back(std::move(mine));
    });
  CHECK(order == std::vector{0, 1});
  auto first = std::move(inside.front());
  auto copy = first;
  first.reset();
  CHECK(order.size() == 2);
  copy.reset();
  CHECK(order == std::vector{0, 1, 2});
  auto second = std::move(inside[1]);
  second.reset();
  CHECK(order == std::vector{0, 1, 2, 3});
  // Each end lets another one in, so not while the vectors are destroyed.
  while (!inside.empty()) {
    auto last = std::move(inside.back());
    inside.pop_back();
  }
  CHECK(order == std::vector{0, 1, 2, 3, 4});
}

TEST_CASE("a turn that is dropped at once is over at once") {
  auto uut = std::make_shared<turnstile>(1);
  auto runs = 0;
  for (auto i = 0; i < 100; ++i)
    uut->enter([&](const turnstile::turn&) { ++runs; });
  CHECK(runs == 100);
}

} // namespace stravasync::http
