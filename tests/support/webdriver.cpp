#include "tests/support/webdriver.hpp"

#include <boost/beast/core/detail/base64.hpp>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <unistd.h>

#include <fstream>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <utility>

namespace test {

namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

/// The member by which WebDriver marks an element, from its specification.
constexpr auto element_key = "element-6066-11e4-a52e-4f735466cecf";
constexpr auto first_width = 1'280U;
constexpr auto first_height = 900U;
constexpr auto start_deadline = 30s;
/// A script may wait for something in the page for as long as a test would.
constexpr auto script_deadline = std::chrono::milliseconds{5min};

json::array browser_arguments(const std::filesystem::path& folder) {
  json::array result{
    "--headless=new",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--user-data-dir=" + (folder / "profile").string(),
  };
  if (::geteuid() == 0)
    result.emplace_back("--no-sandbox"); // It refuses to run as root with it.
  return result;
}

json::object capabilities(const std::filesystem::path& folder) {
  json::object wanted{
    {"browserName", "chrome"},
    {"timeouts", {{"script", script_deadline.count()}}},
    {"goog:loggingPrefs", {{"browser", "ALL"}}},
    {"goog:chromeOptions", {{"args", browser_arguments(folder)}}},
  };
  return {{"capabilities", {{"alwaysMatch", std::move(wanted)}}}};
}

process start_driver(std::uint16_t port, const std::filesystem::path& folder) {
  return process::spawn(
    {.argv = {"chromedriver", "--port=" + std::to_string(port)},
     .environment = {{"TZ", "UTC"}, {"LANGUAGE", "en_GB"}},
     .output = folder / "chromedriver.log"});
}

void wait_for_driver(http_client& driver) {
  auto deadline = std::chrono::steady_clock::now() + start_deadline;
  for (auto ready = false; !ready;) {
    try {
      ready = driver.get("/status").status == 200;
    } catch (const std::runtime_error&) {
      if (std::chrono::steady_clock::now() > deadline)
        throw;
      std::this_thread::sleep_for(20ms); // It does not listen yet.
    }
  }
}

/// @returns `text` as a JavaScript literal.
std::string quoted(std::string_view text) {
  return json::serialize(json::value(text));
}

} // namespace

bool browser::is_installed() {
  return test::is_installed("chromedriver") && test::is_installed("chromium");
}

browser::browser(const std::filesystem::path& folder)
  : port_{free_port()},
    driver_{start_driver(port_, folder)},
    http_{"127.0.0.1:" + std::to_string(port_), script_deadline} {
  wait_for_driver(http_);
  auto answer = ask("POST", "/session", capabilities(folder));
  session_ = "/session/" + std::string{answer.at("sessionId").as_string()};
  tabs_.emplace_back(ask("GET", "/window").as_string());
}

browser::~browser() {
  try {
    ask("DELETE", "");
  } catch (const std::exception&) {
    // Its processes end with `driver_` anyway.
  }
}

json::value browser::ask(std::string_view method, const std::string& path,
                         const json::object& body) {
  auto text = method == "POST" ? json::serialize(body) : std::string{};
  auto reply = http_.send(method, session_ + path,
                          {{"Content-Type", "application/json"}}, text);
  auto value = json::parse(reply.body).at("value");
  if (reply.status != 200)
    throw std::runtime_error{path + ": "
                             + std::string{value.at("message").as_string()}};
  return value;
}

json::value browser::cdp(std::string_view command, json::object values) {
  return ask("POST", "/goog/cdp/execute",
             {{"cmd", command}, {"params", std::move(values)}});
}

void browser::reset() {
  close_other_tabs();
  open("about:blank");
  resize(first_width, first_height);
  prefer_dark(false);
  static_cast<void>(console_errors());
}

void browser::open(const std::string& url) {
  ask("POST", "/url", {{"url", url}});
}

std::string browser::url() {
  auto value = ask("GET", "/url");
  return std::string{value.as_string()};
}

void browser::open_tab() {
  auto opened = ask("POST", "/window/new", {{"type", "tab"}});
  tabs_.emplace_back(opened.at("handle").as_string());
  show_tab(tabs_.size() - 1);
}

void browser::show_tab(std::size_t nth) {
  ask("POST", "/window", {{"handle", tabs_.at(nth)}});
  // To the front, as if clicked on: the others are hidden then.
  cdp("Page.bringToFront", {});
}

