#include "adapters/telemetry/log_writer.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

using namespace stravasync;
using namespace stravasync::telemetry;

namespace {

struct log_fixture {
  std::ostringstream out;
  unix_ms now_ms = 1'700'000'000'000;

  log_options options(log_style style = log_style::json) {
    return {.style = style, .to = &out, .now = [this] { return now_ms; }};
  }

  [[nodiscard]] std::vector<std::string> lines() const {
    auto result = std::vector<std::string>{};
    auto text = std::istringstream{out.str()};
    for (std::string line; std::getline(text, line);)
      result.push_back(line);
    return result;
  }
};

} // namespace

TEST_CASE_METHOD(log_fixture, "each entry is a line", "[log]") {
  auto log = make_log(options());
  log->info("started", {{"port", std::int64_t{8080}}});
  log->error("stopped");
  CHECK(lines()
        == std::vector<std::string>{
          R"({"ts":"2023-11-14T22:13:20.000Z","level":"info",)"
          R"("msg":"started","port":8080})",
          R"({"ts":"2023-11-14T22:13:20.000Z","level":"error",)"
          R"("msg":"stopped"})"});
}

TEST_CASE_METHOD(log_fixture, "what is below the least level is not written",
                 "[log]") {
  auto wanted = options();
  wanted.least = log_level::warning;
  auto log = make_log(wanted);
  log->debug("a");
  log->info("b");
  log->warning("c");
  REQUIRE(lines().size() == 1);
  CHECK(lines()[0].find(R"("msg":"c")") != std::string::npos);
}

TEST_CASE_METHOD(log_fixture, "the default hides debug", "[log]") {
  auto log = make_log(options());
  log->debug("a");
  log->info("b");
  CHECK(lines().size() == 1);
}

TEST_CASE_METHOD(log_fixture, "text has time, level and fields", "[log]") {
  auto log = make_log(options(log_style::text));
  log->warning("slow", {{"took_ms", std::int64_t{900}}});
  REQUIRE(lines().size() == 1);
  CHECK(lines()[0].ends_with(" warning slow  took_ms=900"));
  CHECK(lines()[0].starts_with("2023-11-1"));
}

TEST_CASE_METHOD(log_fixture, "off a terminal the automatic style is JSON",
                 "[log]") {
  auto log = make_log(options(log_style::automatic));
  log->info("x");
  REQUIRE(lines().size() == 1);
  CHECK(lines()[0].starts_with("{"));
}

TEST_CASE_METHOD(log_fixture, "a thousand failures are not a thousand lines",
                 "[log]") {
  {
    auto log = make_log(options());
    for (auto n = std::int64_t{0}; n < 1'000; ++n)
      log->error("call failed", {{"n", n}});
    CHECK(lines().size() == 1);
    now_ms += 10'000;
    log->flush(false);
    REQUIRE(lines().size() == 2);
    CHECK(lines()[1].find(R"("repeated":999,"within_ms":10000,"n":999)")
          != std::string::npos);
    log->error("call failed");
    log->error("call failed");
    CHECK(lines().size() == 3);
  }
  INFO("the end tells what was held back");
  CHECK(lines().size() == 4);
}

TEST_CASE_METHOD(log_fixture, "threads do not mix their lines", "[log]") {
  auto wanted = options();
  wanted.burst_of_others = 1'000'000;
  auto log = make_log(wanted);
  auto threads = std::vector<std::jthread>{};
  for (auto t = 0; t < 4; ++t)
    threads.emplace_back([&log] {
      for (auto n = 0; n < 250; ++n)
        log->info("x", {{"v", std::string(50, 'y')}});
    });
  threads.clear();
  auto written = lines();
  CHECK(written.size() == 1'000);
  CHECK(std::ranges::all_of(written, [](const auto& line) {
    return line.starts_with("{") && line.ends_with("}");
  }));
}
