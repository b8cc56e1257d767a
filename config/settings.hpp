#pragma once

#include "config/secret.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

/// @file
/// Every setting, with its default. Ranges, the text for a person and the names
/// in file and environment are in `config/product_keys.cpp` and
/// `config/platform_keys.cpp`: a field here and a line there are one setting.
/// "Derived" fields are empty until `load` fills them from others.

namespace stravasync {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

/// What a process does. A process has at least one.
enum class role : std::uint8_t { api, consumer, worker, sim };

[[nodiscard]] std::string_view to_string(role value);

struct node_settings {
  /// "all" in text stands for api, consumer and worker.
  std::set<role> roles{role::api, role::consumer, role::worker};
  /// Derived: host name and a random suffix, so new at each start.
  std::string id;
  /// Where what a node keeps is by default; relative to the working folder.
  std::string data_dir = "./data";
  /// From SIGTERM until what is still in flight is handed back.
  milliseconds drain_deadline = seconds{20};
  /// End with an error if the bus or the store does not answer at the start,
  /// instead of waiting for it.
  bool fail_fast = false;
  /// Less room where its files are: the node says that it is not ready.
  std::uint64_t disk_free_min = std::uint64_t{1} << 20;

  [[nodiscard]] bool has(role value) const {
    return roles.contains(value);
  }
};

/// Bounds of one stream; what is older or above goes, JOBS refuses new ones.
struct stream_limits {
  milliseconds max_age;
  std::uint64_t max_bytes;
};

struct bus_settings {
  std::string url = "embedded";
  /// Derived: the embedded bus's file, <data_dir>/bus.db.
  std::string path;
  stream_limits jobs{hours{24 * 30}, std::uint64_t{1} << 30};
  stream_limits ingest{hours{24 * 30}, std::uint64_t{4} << 30};
  stream_limits events{hours{24 * 7}, std::uint64_t{256} << 20};
  stream_limits dlq{hours{24 * 90}, std::uint64_t{256} << 20};
  /// Publishing a message id again within it stores nothing.
  milliseconds dedupe_window = minutes{10};
  // Of nats:// only:
  std::string credentials; // File with a user's JWT and key, or empty.
  std::string user;
  secret password;
  std::string tls_ca; // File; empty: the system's, for tls:// URLs.
  std::string tls_certificate;
  std::string tls_key;
  std::uint32_t replicas = 1; // Of each stream and bucket.
  /// How much is kept of what is published while no server answers.
  std::uint64_t reconnect_bytes_max = std::uint64_t{8} << 20;
  std::uint32_t publish_in_flight_max = 4'096;
  /// For the answer to a question that is asked of another node.
  milliseconds request_timeout = seconds{5};

  [[nodiscard]] bool embedded() const {
    return url == "embedded";
  }
};

struct store_settings {
  /// Derived: sqlite:<data_dir>/stravasync.db.
  std::string url;
  /// Connections that read, each with a thread of its own, beside the one that
  /// writes; 0: by the processor's cores. See `readers_count`.
  std::uint32_t readers = 0;
  std::uint32_t sessions = 2; // Without effect.
  /// Of runs after their end, if `settings::runs_max_age` is not more.
  milliseconds runs_max_age = hours{24 * 90};
  // Of postgresql:// only:
  secret password;
  milliseconds connect_timeout = seconds{5};
  milliseconds statement_timeout = seconds{30};

  /// @returns how many connections read: of two or more, one is for short
  /// reads alone.
  [[nodiscard]] std::uint32_t readers_count() const;

  /// @returns the file in a `sqlite:` URL.
  [[nodiscard]] std::string sqlite_path() const;
};

struct http_settings {
  std::vector<std::string> listen{"127.0.0.1:8080"};
  /// Derived: from the first TCP address in `listen`. No slash at the end.
  std::string public_url;
  /// Names and addresses beside those of listen and public_url.
  std::vector<std::string> allowed_hosts;
  std::uint32_t socket_mode = 0660; // Of unix sockets.
  std::string socket_group;         // Name or number; empty: the process's.
  std::uint32_t io_threads = 1;
  std::uint32_t connections_max = 1'024; // Above: answered 503 and closed.
  std::uint32_t streams_max = 512;       // Of events; beside connections_max.
  std::uint32_t in_flight_max = 512;     // Requests; above: 503.
  /// Of requests and answers in memory, all clients together; above: 503.
  std::uint64_t held_bytes_max = std::uint64_t{64} << 20;
  std::uint64_t header_bytes_max = std::uint64_t{16} << 10;
  std::uint64_t body_bytes_max = std::uint64_t{1} << 20;
  milliseconds header_timeout = seconds{10};
  milliseconds idle_timeout = seconds{60};
};

struct strava_settings {
  /// Derived: Strava's, or the simulator's if this process has the role sim.
  std::string api_url;
  std::string oauth_url; // Derived likewise.
  /// Derived: oauth_url + "/authorize". The one page that browsers open: where
  /// they reach Strava by another name than nodes do, this is their name.
  std::string authorize_url;
  std::string client_id;
  secret client_secret;
  std::uint32_t connections_max = 8;
  milliseconds connect_timeout = seconds{5};
  milliseconds request_timeout = seconds{30};
  /// Failures in a row after which the guardian opens.
  std::uint32_t failures_max = 3;
};

/// Calls per window, as Strava counts them: overall and reading, per short
/// window and per day.
struct rate_limits {
  std::uint32_t short_all = 200;
  std::uint32_t day_all = 2'000;
  std::uint32_t short_read = 100;
  std::uint32_t day_read = 1'000;

