#include "tests/support/simulated_node.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <map>
#include <string>
#include <vector>

/// @file
/// A year of a node on the default schedule, under a clock that is moved by
/// hand, beside a week of it: files, rows, messages, memory, the time that a
/// start takes, and reads. Histories do not grow, so whatever does grows by
/// time. What streams keep by age they keep for two days, so that a week holds
/// as much as a year does. Usage: simulated_year [ATHLETES] [DAYS] [ACTIVITIES
/// EACH]

namespace {

using namespace stravasync;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr auto day = milliseconds{24h};

struct row {
  int days = 0;
  test::node_figures figures;
  double took_s = 0;
};

constexpr auto bytes_per_mb = 1'048'576.0;
constexpr auto ms_per_h = 3'600'000.0;

/// One line of the table.
struct line {
  const char* name;
  int decimals;
  double (*of)(const test::node_figures&);
};

double megabytes(std::int64_t bytes) {
  return static_cast<double>(bytes) / bytes_per_mb;
}

using figures = const test::node_figures&;

constexpr auto lines = std::array{
  line{"bus MB", 2, [](figures x) { return megabytes(x.bus_bytes); }},
  line{"store MB", 2, [](figures x) { return megabytes(x.store_bytes); }},
  line{"memory MB", 1, [](figures x) { return megabytes(x.memory_bytes); }},
  line{"start ms", 2, [](figures x) { return x.start_ms; }},
  line{"GET activity ms", 3, [](figures x) { return x.activity_ms; }},
  line{"list of athletes ms", 2, [](figures x) { return x.athletes_ms; }},
  line{"list of activities ms", 2, [](figures x) { return x.list_ms; }},
  line{"h since the stalest sync", 1,
       [](figures x) { return static_cast<double>(x.stalest_ms) / ms_per_h; }},
  line{"calls", 0, [](figures x) { return static_cast<double>(x.calls); }},
};

void print(const char* what, const std::vector<row>& all,
           std::map<std::string, std::int64_t> test::node_figures::*counts) {
  for (const auto& [name, count] : all.front().figures.*counts) {
    std::printf("%-28s", (what + name).c_str());
    for (const auto& one : all)
      std::printf(" %12lld",
                  static_cast<long long>((one.figures.*counts).at(name)));
    std::printf("\n");
  }
}

void print(const std::vector<row>& all) {
  std::printf("%-28s", "after days");
  for (const auto& one : all)
    std::printf(" %12d", one.days);
  std::printf("  last by first\n");
  for (const auto& [name, decimals, of] : lines) {
    std::printf("%-28s", name);
    for (const auto& one : all)
      std::printf(" %12.*f", decimals, of(one.figures));
    std::printf("  x%.2f\n", of(all.back().figures) / of(all.front().figures));
  }
  print("rows of ", all, &test::node_figures::rows);
  print("messages in ", all, &test::node_figures::messages);
  std::printf("%-28s", "took s");
  for (const auto& one : all)
    std::printf(" %12.0f", one.took_s);
  std::printf("\n");
}

int run(std::size_t athletes, int days, std::size_t activities) {
  settings config;
  for (auto* one : {&config.bus.jobs, &config.bus.ingest, &config.bus.events})
    one->max_age = 2 * day;
  auto begun = std::chrono::steady_clock::now();
  test::simulated_node node{config, athletes, activities};
  std::vector<row> all;
  auto now = 0;
  for (auto until : {7, 14, 28, 91, 182, 365}) {
    if (until > days)
      break;
    node.pass((until - now) * day, 5min);
    now = until;
    auto took = std::chrono::steady_clock::now() - begun;
    all.push_back(
      {until, node.look(), std::chrono::duration<double>(took).count()});
    std::fprintf(stderr, "day %d after %.0f s\n", until, all.back().took_s);
  }
  print(all);
  if (node.strava().refused() > 0)
    std::printf("%llu calls were above the limits\n",
                static_cast<unsigned long long>(node.strava().refused()));
  return node.strava().refused() > 0 ? 1 : 0;
}

} // namespace

int main(int argc, char** argv) {
  auto number = [&](int at, long usual) {
    return argc > at ? std::strtol(argv[at], nullptr, 10) : usual;
  };
  try {
    return run(static_cast<std::size_t>(number(1, 1'000)),
               static_cast<int>(number(2, 365)),
               static_cast<std::size_t>(number(3, 20)));
  } catch (const std::exception& what) {
    std::fprintf(stderr, "%s\n", what.what());
    return 1;
  }
}
