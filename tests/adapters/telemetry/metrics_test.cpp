#include "adapters/telemetry/metrics.hpp"

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <string>
#include <thread>
#include <vector>

using namespace stravasync::telemetry;

namespace {

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

std::size_t count(const std::string& text, const std::string& part) {
  auto result = std::size_t{0};
  for (auto at = text.find(part); at != std::string::npos;
       at = text.find(part, at + 1))
    ++result;
  return result;
}

} // namespace

TEST_CASE("the same name and labels are the same counter", "[metrics]") {
  auto registry = metrics{};
  registry.counter_of("calls_total", "Calls.", {{"lane", "live"}}).add();
  registry.counter_of("calls_total", "Calls.", {{"lane", "live"}}).add(2);
  registry.counter_of("calls_total", "Calls.", {{"lane", "backfill"}}).add();
  auto text = registry.text();
  CHECK(has_line(text, "# HELP calls_total Calls."));
  CHECK(has_line(text, "# TYPE calls_total counter"));
  CHECK(has_line(text, "calls_total{lane=\"live\"} 3"));
  CHECK(has_line(text, "calls_total{lane=\"backfill\"} 1"));
}

TEST_CASE("a gauge goes up and down", "[metrics]") {
  auto registry = metrics{};
  auto depth = registry.gauge_of("depth", "Depth.");
  depth.set(5);
  depth.add(-2);
  CHECK(has_line(registry.text(), "depth 3"));
}

TEST_CASE("a histogram counts below each bound", "[metrics]") {
  auto registry = metrics{};
  auto bounds = std::array{0.1, 1.0};
  auto took = registry.histogram_of("took_seconds", "Time.", bounds);
  took.observe(0.05);
  took.observe(0.5);
  took.observe(5);
  auto text = registry.text();
  CHECK(has_line(text, "took_seconds_bucket{le=\"0.1\"} 1"));
  CHECK(has_line(text, "took_seconds_bucket{le=\"1\"} 2"));
  CHECK(has_line(text, "took_seconds_bucket{le=\"+Inf\"} 3"));
  CHECK(has_line(text, "took_seconds_count 3"));
}

TEST_CASE("label values are escaped", "[metrics]") {
  auto registry = metrics{};
  registry.counter_of("x_total", "X.", {{"v", "a\"b\\c\nd"}}).add();
  CHECK(has_line(registry.text(), R"(x_total{v="a\"b\\c\nd"} 1)"));
}

TEST_CASE("collectors are read at each scrape", "[metrics]") {
  auto registry = metrics{};
  auto lag = 1.0;
  auto id = registry.add([&lag] {
    return std::vector<sample_family>{
      {"lag", "Lag.", sample_family::kind::gauge, {{{{"s", "JOBS"}}, lag}}}};
  });
  CHECK(has_line(registry.text(), "lag{s=\"JOBS\"} 1"));
  lag = 7;
  CHECK(has_line(registry.text(), "lag{s=\"JOBS\"} 7"));
  registry.remove(id);
  CHECK(registry.text().empty());
}

TEST_CASE("a name told by several sources appears once", "[metrics]") {
  auto registry = metrics{};
  registry.gauge_of("lag", "Lag.", {{"s", "A"}}).set(1);
  for (const auto* stream : {"B", "C"})
    registry.add([stream] {
      return std::vector<sample_family>{
        {"lag", "Lag.", sample_family::kind::gauge, {{{{"s", stream}}, 2}}}};
    });
  auto text = registry.text();
  CHECK(count(text, "# TYPE lag gauge") == 1);
  CHECK(count(text, "lag{s=") == 3);
}

TEST_CASE("counting from many threads loses nothing", "[metrics]") {
  auto registry = metrics{};
  auto counted = registry.counter_of("n_total", "N.");
  auto threads = std::vector<std::jthread>{};
  for (auto t = 0; t < 4; ++t)
    threads.emplace_back([counted]() mutable {
      for (auto n = 0; n < 10'000; ++n)
        counted.add();
    });
  threads.clear();
  CHECK(has_line(registry.text(), "n_total 40000"));
}

TEST_CASE("the process tells of itself", "[metrics]") {
  auto registry = metrics{};
  registry.add(process_families);
  auto text = registry.text();
  for (const auto* name :
       {"process_cpu_seconds_total", "process_resident_memory_bytes",
        "process_threads", "process_open_fds", "process_start_time_seconds"})
    CHECK(count(text, std::string{"# TYPE "} + name) == 1);
  for (const auto& family : process_families()) {
    INFO(family.name);
    REQUIRE(family.samples.size() == 1);
    CHECK(family.samples[0].value >= 0);
    if (family.name == "process_resident_memory_bytes")
      CHECK(family.samples[0].value > 100'000);
    if (family.name == "process_start_time_seconds")
      CHECK(family.samples[0].value > 1'000'000'000);
    if (family.name == "process_threads")
      CHECK(family.samples[0].value >= 1);
  }
}
