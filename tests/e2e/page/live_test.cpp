#include "tests/e2e/page/stage.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>

using test::stage;

TEST_CASE("progress is seen while pages arrive") {
  stage with{{{"STRAVASYNC_SIM_LATENCY", "1500ms"}}};
  auto& page = with.page();
  with.connect();
  page.wait_until("document.querySelector('.progress').dataset.state "
                  "=== 'running'",
                  "a running sync");
  page.wait_until("parseInt(document.querySelector('.amount').textContent) > 0",
                  "a part of the history in figures");
  auto shown = page.run("return Number(document.querySelector("
                        "'[role=progressbar]').ariaValueNow);");
  CHECK(shown.to_number<double>() > 0);
  CHECK(shown.to_number<double>() < 100);
  page.wait_until("document.querySelector('#activities tbody tr')",
                  "activities that can be looked at already");
  with.save_screenshot("partly");
  with.wait_for_history();
  CHECK(page.console_errors().empty());
}

TEST_CASE("waiting for the limit is said, with the time when it goes on") {
  // Connecting takes one request, each page one: the window is soon empty.
  stage with{{{"STRAVASYNC_SIM_LIMITS", "20,2000,2,1000"},
              {"STRAVASYNC_BUDGET_LIMITS", "20,2000,2,1000"},
              {"STRAVASYNC_SIM_WINDOW", "10s"}}};
  auto& page = with.page();
  with.connect();
  page.wait_until("document.querySelector('.progress')?.dataset.state "
                  "=== 'waiting'",
                  "a sync that waits");
  auto headline = page.text_of(".progress .state");
  INFO(headline);
  CHECK(headline.starts_with("Waiting for Strava’s limit"));
  with.save_screenshot("waiting");
  with.wait_for_history();
  CHECK(page.console_errors().empty());
}

TEST_CASE("a sync that somebody else starts is seen without a reload") {
  stage with;
  auto& page = with.page();
  with.connect();
  with.wait_for_history();
  page.open(with.address());
  page.wait_until("document.querySelector('.athlete .progress').dataset.state "
                  "=== 'complete'",
                  "a complete history");
  page.run("window.states = []; new MutationObserver(() => "
           "states.push(document.querySelector('.athlete .progress')"
           ".dataset.state)).observe(document.querySelector('.athlete "
           ".progress'), { attributes: true });");
  page.run("return fetch('/api/v1" + with.athlete_path()
           + "/sync', { method: 'POST', headers: { 'Content-Type': "
             "'application/json' }, body: '{\"mode\":\"relist\"}' })"
             ".then((answer) => answer.status);");
  page.wait_until("states.some((state) => state !== 'complete') && "
                  "states.at(-1) === 'complete'",
                  "the run from its start to its end");
  CHECK(page.console_errors().empty());
}

TEST_CASE("the page says that the program is gone, and finds it again") {
  stage with;
  auto& page = with.page();
  with.connect();
  with.wait_for_history();
  page.wait_until("document.querySelector('#live').textContent === 'Live'",
                  "a live page");
  with.kill_program();
  page.wait_until("document.querySelector('#live').textContent === "
                  "'Reconnecting'",
                  "a lost connection");
  page.click(".sync .primary");
  page.wait_until("document.querySelector('.notice[data-kind=bad]')",
                  "why it does not work");
  with.save_screenshot("gone");
  with.start_program();
  page.wait_until("document.querySelector('#live').textContent === 'Live'",
                  "the connection restored", std::chrono::seconds{40});
  page.wait_until("document.querySelector('.tiles dd').textContent === '"
                    + std::to_string(with.history().count) + "'",
                  "the history, nothing lost");
}

TEST_CASE("the units chosen are kept") {
  stage with;
  auto& page = with.page();
  with.connect();
  with.wait_for_history();
  page.click("[data-units=imperial]");
  page.wait_until("document.querySelector('#activities td.distance')"
                  ".textContent.endsWith(' mi')",
                  "miles");
  page.open(page.url());
  with.wait_for_history();
  CHECK(page.text_of("#activities td.distance").ends_with(" mi"));
}

TEST_CASE("operators see actors, limits, streams and nodes") {
  stage with;
  auto& page = with.page();
  with.connect();
  with.wait_for_history();
  page.click("#nav-system");
  page.wait_until("document.querySelectorAll('.gauge').length === 4 && "
                  "!document.querySelector('[aria-busy]')",
                  "the system view");
  CHECK(page.text_of("#system-streams").find("INGEST") != std::string::npos);
  CHECK(page.text_of("#system-nodes").find("actors are up")
        != std::string::npos);
  CHECK(page.text_of("#system-nodes").find("api, consumer")
        != std::string::npos);
  CHECK(page.text_of("#system-schedules").find("incremental")
        != std::string::npos);
  with.save_screenshot("system");
  CHECK(page.console_errors().empty());
}
