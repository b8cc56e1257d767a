#include "actors/roles/patience.hpp"

#include <algorithm>

namespace stravasync {

namespace {

using std::chrono::milliseconds;

constexpr auto first_pause = milliseconds{250};
constexpr auto longest_pause = milliseconds{5'000};

bool waiting_helps(const caf::error& why) {
  auto code = code_of(why);
  return code == ec::unavailable || code == ec::timed_out;
}

} // namespace

caf::error patience::until(const std::string& what,
                           const std::function<caf::error()>& attempt) {
  auto pause = first_pause;
  auto said = std::string{};
  while (true) {
    auto why = attempt();
    if (!why || !waiting_helps(why) || options_.fail_fast) {
      if (!why && !said.empty()) {
        journal_->info(what + " is there");
        options_.on_wait({});
      }
      return why;
    }
    if (stopping())
      return make_failure(ec::unavailable,
                          "told to stop while waiting for " + what);
    if (auto reason = detail_of(why); reason != said) {
      said = reason;
      journal_->warning(
        "waiting for " + what,
        {{"reason", reason}, {"next_try_ms", std::int64_t{pause.count()}}});
      options_.on_wait("waiting for " + what + ": " + reason);
    }
    static_cast<void>(signals_.wait_for(pause));
    pause = std::min(2 * pause, longest_pause);
  }
}

} // namespace stravasync
