#include "tests/e2e/page/stage.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>

using test::stage;

namespace {

/// More than the connections that a browser has for one server.
constexpr auto tabs = 8;

const auto lists_the_athlete = std::string{
  "document.querySelector('.athlete .progress').dataset.state "
  "=== 'complete'"};
const auto is_live
  = std::string{"document.querySelector('#live').textContent === 'Live'"};

const auto finds_a_free_stream = std::string{
  "(window.looks = window.looks || (async () => { for (;;) { const stop = "
  "new AbortController(); const answer = await "
  "fetch('/api/v1/events', { signal: stop.signal }); "
  "stop.abort(); if (answer.ok) { window.free = true; return; "
  "} await new Promise((go) => setTimeout(go, 100)); } })()) "
  "&& window.free"};

/// How many streams a page of its own may open still, of `most` for the node.
std::string count_free_streams(int most) {
  return "return (async () => { let open = 0; const all = []; for (let i = 0; "
         "i < "
         + std::to_string(most)
         + "; ++i) { const stop = new AbortController(); const answer = await "
           "fetch('/api/v1/events', { signal: stop.signal }); if (answer.ok) "
           "{ ++open; all.push(stop); } else break; } for (const stop of all) "
           "stop.abort(); return open; })();";
}

} // namespace

TEST_CASE("any number of tabs shares one stream of events") {
  stage with{{{"STRAVASYNC_HTTP_STREAMS_MAX", "3"}}};
  auto& page = with.page();
  with.connect();
  with.wait_for_history();
  for (auto i = 1; i < tabs; ++i) {
    page.open_tab();
    page.open(with.address());
    page.wait_until(lists_the_athlete,
                    "the athletes in tab " + std::to_string(i));
    page.wait_until(is_live, "a live tab " + std::to_string(i));
  }
  CHECK(page.console_errors().empty());
  // One of three is taken, whoever shows.
  CHECK(page.run(count_free_streams(3)).to_number<int>() == 2);
  page.show_tab(0);
  page.wait_until(is_live, "the first tab live again");
  CHECK(page.run("return fetch('/api/v1/athletes').then((a) => a.status);")
          .to_number<int>()
        == 200);
}

TEST_CASE("a tab that comes back to the front shows what it missed") {
  stage with;
  auto& page = with.page();
  with.connect();
  with.wait_for_history();
  page.open(with.address());
  page.wait_until(lists_the_athlete, "a complete history");
  page.open_tab();
  page.open(with.address(with.athlete_path()));
  page.wait_until(is_live, "a second tab");
  page.run("return fetch('/api/v1" + with.athlete_path()
           + "', { method: 'DELETE' }).then((answer) => answer.status);");
  page.show_tab(0);
  page.wait_until("document.querySelector('.welcome')",
                  "that there is no athlete any more");
}

TEST_CASE("a tab that nobody sees has no stream") {
  stage with{{{"STRAVASYNC_HTTP_STREAMS_MAX", "1"}}};
  auto& page = with.page();
  page.open(with.address());
  page.wait_until(is_live, "a live page");
  // Another page has none to take while the first is seen.
  CHECK(page.run(count_free_streams(1)).to_number<int>() == 0);
  page.open_tab();
  page.open(with.address("/assets/base.css"));
  page.show_tab(1);
  page.wait_until(finds_a_free_stream, "the stream released");
  page.show_tab(0);
  page.wait_until(is_live, "the first page live again");
}

TEST_CASE("a tab that crashed keeps no stream") {
  stage with{{{"STRAVASYNC_HTTP_STREAMS_MAX", "1"}}};
  auto& page = with.page();
  // What never says another word after it joined.
  page.open(with.address("/assets/base.css"));
  CHECK(page
          .run("const worker = new SharedWorker('/assets/shared.js', { type: "
               "'module', name: 'crashed' }); window.kept = worker; return new "
               "Promise((go) => { worker.port.onmessage = ({ data }) => "
               "data.kind === 'open' && go(true); "
               "worker.port.postMessage('join'); });")
          .as_bool());
  CHECK(page.run(count_free_streams(1)).to_number<int>() == 0);
  page.wait_until(finds_a_free_stream, "the stream released");
}

TEST_CASE("a tab that is seen says so again and again") {
  stage with;
  auto& page = with.page();
  page.open(with.address());
  page.wait_until(is_live, "a live page");
  CHECK(page
          .run("return new Promise((go) => { let signs = 0; const post = "
               "MessagePort.prototype.postMessage; "
               "MessagePort.prototype.postMessage = function (what) { if (what "
               "=== 'here' && ++signs === 2) go(true); return post.call(this, "
               "what); }; });")
          .as_bool());
}

TEST_CASE("all of the page lives under the path of the public URL") {
  stage with{{}, "/my/strava"};
  auto& page = with.page();
  with.connect();
  with.wait_for_history();
  page.wait_until(is_live, "events under the path");
  with.save_screenshot("under-a-path");
  page.click(".crumb a");
  page.wait_until("location.pathname === '/my/strava/' && " + lists_the_athlete,
                  "the overview");
  page.click("#nav-system");
  page.wait_until("document.querySelectorAll('.gauge').length === 4",
                  "the system view");
  page.open(with.address(with.athlete_path()));
  with.wait_for_history();
  page.click("#activities tbody a");
  page.wait_until("document.querySelector('dialog.sheet a[target]')",
                  "one activity");
  CHECK(page
          .run("return fetch(document.querySelector('dialog.sheet "
               "a[href*=raw]').href).then((answer) => answer.status);")
          .to_number<int>()
        == 200);
  CHECK(page.console_errors().empty());
}