  friend bool operator==(const rate_limits&, const rate_limits&) = default;
};

struct budget_settings {
  /// Derived: sim.window. How long Strava's short window is.
  milliseconds window{0};
  /// Used until a response tells the real ones.
  rate_limits limits;
  /// Share of each window that only live work may use, 0 to 0.9.
  double live_share = 0.1;
  /// From this fraction of a window on, the live share is open to all lanes.
  double live_release = 0.66;
  /// Until a response tells, Strava's clock may be off by so much. Derived: 0
  /// with the simulator in the same process, which has the same clock.
  milliseconds clock_skew_max{30'000};
};

struct secrets_settings {
  /// 32 bytes in base64. Empty: an embedded node makes its own.
  secret token_key;
};

struct sync_settings {
  std::uint32_t page_size = 200;                // Strava gives 200 at most.
  milliseconds incremental_every = minutes{15}; // 0: never.
  std::string incremental_cron; // Five fields, UTC; empty: the interval holds.
  /// How far before the newest known start an incremental list begins.
  milliseconds incremental_overlap = hours{24 * 7};
  milliseconds relist_every = hours{24 * 7}; // 0: never.
  std::string relist_cron;                   // As incremental_cron.
  /// How soon a run is found that nothing moves any more.
  milliseconds reconcile_every = seconds{5};
  /// A re-list that would delete more than this share asks a person.
  double delete_share_max = 0.2;
  /// Pages in a row that come less than an hour of start times further; then
  /// the run is ended: Strava's list goes nowhere.
  std::uint32_t stalled_pages_max = 20;
  /// Activities that one run lists; then it is ended: the list has no end.
  std::uint32_t activities_max = 100'000;
  /// Of fewer activities a share says nothing: a second re-list decides.
  std::uint32_t delete_share_from = 50;
  milliseconds delete_second_look = hours{24}; // How much later at least.
};

struct consumer_settings {
  std::uint32_t in_flight = 8; // Jobs at once.
  std::uint32_t attempts_max = 10;
  milliseconds backoff_min = seconds{1};
  milliseconds backoff_max = minutes{15};
  milliseconds ack_wait = seconds{6};
  /// First part of its durables' names.
  std::string service = "consumer";
};

struct api_settings {
  std::string service = "api";
  std::uint32_t ingest_in_flight = 16; // Pages at once.
};

struct worker_settings {
  std::uint32_t publishers = 10; // Publishes in flight at once.
  /// How long the leading worker's word holds without being renewed.
  milliseconds lease = seconds{6};
};

struct sim_settings {
  std::vector<std::string> listen{"127.0.0.1:8090"};
  /// Folder with <anything>_activities.json; empty: synthetic athletes only.
  std::string data;
  rate_limits limits;
  milliseconds window = minutes{15};
  milliseconds latency{50}; // Added to each answer.
  double error_rate = 0;    // Share of calls answered with 500.
  std::uint32_t athletes = 12;
  std::uint32_t activities = 600; // Of each synthetic athlete.
  std::uint64_t seed = 1;
  /// Derived: <data_dir>/sim.state, what it remembers over a restart.
  std::string state;
};

enum class log_threshold : std::uint8_t { debug, info, warning, error };
enum class log_format : std::uint8_t { automatic, json, text };

struct log_settings {
  log_threshold level = log_threshold::info;
  log_format format = log_format::automatic;
};

struct settings {
  node_settings node;
  bus_settings bus;
  store_settings store;
  http_settings http;
  strava_settings strava;
  budget_settings budget;
  secrets_settings secrets;
  sync_settings sync;
  consumer_settings consumer;
  api_settings api;
  worker_settings worker;
  sim_settings sim;
  log_settings log;

  /// @returns how long runs stay after their end: `store.runs_max_age`, or a
  /// day more than INGEST, EVENTS and DLQ keep what is about them and than
  /// `sync.delete_second_look`.
  [[nodiscard]] milliseconds runs_max_age() const;
};

} // namespace stravasync
