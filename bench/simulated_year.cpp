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
/// time. What streams keep by age they keep for two days, and runs are kept for
/// three, so that a week holds as much as a year does. Ends with 1 if files,
/// memory or the time of a start exceed 1.10 of the first week's, or if calls
/// were above the limits. Usage: simulated_year [ATHLETES] [DAYS] [ACTIVITIES
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

/// Of the first look's figure: what time may add.
constexpr auto growth_max = 1.10;

/// One line of the table.
struct line {
  const char* name;
  int decimals;
  double (*of)(const test::node_figures&);
  bool is_bounded = false; // By `growth_max`.
  /// What two measurements of the same differ by on a machine that does other
  /// things as well.
  double noise = 0;
};

double megabytes(std::int64_t bytes) {
  return static_cast<double>(bytes) / bytes_per_mb;
}

using figures = const test::node_figures&;

constexpr auto lines = std::array{
  line{"bus MB", 2, [](figures x) { return megabytes(x.bus_bytes); }, true},
  line{"store MB", 2, [](figures x) { return megabytes(x.store_bytes); }, true},
  line{"memory MB", 1, [](figures x) { return megabytes(x.memory_bytes); },
       true},
  line{"start ms", 2, [](figures x) { return x.start_ms; }, true, 0.5},
  line{"GET activity ms", 3, [](figures x) { return x.activity_ms; }, true,
       0.02},
  line{"list of athletes ms", 2, [](figures x) { return x.athletes_ms; }, true,
       0.1},
  line{"list of activities ms", 2, [](figures x) { return x.list_ms; }, true,
       0.05},
  line{"h since the stalest sync", 1,
       [](figures x) { return static_cast<double>(x.stalest_ms) / ms_per_h; }},
  line{"calls", 0, [](figures x) { return static_cast<double>(x.calls); }},
};

/// @returns 1 if both are nothing.
double last_by_first(const line& each, const std::vector<row>& all) {
  auto first = each.of(all.front().figures);
  auto last = each.of(all.back().figures);
  return first == last ? 1 : last / first;
}

bool has_grown(const line& each, const std::vector<row>& all) {
  auto most = growth_max * each.of(all.front().figures) + each.noise;
  return each.is_bounded && each.of(all.back().figures) > most;
}

/// @returns whether something did, after it has said so.
bool has_grown(const std::vector<row>& all) {
  auto result = false;
  for (const auto& each : lines)
    if (has_grown(each, all)) {
      std::printf("%s has grown to more than %.2f of what it was after %d "
                  "days\n",
                  each.name, growth_max, all.front().days);
      result = true;
    }
  return result;
}

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
  for (const auto& each : lines) {
    std::printf("%-28s", each.name);
    for (const auto& one : all)
      std::printf(" %12.*f", each.decimals, each.of(one.figures));
    std::printf("  x%.2f\n", last_by_first(each, all));
  }
  print("rows of ", all, &test::node_figures::rows);
  print("messages in ", all, &test::node_figures::messages);
  std::printf("%-28s", "took s");
  for (const auto& one : all)
    std::printf(" %12.0f", one.took_s);
  std::printf("\n");
}

/// What is kept for days is kept for two, and runs, as a node would have it
/// then, for a day more.
settings quick_settings() {
  settings result;
  auto& bus = result.bus;
  for (auto* one : {&bus.jobs, &bus.ingest, &bus.events, &bus.dlq})
    one->max_age = 2 * day;
  result.store.runs_max_age = 3 * day;
  return result;
}

int run(std::size_t athletes, int days, std::size_t activities) {
  auto config = quick_settings();
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
  auto refused = node.strava().refused();
  if (refused > 0)
    std::printf("%llu calls were above the limits\n",
                static_cast<unsigned long long>(refused));
  return has_grown(all) || refused > 0 ? 1 : 0;
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
