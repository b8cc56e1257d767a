#include "adapters/telemetry/metrics.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

namespace stravasync::telemetry {

namespace {

/// The numbers of /proc/self/stat from its third field on (proc(5)): the
/// second is the program's name, which may hold blanks and brackets.
std::vector<double> read_stat() {
  auto file = std::ifstream{"/proc/self/stat"};
  auto text = std::string{std::istreambuf_iterator<char>{file}, {}};
  auto rest = std::istringstream{
    text.substr(std::min(text.rfind(')') + 1, text.size()))};
  auto state = std::string{};
  rest >> state;
  auto numbers = std::vector<double>{0}; // In the place of the state.
  std::copy(std::istream_iterator<double>{rest}, {},
            std::back_inserter(numbers));
  return numbers;
}

double boot_time_s() {
  auto file = std::ifstream{"/proc/stat"};
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("btime ")) {
      auto value = 0.0;
      std::istringstream{line.substr(6)} >> value;
      return value;
    }
  return 0;
}

double open_files() {
  auto failed = std::error_code{};
  auto entries = std::filesystem::directory_iterator{"/proc/self/fd", failed};
  // Less the one that reads the folder.
  return static_cast<double>(std::distance(begin(entries), end(entries))) - 1;
}

} // namespace

std::vector<sample_family> process_families() {
  auto stat = read_stat();
  // Fields are counted from 1 in proc(5), and from the third here.
  auto field = [&](std::size_t number) {
    auto index = number - 3;
    return index < stat.size() ? stat[index] : 0;
  };
  auto ticks_per_s = static_cast<double>(::sysconf(_SC_CLK_TCK));
  auto page_bytes = static_cast<double>(::sysconf(_SC_PAGESIZE));
  auto one = [](std::string name, std::string help, double value,
                sample_family::kind is = sample_family::kind::gauge) {
    return sample_family{std::move(name), std::move(help), is, {{{}, value}}};
  };
  return {
    one("process_cpu_seconds_total", "Processor time used, in seconds.",
        (field(14) + field(15)) / ticks_per_s, sample_family::kind::counter),
    one("process_resident_memory_bytes", "Memory in use, in bytes.",
        field(24) * page_bytes),
    one("process_virtual_memory_bytes", "Address space in use, in bytes.",
        field(23)),
    one("process_threads", "Threads.", field(20)),
    one("process_open_fds", "Open file descriptors.", open_files()),
    one("process_start_time_seconds", "Start, in seconds since the epoch.",
        boot_time_s() + field(22) / ticks_per_s),
  };
}

} // namespace stravasync::telemetry
