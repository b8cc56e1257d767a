#include "tests/e2e/page/stage.hpp"

#include <boost/json/array.hpp>
#include <catch2/catch_test_macros.hpp>

#include <cctype>
#include <map>
#include <string>

using test::stage;

namespace {

/// "WeightTraining" => "Weight training"
std::string shown_sport(const std::string& sport) {
  std::string result;
  for (auto c : sport)
    if (!result.empty() && std::isupper(c) != 0) {
      result += ' ';
      result += static_cast<char>(std::tolower(c));
    } else {
      result += c;
    }
  return result;
}

constexpr auto row_count
  = "return document.querySelectorAll('#activities tbody tr').length;";

std::int64_t rows_of(stage& with) {
  return with.page().run(row_count).as_int64();
}

} // namespace

TEST_CASE("an athlete connects and the whole history arrives") {
  stage with;
  auto& page = with.page();
  with.connect();
  with.save_screenshot("arriving");
  with.wait_for_history();
  CHECK(rows_of(with) == 50);
  page.click(".list-foot button");
  page.wait_until(
    "document.querySelectorAll('#activities tbody tr').length === 100",
    "more rows");
  std::map<std::string, std::string> sums;
  auto rows = page.run("return [...document.querySelectorAll('#totals tbody "
                       "tr')].map((row) => [row.cells[0].textContent, "
                       "row.cells[1].textContent]);");
  for (const auto& row : rows.as_array())
    sums.emplace(row.at(0).as_string(), row.at(1).as_string());
  CHECK(sums.size() == with.history().sums.size());
  for (const auto& [sport, sum] : with.history().sums) {
    INFO(sport);
    CHECK(sums[shown_sport(sport)] == std::to_string(sum.count));
  }
  auto total = 0.0;
  for (const auto& [sport, sum] : with.history().sums)
    total += sum.distance_m;
  auto shown = page.run("return new Intl.NumberFormat().format(Math.round("
                        + std::to_string(total / 1000) + ")) + ' km';");
  CHECK(page.text_of(".tiles div:nth-child(2) dd") == shown.as_string());
  with.save_screenshot("history");
  page.open(with.address());
  page.wait_until(
    "document.querySelector('.athlete .progress').dataset.state === 'complete'",
    "the athlete in the overview");
  with.save_screenshot("overview");
  CHECK(page.console_errors().empty());
}

TEST_CASE("the chart draws months by distance, time and count") {
  stage with;
  auto& page = with.page();
  with.connect();
  with.wait_for_history();
  // How many colours stand on the canvas: bars of several sports and text.
  constexpr auto colours
    = "const canvas = document.querySelector('#months'); const { data } = "
      "canvas.getContext('2d').getImageData(0, 0, canvas.width, "
      "canvas.height); const seen = new Set(); for (let i = 0; i < "
      "data.length; i += 4) if (data[i + 3] === 255) seen.add(`${data[i]} "
      "${data[i + 1]} ${data[i + 2]}`); return seen.size;";
  page.wait_until("document.querySelector('#months')?.width > 0", "a chart");
  CHECK(page.run(colours).as_int64() > 5);
  for (const auto* measure : {"Time", "Count", "Distance"}) {
    page.run("[...document.querySelectorAll('.months button')].find((button) "
             "=> button.textContent === '"
             + std::string{measure} + "').click();");
    page.wait_until("document.querySelector('#months').getAttribute("
                    "'aria-label').startsWith('"
                      + std::string{measure} + "')",
                    measure);
  }
  page.fill("#period", "2024");
  page.click(".months summary");
  page.wait_until("document.querySelectorAll('.months tbody tr').length === 12",
                  "a row for each month of the year");
  CHECK(page.console_errors().empty());
}

