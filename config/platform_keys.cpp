#include "config/key_tables.hpp"
#include "config/quantity.hpp"
#include "config/section.hpp"

namespace stravasync {

namespace {

using std::chrono::days;
using namespace kinds;

constexpr auto tib = std::uint64_t{1} << 40;

} // namespace

void add_node(std::vector<key>& table) {
  using s = node_settings;
  auto node = section{table, "node", &settings::node};
  node.add("roles", &s::roles, roles(),
           "What it does: api, consumer, worker (all is these three), sim.");
  node
    .add("id", &s::id, node_id(),
         "The node's name in logs, leases and the operators' page.")
    .derived
    = "the host's name and a random suffix";
  node.add("data_dir", &s::data_dir, text("a path"),
           "Folder of what this node keeps; made when missing.");
  node.add("drain_deadline", &s::drain_deadline,
           duration(seconds{1}, minutes{10}),
           "From SIGTERM until what is in flight is handed back.");
  node.add("fail_fast", &s::fail_fast, yes_or_no(),
           "End at the start if bus or store do not answer; else wait.");
  node.add("disk_free_min", &s::disk_free_min, bytes(0, tib),
           "With less room for its files the node is not ready.");
}

void add_bus(std::vector<key>& table) {
  using s = bus_settings;
  auto bus = section{table, "bus", &settings::bus};
  bus.add("url", &s::url, bus_url(),
          "Where the streams are: in this process, or on NATS servers.");
  bus.add("path", &s::path, text("a path"), "File of the embedded streams.")
    .derived
    = "<data_dir>/bus.db";
  auto stream = [&](const std::string& name, stream_limits s::*of) {
    bus.add(
      name + "_max_age", [of](auto& in) -> auto& { return (in.*of).max_age; },
      duration(minutes{1}, days{3'650}),
      "Messages of " + name + " older than this go away.");
    bus.add(
      name + "_max_bytes",
      [of](auto& in) -> auto& { return (in.*of).max_bytes; },
      bytes(mib, 16'384 * gib),
      name == "jobs"
        ? "At this size the stream jobs refuses new messages."
        : "At this size the stream " + name + " drops its oldest messages.");
  };
  stream("jobs", &s::jobs);
  stream("ingest", &s::ingest);
  stream("events", &s::events);
  stream("dlq", &s::dlq);
  bus.add("dedupe_window", &s::dedupe_window, duration(seconds{1}, days{7}),
          "Publishing a message id again within it stores nothing.");
  bus.add("credentials", &s::credentials, text("a path, or empty"),
          "NATS: file with the user's JWT and key.");
  bus.add("user", &s::user, text("up to 4096 bytes"), "NATS: user name.");
  bus
    .add("password", &s::password, hidden("env:NAME or file:PATH"),
         "NATS: password, as a reference.")
    .is_secret
    = true;
  bus.add("tls_ca", &s::tls_ca, text("a path, or empty"),
          "NATS: file of the authorities to trust; for tls:// URLs.");
  bus.add("tls_certificate", &s::tls_certificate, text("a path, or empty"),
          "NATS: file of this node's certificate, if servers ask for one.");
  bus.add("tls_key", &s::tls_key, text("a path, or empty"),
          "NATS: file of that certificate's key.");
  bus.add("replicas", &s::replicas, whole(1, 5),
          "NATS: servers that keep a copy of each stream.");
  bus.add("reconnect_bytes_max", &s::reconnect_bytes_max, bytes(kib, gib),
          "NATS: without effect; nothing is kept while no server answers.");
  bus.add("publish_in_flight_max", &s::publish_in_flight_max, whole(1, 65'536),
          "NATS: messages published and not confirmed yet, at once.");
  bus.add("request_timeout", &s::request_timeout,
          duration(milliseconds{100}, minutes{5}),
          "For the answer to a question to another node.");
}

void add_store(std::vector<key>& table) {
  using s = store_settings;
  auto store = section{table, "store", &settings::store};
  store.add("url", &s::url, store_url(), "The database; the role api's alone.")
    .derived
    = "sqlite:<data_dir>/stravasync.db";
  store.add("readers", &s::readers, whole(0, 32),
            "Connections that read; 0: as many as cores, but 3 to 8.\n"
            "Of two or more, one is for short reads alone.");
  store.add("sessions", &s::sessions, whole(1, 32),
            "Without effect; store.readers says how many connections read.");
  store.add(
    "runs_max_age", &s::runs_max_age, duration(days{1}, days{3'650}),
    "Runs stay so long after their end, or longer: a day more than the\n"
    "greatest of bus.ingest_max_age, bus.events_max_age, bus.dlq_max_age and\n"
    "sync.delete_second_look.");
  store
    .add("password", &s::password, hidden("env:NAME or file:PATH"),
         "PostgreSQL: password, as a reference; better than in the URL.")
    .is_secret
    = true;
  store.add("connect_timeout", &s::connect_timeout,
            duration(seconds{1}, minutes{5}),
            "PostgreSQL: for a connection to be made.");
  store.add("statement_timeout", &s::statement_timeout,
            duration(milliseconds{100}, hours{1}),
            "PostgreSQL: a statement that takes longer is ended.");
}

void add_http(std::vector<key>& table) {
  using s = http_settings;
  auto http = section{table, "http", &settings::http};
  http.add("listen", &s::listen, addresses(),
           "Where the page and the API listen; port 0 picks a free one.");
  http
    .add("public_url", &s::public_url, web_url(),
         "How browsers and Strava reach this node from outside.")
    .derived
    = "http:// and the first TCP address of listen";
  http.add("allowed_hosts", &s::allowed_hosts, hosts(),
           "More names that clients and proxies may ask this node by.");
  http.add("socket_mode", &s::socket_mode, file_mode(),
           "Who may connect to unix sockets of listen.");
  http.add("socket_group", &s::socket_group,
           text("a group's name or number, or empty"),
           "Group of unix sockets of listen; empty: the process's.");
  http.add("io_threads", &s::io_threads, whole(1, 64),
           "Threads that read and write connections.");
  http.add("connections_max", &s::connections_max, whole(1, 100'000),
           "Connections above it are answered 503, but for health checks.");
  http.add("streams_max", &s::streams_max, whole(1, 100'000),
           "Event streams beside connections_max; above: 503.");
  http.add("in_flight_max", &s::in_flight_max, whole(1, 100'000),
           "Requests above it are answered 503 with Retry-After.");
  http.add("held_bytes_max", &s::held_bytes_max, bytes(8 * mib, 64 * gib),
           "Requests and answers in memory at once; above: 503.");
  http.add("header_bytes_max", &s::header_bytes_max, bytes(kib, mib),
           "A larger request header is answered 431.");
  http.add("body_bytes_max", &s::body_bytes_max, bytes(kib, gib),
           "A larger request body is answered 413.");
  http.add("header_timeout", &s::header_timeout,
           duration(milliseconds{100}, minutes{10}),
           "From a header's first byte to its last; then 408.");
  http.add("idle_timeout", &s::idle_timeout,
           duration(milliseconds{100}, hours{24}),
           "An idle connection is closed after it.");
}

void add_secrets(std::vector<key>& table) {
  using s = secrets_settings;
  auto secrets = section{table, "secrets", &settings::secrets};
  auto& token_key = secrets.add(
    "token_key", &s::token_key, hidden_base64(32),
    "Key of the stored tokens, the same on every api node, as a reference.");
  token_key.is_secret = true;
  token_key.derived = "made at the first start and kept in <data_dir>";
}

void add_log(std::vector<key>& table) {
  using s = log_settings;
  auto log = section{table, "log", &settings::log};
  log.add("level", &s::level, threshold(), "The least level that is written.");
  log.add("format", &s::format, format(),
          "auto is text on a terminal, JSON lines elsewhere.");
}

} // namespace stravasync
