#include "tests/e2e/page/stage.hpp"
#include "tests/support/http_client.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>

using test::stage;

TEST_CASE("what a node lacks stands in the system view until it works again") {
  stage with;
  auto& page = with.page();
  page.open(with.address());
  page.click("#nav-system");
  page.wait_until("/^All \\d+ actors are up/.test("
                  "document.querySelector('.cluster > .sub')?.textContent)",
                  "a node that lacks nothing");
  CHECK(page.run("return document.querySelector('.nodes .trouble').hidden;")
          .as_bool());
  with.move_data_away();
  page.wait_until("[...document.querySelectorAll('.nodes .trouble code')]"
                  ".some((part) => part.textContent === 'disk')",
                  "the part that does not work");
  auto line = page
                .run("return [...document.querySelectorAll('.nodes .trouble "
                     "li')].find((line) => line.querySelector('code')"
                     ".textContent === 'disk').textContent;")
                .as_string();
  INFO(line);
  CHECK(line.find("No such file or directory (since ") != line.npos);
  CHECK(
    page.text_of(".cluster > .sub").ends_with("1 of 1 node lacks something."));
  auto ready = page.run("return fetch('/readyz').then((a) => a.status);");
  CHECK(ready.to_number<int>() == 503);
  page.run("document.querySelector('#system-nodes').scrollIntoView();");
  with.save_screenshot("lacking");
  with.move_data_back();
  page.wait_until("document.querySelector('.nodes .trouble').hidden",
                  "a node that lacks nothing any more");
}

TEST_CASE("activities that could not be read are counted, and why is told") {
  stage with;
  auto& page = with.page();
  test::http_client{with.simulator_address()}.post(
    "/sim/faults",
    R"({"mode":"cut_name","count":1,"path":"/athlete/activities"})");
  with.connect();
  auto read = std::to_string(with.history().count - 1);
  auto amount = read + " activities, 1 could not be read";
  page.wait_until("document.querySelector('.amount').textContent === '" + amount
                    + "'",
                  "how many were read and how many not");
  page.wait_until("document.querySelector('.progress').dataset.state "
                  "=== 'complete'",
                  "a complete sync");
  with.save_screenshot("unread");
  page.open(with.address());
  page.wait_until("document.querySelector('.athlete .amount')?.textContent"
                  " === '"
                    + amount + "'",
                  "the same in the overview");
  page.click("#nav-system");
  page.wait_until("document.querySelector('#system-letters')?.textContent"
                  ".includes('must not hold half of a surrogate pair')",
                  "what could not be read, and why");
  CHECK(page.console_errors().empty());
}