TEST_CASE("the list is filtered by sport and by day") {
  stage with;
  auto& page = with.page();
  with.connect();
  with.wait_for_history();
  auto hikes = std::to_string(with.history().sums.at("Hike").count);
  page.fill("#filter-sport", "Hike");
  page.wait_until("document.querySelectorAll('#activities tbody tr').length "
                  "=== "
                    + hikes,
                  "the hikes alone");
  page.fill("#filter-sport", "");
  page.fill("#filter-from", with.history().tenth_day);
  page.fill("#filter-to", with.history().newest_day);
  page.wait_until(
    "document.querySelectorAll('#activities tbody tr').length === 10",
    "ten days, both ends included");
  page.open(page.url());
  page.wait_until(
    "document.querySelectorAll('#activities tbody tr').length === 10",
    "the same ten after a reload, since the address holds the filter");
  page.fill("#filter-to", "2020-01-01");
  page.wait_until("!document.querySelector('.complaint').hidden",
                  "a complaint");
  CHECK(page.text_of(".complaint") == "The first day is after the last one.");
  page.click(".filters button");
  page.wait_until(
    "document.querySelectorAll('#activities tbody tr').length === 50",
    "the unfiltered list");
  page.fill("#filter-to", "2001-01-01");
  page.wait_until("document.querySelector('.list .empty')", "an empty list");
  CHECK(page.text_of(".list .empty") == "No activity matches these filters.");
  CHECK(page.console_errors().empty());
}

TEST_CASE("an opened activity shows its route, and its name stays text") {
  stage with;
  auto& page = with.page();
  with.connect();
  with.wait_for_history();
  auto hostile = "#activity-" + std::to_string(with.history().hostile_id);
  CHECK(page.text_of("a[href='" + hostile + "']") == test::hostile_name);
  page.click("a[href='" + hostile + "']");
  page.wait_until("document.querySelector('dialog .route-line')", "a route");
  CHECK(page.text_of("#sheet-title") == test::hostile_name);
  auto points = page.run("return document.querySelector('.route-line')"
                         ".getAttribute('d').split(/[ML]/).length - 1;");
  CHECK(points.as_int64() == test::route_points);
  CHECK(page.run("return window.broken ?? null;").is_null());
  CHECK(page.run("return document.querySelector('img');").is_null());
  with.save_screenshot("activity");
  page.press(test::keys::escape);
  page.wait_until("!document.querySelector('dialog')", "a closed activity");
  page.click("a[href='#activity-" + std::to_string(with.history().manual_id)
             + "']");
  page.wait_until("document.querySelector('.no-route')", "words for no route");
  CHECK(page.console_errors().empty());
}

TEST_CASE("a missing permission is named with what it costs") {
  stage with;
  auto& page = with.page();
  with.connect([](test::browser& consent) {
    consent.click("input[name=scope][value='activity:read_all']");
  });
  page.wait_until("!document.querySelector('.scopes').hidden",
                  "the missing permission");
  auto text = page.text_of(".scopes");
  CHECK(text.find("activity:read_all") != std::string::npos);
  CHECK(text.find("Only You") != std::string::npos);
  CHECK(page.run("return !document.querySelector('.sync .connect').hidden;")
          .as_bool());
}

TEST_CASE("whoever refuses is told so and shown the way back") {
  stage with;
  auto& page = with.page();
  page.open(with.address("/connect"));
  page.click("button[value=deny]");
  page.wait_until("document.querySelector('#problem')", "what happened");
  CHECK(page.text_of("h1") == "Not connected");
  with.save_screenshot("refused");
  page.click("a[href='/']");
  page.wait_until("document.querySelector('.welcome')", "the overview");
}

TEST_CASE("disconnecting asks first and then forgets") {
  stage with;
  auto& page = with.page();
  with.connect();
  with.wait_for_history();
  page.click(".sync .danger-text");
  page.wait_until("document.querySelector('dialog.ask')", "a question");
  with.save_screenshot("disconnect");
  page.click("dialog.ask .danger");
  page.wait_until("document.querySelector('.welcome')", "an empty overview");
  page.open(with.address(with.athlete_path()));
  page.wait_until("document.querySelector('h1').textContent === "
                  "'Not connected'",
                  "an athlete that is gone");
}
