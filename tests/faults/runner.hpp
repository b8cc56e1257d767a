#pragma once

#include "tests/support/cluster.hpp"
#include "tests/support/paths.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace test {

using namespace std::chrono_literals;

struct outcome {
  int code = -1;
  std::string text;
};

/// Runs the binary until it ends by itself, at most 10 s.
struct runner {
  stravasync::scratch_folder folder;
  test::variables environment{
    {"STRAVASYNC_NODE_DATA_DIR", folder.file("data")},
    {"STRAVASYNC_HTTP_LISTEN", "127.0.0.1:0"},
    {"STRAVASYNC_SIM_LISTEN", "127.0.0.1:0"},
    {"STRAVASYNC_LOG_FORMAT", "json"},
  };
  /// A program that starts the binary, with its arguments.
  std::vector<std::string> before;
  int runs = 0;

  outcome operator()(std::vector<std::string> arguments,
                     const test::variables& more = {}) {
    test::process::options what;
    what.argv = before;
    what.argv.emplace_back(STRAVASYNC_BINARY_DIR "/stravasync");
    what.argv.insert(what.argv.end(), arguments.begin(), arguments.end());
    what.environment = more;
    for (const auto& one : environment)
      if (std::ranges::find(more, one.first,
                            &test::variables::value_type::first)
          == more.end())
        what.environment.push_back(one);
    what.output = folder.file("run" + std::to_string(++runs) + ".log");
    auto program = test::process::spawn(what);
    auto code = program.wait(10s);
    return {code.value_or(-1), program.output()};
  }

  void
  expect(const std::vector<std::string>& arguments, const test::variables& more,
         int code, const std::vector<std::string>& words) {
    auto got = (*this)(arguments, more);
    INFO(got.text);
    CHECK(got.code == code);
    for (const auto& word : words) {
      INFO("expected: " << word);
      CHECK(got.text.find(word) != std::string::npos);
    }
  }
};

inline constexpr auto usage = 2;
inline constexpr auto cannot_run = 1;

} // namespace test
