#include "actors/replay/request.hpp"

#include "actors/replay/publish_target.hpp"
#include "messages/error.hpp"

#include <utility>

namespace stravasync {

namespace {

caf::error wrong(std::string text) {
  return make_failure(ec::invalid_argument, std::move(text));
}

caf::error parse_into(const replay_words& words, replay_request& result) {
  auto kind = words.into.substr(0, words.into.find(':'));
  auto colon = kind.size() < words.into.size();
  if (colon)
    result.where = words.into.substr(kind.size() + 1);
  if (kind == "print" && !colon) {
    result.into = replay_into::print;
    return {};
  }
  if (kind == "actors" && !colon) {
    result.into = replay_into::actors;
    return {};
  }
  if (kind == "subject" && colon) {
    result.into = replay_into::subject;
    return check_target_subject(result.where, words.force);
  }
  if (kind == "store" && !result.where.empty()) {
    result.into = replay_into::store;
    return {};
  }
  return wrong("'" + words.into
               + "' is none of print, subject:NAME, store:URL and actors");
}

/// What fits only some targets.
caf::error
check_target(const replay_words& words, const replay_request& result) {
  if (words.step && result.into != replay_into::actors)
    return wrong("--step goes with --into actors only");
  if (words.step && result.speed != 0)
    return wrong("--step and --speed: one of them paces, not both");
  if (words.pretty && result.into != replay_into::print)
    return wrong("--pretty goes with --into print only");
  if (result.into == replay_into::store && words.stream != "INGEST")
    return wrong("--into store: a database is rebuilt from stream INGEST, not "
                 "from "
                 + words.stream);
  if (words.athlete_id < 0)
    return wrong("--athlete: a number above 0");
  return {};
}

} // namespace

caf::expected<replay_request>
parse_request(const replay_words& words, unix_ms now) {
  replay_request result;
  result.what.stream = words.stream;
  result.what.subject = words.subject;
  result.what.athlete_id = words.athlete_id;
  auto speed = parse_speed(words.speed);
  if (!speed)
    return with_context(speed.error(), "--speed");
  result.speed = *speed;
  auto from = parse_bound(words.from, now);
  if (!from)
    return with_context(from.error(), "--from");
  auto to = parse_bound(words.to, now);
  if (!to)
    return with_context(to.error(), "--to");
  result.what.range = {*from, *to};
  if (auto why = check(result.what.range))
    return why;
  if (auto why = parse_into(words, result))
    return with_context(why, "--into");
  if (auto why = check_target(words, result))
    return why;
  result.pretty = words.pretty;
  result.step = words.step;
  result.force = words.force;
  return result;
}

} // namespace stravasync