void browser::close_other_tabs() {
  while (tabs_.size() > 1) {
    show_tab(tabs_.size() - 1);
    ask("DELETE", "/window");
    tabs_.pop_back();
  }
  show_tab(0);
}

void browser::resize(std::uint32_t width, std::uint32_t height) {
  cdp("Emulation.setDeviceMetricsOverride", {{"width", width},
                                             {"height", height},
                                             {"deviceScaleFactor", 1},
                                             {"mobile", false}});
}

void browser::prefer_dark(bool dark) {
  json::object feature{{"name", "prefers-color-scheme"},
                       {"value", dark ? "dark" : "light"}};
  cdp("Emulation.setEmulatedMedia", {{"features", json::array{feature}}});
}

std::string browser::element(std::string_view selector) {
  auto value = ask("POST", "/element",
                   {{"using", "css selector"}, {"value", selector}});
  return std::string{value.at(element_key).as_string()};
}

void browser::click(std::string_view selector) {
  // To the middle: at an edge something that stays in place may cover it.
  run("document.querySelector(" + quoted(selector)
      + ")?.scrollIntoView({ block: 'center', behavior: 'instant' });");
  // The page may draw the element anew between finding and clicking it.
  constexpr auto tries_max = 5;
  for (auto tries = 1;; ++tries) {
    try {
      ask("POST", "/element/" + element(selector) + "/click");
      return;
    } catch (const std::exception& problem) {
      auto drawn_anew = std::string_view{problem.what()}.find("stale element")
                        != std::string_view::npos;
      if (!drawn_anew || tries == tries_max)
        throw;
    }
  }
}

void browser::fill(std::string_view selector, std::string_view value) {
  run("const field = document.querySelector(" + quoted(selector)
      + "); field.value = " + quoted(value)
      + "; field.dispatchEvent(new Event('change', { bubbles: true }));");
}

void browser::press(std::string_view key) {
  json::array strokes{{{"type", "keyDown"}, {"value", key}},
                      {{"type", "keyUp"}, {"value", key}}};
  json::object keyboard{
    {"type", "key"}, {"id", "keyboard"}, {"actions", std::move(strokes)}};
  ask("POST", "/actions", {{"actions", json::array{std::move(keyboard)}}});
}

std::string browser::text_of(std::string_view selector) {
  auto value = run("return document.querySelector(" + quoted(selector)
                   + ").textContent;");
  return std::string{value.as_string()};
}

json::value browser::run(std::string_view body) {
  return ask("POST", "/execute/sync",
             {{"script", body}, {"args", json::array{}}});
}

void browser::wait_until(std::string_view expression, std::string_view what,
                         std::chrono::seconds most) {
  auto deadline = std::chrono::steady_clock::now() + most;
  auto script = "const end = Date.now() + " + std::to_string(most.count())
                + " * 1000; return new Promise((resolve) => { const look = ()"
                  " => { let met = false; try { met = Boolean("
                + std::string{expression}
                + "); } catch { /* Not there yet. */ } if (met || Date.now() >"
                  " end) resolve(met); else setTimeout(look, 20); }; look();"
                  " });";
  for (;;) {
    try {
      if (run(script).as_bool())
        return;
    } catch (const std::runtime_error&) {
      // The page went away under the script; the next one may meet it.
    }
    if (std::chrono::steady_clock::now() > deadline)
      throw std::runtime_error{"not seen in time: " + std::string{what}};
  }
}

void browser::save_screenshot(const std::filesystem::path& file) {
  namespace base64 = boost::beast::detail::base64;
  auto text = ask("GET", "/screenshot");
  const auto& encoded = text.as_string();
  std::string bytes(base64::decoded_size(encoded.size()), '\0');
  auto [size, read] = base64::decode(bytes.data(), encoded.data(),
                                     encoded.size());
  std::filesystem::create_directories(file.parent_path());
  std::ofstream{file, std::ios::binary}.write(
    bytes.data(), static_cast<std::streamsize>(size));
}

std::vector<std::string> browser::console_errors() {
  auto entries = ask("POST", "/se/log", {{"type", "browser"}});
  std::vector<std::string> result;
  for (const auto& entry : entries.as_array())
    if (entry.at("level").as_string() == "SEVERE")
      result.emplace_back(entry.at("message").as_string());
  return result;
}

} // namespace test
