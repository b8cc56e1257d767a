#pragma once

#include "tests/support/http_client.hpp"
#include "tests/support/process.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace test {

/// A headless Chromium, driven through chromedriver (W3C WebDriver). Every
/// call that the browser refuses throws `std::runtime_error` with its words;
/// elements are named by CSS selectors. Blocks; one thread.
class browser {
public:
  /// Whether chromium and chromedriver are there.
  [[nodiscard]] static bool is_installed();

  /// @param folder For the profile and the driver's log.
  explicit browser(const std::filesystem::path& folder);

  browser(const browser&) = delete;
  browser& operator=(const browser&) = delete;
  ~browser();

  /// As new: an empty page, the first size, a light system, a silent console.
  void reset();

  void open(const std::string& url);
  [[nodiscard]] std::string url();

  /// Opens one more tab, empty, in front of the others and goes on there.
  void open_tab();

  /// Goes on in the tab that was opened as the `nth`, from 0.
  void show_tab(std::size_t nth);

  /// Closes all tabs but the first and goes on there.
  void close_other_tabs();

  /// The size of the page's window, in CSS pixels.
  void resize(std::uint32_t width, std::uint32_t height);

  /// As if the system's setting were dark.
  void prefer_dark(bool dark);

  /// Clicks where a person would; scrolls there first.
  void click(std::string_view selector);

  /// Sets a field as if typed and left; a select by its option's value.
  void fill(std::string_view selector, std::string_view value);

  /// Presses a key where the focus is: "\t", "\n", or one of `keys`.
  void press(std::string_view key);

  [[nodiscard]] std::string text_of(std::string_view selector);

  /// Runs the body of a function in the page. @returns what it returns; for
  /// a promise what it resolves to.
  boost::json::value run(std::string_view body);

  /// Waits until the expression is true in the page, looking at it again after
  /// each frame there. Throws with `what` if it is not within `most`.
  void wait_until(std::string_view expression, std::string_view what,
                  std::chrono::seconds most = std::chrono::seconds{60});

  /// Saves the visible part of the page as a PNG.
  void save_screenshot(const std::filesystem::path& file);

  /// Errors that the console showed since the last call.
  [[nodiscard]] std::vector<std::string> console_errors();

private:
  boost::json::value ask(std::string_view method, const std::string& path,
                         const boost::json::object& body = {});
  boost::json::value cdp(std::string_view command, boost::json::object values);
  std::string element(std::string_view selector);

  std::uint16_t port_;
  process driver_;
  http_client http_;
  std::string session_;
  std::vector<std::string> tabs_; // Handles, in the order of opening.
};

/// Keys without a character, as WebDriver names them.
namespace keys {
inline constexpr std::string_view tab = "\uE004";
inline constexpr std::string_view enter = "\uE007";
inline constexpr std::string_view escape = "\uE00C";
inline constexpr std::string_view space = " ";
} // namespace keys

} // namespace test
