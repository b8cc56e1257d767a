#pragma once

#include "tests/e2e/page/recorded_history.hpp"
#include "tests/support/process.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/webdriver.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace test {

using variables = std::vector<std::pair<std::string, std::string>>;

/// The whole program in one process with its simulated Strava, new for each
/// stage, and a browser in front of it that is only new for each run of the
/// tests: it takes longer to start than most of them. Skips the test case where
/// there is no browser.
class stage {
public:
  /// @param more Environment of the program beside what a stage sets.
  /// @param path Of the program's public URL: "/strava", or empty.
  explicit stage(variables more = {}, std::string path = {});

  /// Starts the program; also again, after `kill_program`.
  void start_program();

  /// Ends it as a power cut would.
  void kill_program();

  /// Takes its data folder from its place while it runs, and puts it back.
  void move_data_away();
  void move_data_back();

  [[nodiscard]] std::string simulator_address() const;

  /// As a browser reaches it, the public path included.
  [[nodiscard]] std::string address(std::string_view path = "/") const;

  /// Within the page: without the public path.
  [[nodiscard]] std::string athlete_path() const;

  /// From the overview through the consent page to the athlete's page.
  /// @param before_consent What else is done on the consent page.
  void connect(const std::function<void(browser&)>& before_consent = {});

  /// Waits until the athlete's page shows the whole history.
  void wait_for_history();

  /// Puts the visible part of the page into the build folder.
  void save_screenshot(const std::string& name);

  /// Shows nothing at first.
  [[nodiscard]] browser& page() {
    return page_;
  }

  [[nodiscard]] const recorded_history& history() const {
    return history_;
  }

private:
  recorded_history history_;
  variables more_;
  std::string path_;
  stravasync::scratch_folder folder_;
  std::uint16_t port_ = 0;
  std::uint16_t simulator_port_ = 0;
  std::unique_ptr<process> program_;
  browser& page_;
};

} // namespace test
