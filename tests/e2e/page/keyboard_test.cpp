#include "tests/e2e/page/stage.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>

using test::stage;

namespace {

constexpr auto steps_max = 60;

/// Presses Tab until the focus is on what `selector` names.
bool tab_to(stage& with, const std::string& selector) {
  for (auto step = 0; step < steps_max; ++step) {
    with.page().press(test::keys::tab);
    auto there = with.page().run("return document.activeElement.matches('"
                                 + selector + "');");
    if (there.as_bool())
      return true;
  }
  return false;
}

} // namespace

TEST_CASE("the first stop of the keyboard skips to the content") {
  stage with;
  auto& page = with.page();
  page.open(with.address());
  page.wait_until("document.querySelector('.welcome')", "the overview");
  page.press(test::keys::tab);
  CHECK(page.run("return document.activeElement.className;").as_string()
        == "skip");
  page.press(test::keys::enter);
  CHECK(page.run("return document.activeElement.id;").as_string() == "main");
  page.press(test::keys::tab);
  CHECK(
    page.run("return document.activeElement.getAttribute('href');").as_string()
    == "/connect");
}

TEST_CASE("an activity is opened, read and closed with the keyboard alone") {
  stage with;
  auto& page = with.page();
  with.connect();
  with.wait_for_history();
  REQUIRE(tab_to(with, "#activities a"));
  auto outline
    = page.run("return getComputedStyle(document.activeElement).outlineStyle;");
  CHECK(outline.as_string() == "solid");
  page.press(test::keys::enter);
  page.wait_until("document.querySelector('dialog.sheet')", "an activity");
  for (auto step = 0; step < 6; ++step) {
    page.press(test::keys::tab);
    // At its end the focus leaves for the browser's own buttons: the body.
    CHECK(page
            .run("return document.activeElement === document.body || "
                 "document.querySelector('dialog').contains("
                 "document.activeElement);")
            .as_bool());
  }
  page.press(test::keys::escape);
  page.wait_until("!document.querySelector('dialog')", "a closed activity");
  CHECK(page.run("return document.activeElement.matches('#activities a');")
          .as_bool());
  CHECK(page.run("return location.hash;").as_string().empty());
}

TEST_CASE("the question before disconnecting stands on Cancel") {
  stage with;
  auto& page = with.page();
  with.connect();
  with.wait_for_history();
  REQUIRE(tab_to(with, ".sync .danger-text"));
  page.press(test::keys::enter);
  page.wait_until("document.querySelector('dialog.ask')", "a question");
  CHECK(page.run("return document.activeElement.textContent;").as_string()
        == "Cancel");
  page.press(test::keys::enter);
  page.wait_until("!document.querySelector('dialog')", "a closed question");
  CHECK(page.run("return document.activeElement.textContent;").as_string()
        == "Disconnect");
  page.open(with.address());
  page.wait_until("document.querySelector('.athlete')",
                  "the athlete, still connected");
}
