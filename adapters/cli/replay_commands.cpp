#include "adapters/cli/checks.hpp"
#include "adapters/cli/families.hpp"

namespace stravasync::cli {

namespace {

constexpr auto replay_examples
  = R"(Only looks at the stream: joins no durable and settles nothing. An
embedded bus may be in use meanwhile.

INTO is one of
  print         each message as JSON, a line each; what no contract knows as hex
  subject:NAME  publish anew under NAME, with new ids; if it ends with '.>' the
                subject that the message had comes there. What is below replay.
                is kept a day in stream REPLAY
  store:URL     rebuild a database from INGEST, without one call to Strava
  actors        through a copy of the actor that handles such messages, with a
                scratch store and no outside effects; prints what came of each

WHEN is a sequence number (120), a time (2026-11-21T10:00:00Z), a day, or how
long ago (15m, 1h30m). Both ends are included.

Examples:
  stravasync replay --stream INGEST --from 1h --into print
  stravasync replay --stream INGEST --into store:sqlite:rebuilt.db
  stravasync replay --stream DLQ --athlete 70000001 --into actors --step
  stravasync replay --stream JOBS --speed 10x --into 'subject:replay.>')";

} // namespace

void add_replay_commands(CLI::App& app, command& into) {
  auto* replay = add_command(app, "replay",
                             "Bring recorded messages somewhere else", into,
                             action::replay);
  auto& to = into.replay;
  replay->add_option("--stream", to.stream, "JOBS, INGEST, EVENTS or DLQ")
    ->check(some_text())
    ->type_name("NAME")
    ->required();
  replay->add_option("--into", to.into, "Where the messages go, see below")
    ->type_name("INTO")
    ->required();
  replay->add_option("--subject", to.subject, "Only these, with * and >")
    ->check(some_text())
    ->type_name("FILTER");
  replay->add_option("--athlete", to.athlete_id, "Only this athlete's")
    ->check(an_id())
    ->type_name("ID");
  replay->add_option("--from", to.from, "Only from then on")
    ->check(some_text())
    ->type_name("WHEN");
  replay->add_option("--to", to.to, "Only until then")
    ->check(some_text())
    ->type_name("WHEN");
  replay
    ->add_option("--speed", to.speed,
                 "As recorded (1x), faster (10x), slower (0.5x), or max")
    ->type_name("SPEED")
    ->capture_default_str();
  replay->add_flag("--step", to.step,
                   "actors: wait for Enter before each message");
  replay->add_flag("--pretty", to.pretty, "print: laid out for a person");
  replay->add_flag("--force", to.force,
                   "Also into a store or subject that nodes work on");
  replay->footer(replay_examples);
}

} // namespace stravasync::cli
