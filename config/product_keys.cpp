#include "config/key_tables.hpp"
#include "config/quantity.hpp"
#include "config/section.hpp"

namespace stravasync {

namespace {

using std::chrono::days;
using namespace kinds;

} // namespace

void add_strava(std::vector<key>& table) {
  using s = strava_settings;
  auto strava = section{table, "strava", &settings::strava};
  strava.add("api_url", &s::api_url, web_url(), "Strava's API.").derived
    = "https://www.strava.com/api/v3, or the simulator of this process";
  strava.add("oauth_url", &s::oauth_url, web_url(), "Strava's OAuth pages.")
    .derived
    = "https://www.strava.com/oauth, or the simulator of this process";
  strava
    .add("authorize_url", &s::authorize_url, web_url(),
         "Strava's consent page, as browsers reach it.")
    .derived
    = "<oauth_url>/authorize";
  strava.add("client_id", &s::client_id, text("as Strava shows it"),
             "Your API application's client id.");
  strava
    .add("client_secret", &s::client_secret, hidden("env:NAME or file:PATH"),
         "Your API application's client secret, as a reference.")
    .is_secret
    = true;
  strava.add("connections_max", &s::connections_max, whole(1, 256),
             "Connections to Strava at once.");
  strava.add("connect_timeout", &s::connect_timeout,
             duration(milliseconds{100}, minutes{2}),
             "For name resolution, TCP and TLS together.");
  strava.add("request_timeout", &s::request_timeout,
             duration(milliseconds{100}, minutes{10}),
             "From a request's first byte to its answer's last.");
  strava.add("failures_max", &s::failures_max, whole(1, 100),
             "Failures in a row after which calls pause and back off.");
}

void add_budget(std::vector<key>& table) {
  using s = budget_settings;
  auto budget = section{table, "budget", &settings::budget};
  budget
    .add("window", &s::window,
         duration(milliseconds{100}, hours{24}, "as sim.window"),
         "Length of Strava's short rate window.")
    .derived
    = "as sim.window";
  budget.add("limits", &s::limits, limits(),
             "Your application's limits, until a response tells them.");
  budget.add("live_share", &s::live_share, real(0, 0.9),
             "Share of each window kept for live work.");
  budget.add("live_release", &s::live_release, real(0, 1),
             "From this fraction of a window on, all may use that share.");
  budget
    .add("clock_skew_max", &s::clock_skew_max,
         duration(milliseconds{1}, minutes{5}, "none"),
         "How far this node's clock may be off Strava's or another node's.")
    .derived
    = "30s; 0 with the simulator in this process";
}

void add_sync(std::vector<key>& table) {
  using s = sync_settings;
  auto sync = section{table, "sync", &settings::sync};
  sync.add("page_size", &s::page_size, whole(1, 200),
           "Activities a call to Strava asks for.");
  sync.add("incremental_every", &s::incremental_every,
           duration(seconds{1}, days{30}, "never"),
           "How often each athlete's new activities are looked for.");
  sync.add("incremental_cron", &s::incremental_cron, cron_line(),
           "When they are looked for, instead of incremental_every.");
  sync.add("incremental_overlap", &s::incremental_overlap,
           duration(seconds{1}, days{60}, "none"),
           "How far before the newest known activity that looks.");
  sync.add("relist_every", &s::relist_every,
           duration(minutes{1}, days{365}, "never"),
           "How often a whole history is compared: edits, deletions.");
  sync.add("relist_cron", &s::relist_cron, cron_line(),
           "When that is done, instead of relist_every.");
  sync.add("reconcile_every", &s::reconcile_every,
           duration(seconds{1}, hours{1}),
           "How often a run whose job was lost is looked for.");
  sync.add("delete_share_max", &s::delete_share_max, real(0, 1),
           "A comparison that would delete a larger share asks a person.");
  sync.add("stalled_pages_max", &s::stalled_pages_max, whole(2, 10'000),
           "Pages in a row within one hour of history that end a sync.");
  sync.add("activities_max", &s::activities_max, whole(200, 100'000'000),
           "A sync that lists more activities of one athlete is ended.");
  sync.add("delete_share_from", &s::delete_share_from, whole(0, 1'000'000),
           "In smaller histories what is missing needs a second look.");
  sync.add("delete_second_look", &s::delete_second_look,
           duration(seconds{1}, days{30}, "the next"),
           "How much later at least that second comparison has to be.");
}

void add_groups(std::vector<key>& table) {
  using c = consumer_settings;
  auto consumer = section{table, "consumer", &settings::consumer};
  consumer.add("in_flight", &c::in_flight, whole(1, 256), "Jobs at once.");
  consumer.add("attempts_max", &c::attempts_max, whole(1, 1'000),
               "Failed attempts after which a job is a dead letter.");
  consumer.add("backoff_min", &c::backoff_min,
               duration(milliseconds{10}, hours{1}),
               "Pause after the first failed attempt; doubles each time.");
  consumer.add("backoff_max", &c::backoff_max,
               duration(milliseconds{10}, days{1}), "The longest such pause.");
  consumer.add("ack_wait", &c::ack_wait, duration(seconds{1}, hours{1}),
               "A job not settled for so long is delivered again: what a "
               "killed node held.");
  consumer.add("service", &c::service, service_name(),
               "First part of the durable names: another one, another copy.");

  using a = api_settings;
  auto api = section{table, "api", &settings::api};
  api.add("service", &a::service, service_name(),
          "First part of the api's durable names.");
  api.add("ingest_in_flight", &a::ingest_in_flight, whole(1, 1'024),
          "Fetched pages stored at once.");

  using w = worker_settings;
  auto worker = section{table, "worker", &settings::worker};
  worker.add("publishers", &w::publishers, whole(1, 256),
             "Publishes in flight at once.");
  worker.add("lease", &w::lease, duration(seconds{1}, minutes{5}),
             "When the leading worker dies, another leads after this time.");
}

void add_sim(std::vector<key>& table) {
  using s = sim_settings;
  auto sim = section{table, "sim", &settings::sim};
  sim.add("listen", &s::listen, addresses(),
          "Where the simulated Strava listens.");
  sim.add("data", &s::data, text("a path, or empty"),
          "Folder of recorded pages (<anything>_activities.json).");
  sim.add("limits", &s::limits, limits(), "Rate limits it enforces.");
  sim.add("window", &s::window, duration(milliseconds{100}, hours{24}),
          "Length of its short rate window.");
  sim.add("latency", &s::latency, duration(milliseconds{1}, minutes{1}, "none"),
          "Added to each answer.");
  sim.add("error_rate", &s::error_rate, real(0, 1),
          "Share of calls it answers with 500.");
  sim.add("athletes", &s::athletes, whole(0, 100'000), "Synthetic athletes.");
  sim.add("activities", &s::activities, whole(0, 100'000),
          "Activities of each synthetic athlete.");
  sim.add("seed", &s::seed, whole_64(),
          "The same seed gives the same athletes and activities.");
  sim
    .add("state", &s::state, text("a path"),
         "File of what it remembers over a restart: tokens, usage.")
    .derived
    = "<data_dir>/sim.state";
}

} // namespace stravasync
