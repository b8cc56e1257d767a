#include "actors/replay/actors_target.hpp"

#include "actors/replay/recording.hpp"
#include "actors/replay/store_target.hpp"
#include "messages/error.hpp"
#include "messages/json.hpp"
#include "messages/printable.hpp"

#include <caf/scoped_actor.hpp>

#include <array>
#include <cstdio>
#include <utility>

namespace stravasync {

namespace {

using steady = std::chrono::steady_clock;
using std::chrono::microseconds;

handled to_handled(const outcome& what) {
  auto delay = " (again after " + std::to_string(what.delay.count()) + " ms)";
  switch (what.decision) {
    case outcome::verdict::ack:
      return {"ack", false, what.reason};
    case outcome::verdict::retry:
      return {"retry", true, what.reason};
    case outcome::verdict::snooze:
      return {"snooze", false, what.reason + delay};
    case outcome::verdict::dead_letter:
      return {"dead letter", true, what.reason};
  }
  return {};
}

} // namespace

std::string outcome_line(const stored_message& what, std::string_view handler,
                         const handled& result) {
  constexpr auto us_per_ms = 1'000.0;
  std::array<char, 128> columns{};
  auto took = static_cast<double>(result.took.count()) / us_per_ms;
  std::snprintf(columns.data(), columns.size(), "%7llu  %s  %-13s  %-11s",
                static_cast<unsigned long long>(what.sequence),
                to_iso_8601(what.stored_at_ms).c_str(),
                std::string{handler}.c_str(),
                std::string{result.verdict}.c_str());
  auto line = std::string{columns.data()};
  std::snprintf(columns.data(), columns.size(), "  %9.2f ms  ", took);
  line += columns.data() + printable(what.message.subject);
  return result.reason.empty() ? line : line + ": " + printable(result.reason);
}

actors_target::actors_target(local_actors actors, std::string stream,
                             text_sink out)
  : actors_{std::move(actors)},
    stream_{std::move(stream)},
    out_{std::move(out)} {
}

caf::expected<bool> actors_target::take(const stored_message& what) {
  auto kind = handler_of(what.message);
  if (!kind)
    return print(what, "-", {"no handler", false, {}});
  auto message = as_delivered(what.message);
  *actors_.now = what.stored_at_ms;
  if (auto why = prepare(*kind, what.message, message))
    return why;
  auto given = std::make_shared<delivery>();
  given->message = std::move(message);
  given->stream = stream_;
  given->sequence = what.sequence;
  given->stored_at_ms = what.stored_at_ms;
  return print(what, to_string(*kind), hand(*kind, std::move(given)));
}

caf::error actors_target::prepare(handler_kind kind, const envelope& recorded,
                                  const envelope& message) {
  if (kind == handler_kind::sync) {
    jobs::v1::SyncAthlete job;
    if (auto kept = answer_kept(recorded, *actors_.decoder))
      actors_.strava->set(std::move(kept));
    else if (decode(message, job))
      actors_.strava->set(
        recorded_answer(actors_.recorded, job, *actors_.decoder));
    return {};
  }
  auto id = athlete_of(message);
  if (id <= 0)
    return {};
  return actors_.store->write({&id, 1}, [&](transaction& tx) {
    return ensure_athlete(tx, actors_.known, id);
  });
}

handled
actors_target::hand(handler_kind kind, std::shared_ptr<const delivery> what) {
  auto& handler = handlers_[kind];
  if (!handler)
    handler = actors_.spawn(kind);
  handled result;
  auto self = caf::scoped_actor{actors_.system};
  auto begun = steady::now();
  self->request(handler, caf::infinite, handle_delivery{std::move(what)})
    .receive([&](const outcome& got) { result = to_handled(got); },
             [&](const caf::error& why) {
               result = {"crashed", true, detail_of(why)};
             });
  result.took = std::chrono::duration_cast<microseconds>(steady::now() - begun);
  if (result.verdict == "crashed")
    handler = nullptr;
  return result;
}

caf::expected<bool>
actors_target::print(const stored_message& what, std::string_view handler,
                     const handled& result) {
  if (!out_(outcome_line(what, handler, result) + "\n"))
    return make_failure(ec::unavailable, "standard output cannot be written");
  return !result.failed;
}

} // namespace stravasync
