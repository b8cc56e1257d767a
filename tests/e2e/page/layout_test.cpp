#include "tests/e2e/page/stage.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>

using test::stage;

namespace {

/// What stands out of the page to the right, as selectors; none if all fits.
constexpr auto sticking_out
  = "return document.documentElement.scrollWidth <= innerWidth ? '' : "
    "[...document.querySelectorAll('body *')].filter((node) => "
    "node.getBoundingClientRect().right > innerWidth).map((node) => "
    "node.tagName + '.' + node.className).join(' ');";

void check_width(stage& with, const std::string& view) {
  INFO(view);
  CHECK(with.page().run(sticking_out).as_string() == "");
  with.save_screenshot(view);
}

} // namespace

TEST_CASE("nothing scrolls sideways on a phone, in light and in dark") {
  stage with;
  auto& page = with.page();
  page.resize(360, 740);
  page.open(with.address());
  page.wait_until("document.querySelector('.welcome')", "the overview");
  check_width(with, "phone-welcome");
  with.connect();
  with.wait_for_history();
  for (auto dark : {false, true}) {
    page.prefer_dark(dark);
    auto suffix = std::string{dark ? "-dark" : "-light"};
    page.open(with.address());
    page.wait_until("document.querySelector('.athlete')", "the overview");
    check_width(with, "phone-overview" + suffix);
    page.open(with.address(with.athlete_path()));
    with.wait_for_history();
    page.wait_until("document.querySelector('#months')?.width > 0", "a chart");
    check_width(with, "phone-athlete" + suffix);
    page.click("#activities tbody tr:nth-child(2) a");
    page.wait_until("document.querySelector('.route-line')", "a route");
    check_width(with, "phone-activity" + suffix);
    page.open(with.address("/#system"));
    page.wait_until("document.querySelectorAll('.gauge').length > 0 && "
                    "!document.querySelector('[aria-busy]')",
                    "the system view");
    check_width(with, "phone-system" + suffix);
  }
  CHECK(page.console_errors().empty());
}

TEST_CASE("the colours follow the system's setting") {
  stage with;
  auto& page = with.page();
  page.open(with.address());
  constexpr auto background
    = "return getComputedStyle(document.body).backgroundColor;";
  page.prefer_dark(false);
  auto light = page.run(background);
  page.prefer_dark(true);
  CHECK(page.run(background) != light);
}
