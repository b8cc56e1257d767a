#include "tests/e2e/page/stage.hpp"

#include "tests/support/http_client.hpp"
#include "tests/support/paths.hpp"

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <filesystem>
#include <stdexcept>

namespace test {

namespace {

browser& shared_browser() {
  if (!browser::is_installed())
    SKIP("chromium/chromedriver not installed");
  static const auto profile = stravasync::scratch_folder{};
  static auto shared = browser{profile.path()};
  return shared;
}

/// @returns whether the program there is ready for work.
bool is_ready(const std::string& address) {
  try {
    return http_client{address}.get("/readyz").status == 200;
  } catch (const std::runtime_error&) {
    return false; // It does not listen yet.
  }
}

std::string local_address(std::uint16_t port) {
  return "127.0.0.1:" + std::to_string(port);
}

} // namespace

stage::stage(variables more, std::string path)
  : more_{std::move(more)},
    path_{std::move(path)},
    port_{free_port()},
    simulator_port_{free_port()},
    page_{shared_browser()} {
  page_.reset();
  history_.write_to(folder_.file("recorded"));
  start_program();
}

void stage::start_program() {
  auto environment
    = variables{{"STRAVASYNC_HTTP_LISTEN", local_address(port_)},
                {"STRAVASYNC_HTTP_PUBLIC_URL", address("")},
                {"STRAVASYNC_SIM_LISTEN", local_address(simulator_port_)},
                {"STRAVASYNC_SIM_DATA", folder_.file("recorded")},
                {"STRAVASYNC_NODE_DATA_DIR", folder_.file("data")},
                {"STRAVASYNC_CONFIG", ""}};
  environment.insert(environment.end(), more_.begin(), more_.end());
  program_ = std::make_unique<process>(process::spawn(
    {.argv = {STRAVASYNC_BINARY_DIR "/stravasync", "--role=all,sim"},
     .environment = std::move(environment),
     .output = folder_.file("stravasync.log")}));
  auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{60};
  for (auto up = false; !up;) {
    if (program_->wait(std::chrono::milliseconds{20})
        || std::chrono::steady_clock::now() > deadline)
      FAIL("the program did not start:\n" << program_->output());
    up = is_ready(local_address(port_));
  }
}

void stage::kill_program() {
  program_.reset();
}

void stage::move_data_away() {
  std::filesystem::rename(folder_.file("data"), folder_.file("data-away"));
}

void stage::move_data_back() {
  std::filesystem::rename(folder_.file("data-away"), folder_.file("data"));
}

std::string stage::simulator_address() const {
  return local_address(simulator_port_);
}

std::string stage::address(std::string_view path) const {
  return "http://" + local_address(port_) + path_ + std::string{path};
}

std::string stage::athlete_path() const {
  return "/athletes/" + std::to_string(history_.athlete_id);
}

void stage::connect(const std::function<void(browser&)>& before_consent) {
  page().open(address());
  page().wait_until("document.querySelector('.welcome .connect')",
                    "an invitation to connect");
  page().click(".welcome .connect");
  page().wait_until("document.querySelector('input[name=athlete_id]')",
                    "the consent page");
  page().click("input[name=athlete_id][value='"
               + std::to_string(history_.athlete_id) + "']");
  if (before_consent)
    before_consent(page());
  page().click("button[value=authorize]");
  page().wait_until("location.pathname === '" + path_ + athlete_path() + "'",
                    "the athlete's page");
}

void stage::wait_for_history() {
  page().wait_until("document.querySelector('.progress').dataset.state"
                    " === 'complete'",
                    "a complete sync", std::chrono::seconds{120});
  auto all = std::to_string(history_.count);
  page().wait_until("document.querySelector('.tiles dd').textContent === '"
                      + all
                      + "' && document.querySelector('#activities tbody tr')",
                    "the whole history on the page");
}

void stage::save_screenshot(const std::string& name) {
  page().save_screenshot(std::filesystem::path{STRAVASYNC_BINARY_DIR}
                         / "tests/screenshots" / (name + ".png"));
}

} // namespace test
