#include "adapters/http/budget_table.hpp"

#include "adapters/http/documents.hpp"
#include "messages/error.hpp"
#include "tests/adapters/http/api_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace stravasync;
using namespace stravasync::http;

TEST_CASE("the budget is a table") {
  query::v1::Budget budget;
  auto* gauge = budget.add_gauges();
  gauge->set_name("short_read");
  gauge->set_limit(100);
  gauge->set_used(40);
  gauge->set_resets_at_ms(1'700'006'400'000);
  budget.set_in_flight(2);
  auto table = budget_table(to_json(budget));
  REQUIRE(table);
  CHECK(table->find("short_read  40    100  2023-11-15 00:00:00")
        != std::string::npos);
  CHECK(table->find("in flight: 2; no answer has confirmed")
        != std::string::npos);
  for (const auto* text : {"", "{}", "[]", R"({"gauges":1})"})
    CHECK(code_of(budget_table(text).error()) == ec::malformed);
}

TEST_CASE_METHOD(api_fixture,
                 "a reset of the budget is handed on with who asks") {
  auto reply = client.post("/api/v1/admin/budget/reset", "{}");
  CHECK(reply.status == 200);
  REQUIRE(service.reset_budget.asked.size() == 1);
  CHECK(service.reset_budget.asked[0].asked_by() == "127.0.0.1");
  CHECK(client.get("/api/v1/admin/budget/reset").status == 405);
}
