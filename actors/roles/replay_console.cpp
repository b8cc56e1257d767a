#include "actors/roles/replay_console.hpp"

#include "messages/json.hpp"
#include "messages/printable.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace stravasync {

namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

constexpr auto progress_every = 500ms;
// How soon an interruption is noticed while standard input is waited for.
constexpr auto look_every = 100ms;

enum class typed { go_on, end };

/// Reads what is left of the line whose first character is there. Not through
/// a buffer, whose rest the poll would not see.
typed read_line() {
  auto first = '\0';
  auto c = '\0';
  auto length = 0;
  while (::read(STDIN_FILENO, &c, 1) == 1) {
    if (c == '\n')
      return first == 'q' && length == 1 ? typed::end : typed::go_on;
    if (length++ == 0)
      first = c;
  }
  return typed::end;
}

} // namespace

bool write_to_stdout(std::string_view text) {
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size()
         && std::fflush(stdout) == 0;
}

replay_console::replay_console(stop_signals& signals)
  : signals_{signals},
    shows_{::isatty(STDERR_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 0},
    next_{steady::now() + progress_every} {
}

bool replay_console::wait_until(steady::time_point when) {
  auto left
    = std::chrono::ceil<std::chrono::milliseconds>(when - steady::now());
  return !signals_.wait_for(std::max(left, 0ms));
}

bool replay_console::confirm(const stored_message& next) {
  std::fprintf(stderr, "next is %llu  %s  %s   (Enter: go on, q: end) ",
               static_cast<unsigned long long>(next.sequence),
               to_iso_8601(next.stored_at_ms).c_str(),
               printable(next.message.subject).c_str());
  auto input = pollfd{STDIN_FILENO, POLLIN, 0};
  while (::poll(&input, 1, static_cast<int>(look_every.count())) == 0)
    if (signals_.wait_for(0ms))
      break;
  auto answer = signals_.wait_for(0ms) ? typed::end : read_line();
  if (::isatty(STDIN_FILENO) == 0 || answer == typed::end)
    std::fputc('\n', stderr); // Nobody pressed Enter there.
  return answer == typed::go_on;
}

void replay_console::progress(const replay_summary& so_far) {
  if (!shows_ || steady::now() < next_)
    return;
  next_ = steady::now() + progress_every;
  shown_ = true;
  std::fprintf(stderr, "\r%llu messages, at %s \033[K",
               static_cast<unsigned long long>(so_far.messages),
               to_iso_8601(so_far.last_stored_at_ms).c_str());
}

void replay_console::end() {
  if (shown_)
    std::fputs("\r\033[K", stderr);
  shown_ = false;
}

} // namespace stravasync
