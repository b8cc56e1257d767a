#include "actors/replay/dispatch.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace stravasync;

namespace {

envelope under(std::string subject, header_map headers = {}) {
  return {std::move(subject), std::move(headers), "payload"};
}

} // namespace

TEST_CASE("a message goes to the actor that joins the durable for it") {
  CHECK(handler_of(under("jobs.sync_athlete.7")) == handler_kind::sync);
  CHECK(handler_of(under("ingest.activities.7.run"))
        == handler_kind::ingest_writer);
  CHECK(handler_of(under("events.sync_held_up.7")) == handler_kind::run_keeper);
  CHECK_FALSE(handler_of(under("events.activity_stored.7")));
  CHECK_FALSE(handler_of(under("ingest.athlete_profile.7")));
}

TEST_CASE("a dead letter goes to the actor whose durable gave up on it") {
  CHECK(handler_of(under("dlq.consumer__stravasync_jobs_v1_SyncAthlete"))
        == handler_kind::sync);
  CHECK(handler_of(under("dlq.mirror__stravasync_ingest_v1_ActivitiesPage"))
        == handler_kind::ingest_writer);
  CHECK(handler_of(under("dlq.api__stravasync_events_v1_SyncHeldUp"))
        == handler_kind::run_keeper);
  CHECK_FALSE(handler_of(under("dlq.other__strange_Type")));
}

TEST_CASE("a dead letter is handled as the message that it was") {
  auto letter = under("dlq.consumer__stravasync_jobs_v1_SyncAthlete",
                      {{"Nats-Msg-Id", "consumer__x:JOBS:12"},
                       {"Ss-Attempts", "10"},
                       {"Ss-Cause", "why"},
                       {"Ss-Origin", "jobs.sync_athlete.7@JOBS:12"},
                       {"Ss-Original-Id", "run/1"},
                       {"Ss-Reason", "it failed"}});
  auto message = as_delivered(letter);
  CHECK(message.subject == "jobs.sync_athlete.7");
  CHECK(message.payload == "payload");
  CHECK(message.headers
        == header_map{{"Nats-Msg-Id", "run/1"}, {"Ss-Cause", "why"}});
  auto other = under("jobs.sync_athlete.7", {{"Ss-Reason", "kept"}});
  CHECK(as_delivered(other).headers == other.headers);
}
