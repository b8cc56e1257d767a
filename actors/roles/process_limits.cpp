#include "actors/roles/process_limits.hpp"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>
#include <system_error>

namespace stravasync {

namespace {

/// Beside what the settings count: standard streams, listening sockets, epoll,
/// timers, the files of two databases, the broker, name lookups; and the 64
/// connections above `http.connections_max` that health checks get.
constexpr auto files_kept = std::uint64_t{128};

constexpr auto cannot_run = 1;

void end_with_sentence() {
  try {
    if (auto thrown = std::current_exception())
      std::rethrow_exception(thrown);
  } catch (const std::system_error& why) {
    // The only such error that is left to the runtime is a thread's.
    std::fprintf(stderr,
                 "stravasync: cannot run: the system refuses a thread or "
                 "another resource (%s); raise the limit of processes and "
                 "threads (ulimit -u, TasksMax or pids.max)\n",
                 why.what());
    ::_exit(cannot_run);
  } catch (const std::bad_alloc&) {
    std::fputs("stravasync: cannot go on: no memory is left\n", stderr);
    ::_exit(cannot_run);
  } catch (const std::exception& why) {
    std::fprintf(stderr, "stravasync: ended by a bug: %s\n", why.what());
  }
  std::abort();
}

} // namespace

void set_up_process() {
  ::umask(S_IRWXG | S_IRWXO);
  std::set_terminate(end_with_sentence);
}

std::uint64_t raise_open_files() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return 0;
  auto raised = limit;
  raised.rlim_cur = raised.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &raised) == 0)
    limit = raised;
  return limit.rlim_cur;
}

void fit_open_files(settings& config, std::uint64_t files_max, log& journal) {
  auto& http = config.http;
  auto kept = files_kept + 4 * std::uint64_t{1 + config.store.readers_count()}
              + 2 * std::uint64_t{config.strava.connections_max};
  auto wanted = std::uint64_t{http.connections_max} + http.streams_max;
  if (files_max == 0 || wanted + kept <= files_max)
    return;
  auto left = files_max > kept ? files_max - kept : std::uint64_t{0};
  // A third of what is left may be streams of events.
  auto streams = std::min<std::uint64_t>(http.streams_max, left / 3);
  auto connections = std::clamp<std::uint64_t>(left - streams, 1,
                                               http.connections_max);
  http.streams_max
    = static_cast<std::uint32_t>(std::max<std::uint64_t>(streams, 1));
  http.connections_max = static_cast<std::uint32_t>(connections);
  journal.warning("fewer connections than the settings of http: the process "
                  "may not open so many files (ulimit -n)",
                  {{"files_max", static_cast<std::int64_t>(files_max)},
                   {"files_kept", static_cast<std::int64_t>(kept)},
                   {"connections_max", std::int64_t{http.connections_max}},
                   {"streams_max", std::int64_t{http.streams_max}}});
}

} // namespace stravasync
