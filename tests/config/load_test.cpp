#include "config/load.hpp"

#include "config/keys.hpp"
#include "messages/error.hpp"
#include "tests/config/settings_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace stravasync;
using namespace std::chrono_literals;
using test::settings_fixture;

TEST_CASE_METHOD(settings_fixture, "nothing set gives the defaults", "[load]") {
  auto values = loaded();
  CHECK(values.node.roles == std::set{role::api, role::consumer, role::worker});
  CHECK(values.node.id == "node-1");
  CHECK(values.bus.embedded());
  CHECK(values.bus.path == "./data/bus.db");
  CHECK(values.store.sqlite_path() == "./data/stravasync.db");
  CHECK(values.http.listen == std::vector<std::string>{"127.0.0.1:8080"});
  CHECK(values.http.public_url == "http://127.0.0.1:8080");
  CHECK(values.strava.api_url == "https://www.strava.com/api/v3");
  CHECK(values.strava.oauth_url == "https://www.strava.com/oauth");
  CHECK(values.budget.window == 15min);
  CHECK(values.sync.incremental_overlap == 168h);
  CHECK(values.sim.state == "./data/sim.state");
}

TEST_CASE_METHOD(settings_fixture, "flags win over environment over file",
                 "[load]") {
  file("[http]\nio_threads = 2\nin_flight_max = 20\nconnections_max = 30\n");
  variable("STRAVASYNC_HTTP_IO_THREADS", "3");
  variable("STRAVASYNC_HTTP_IN_FLIGHT_MAX", "21");
  flag("http.io_threads", "4");
  auto result = load(request);
  REQUIRE(result);
  CHECK(result->values.http.io_threads == 4);
  CHECK(result->values.http.in_flight_max == 21);
  CHECK(result->values.http.connections_max == 30);
  CHECK(result->origins.at("http.io_threads") == "--set http.io_threads=4");
  CHECK(result->origins.at("http.in_flight_max")
        == "STRAVASYNC_HTTP_IN_FLIGHT_MAX");
  CHECK(result->origins.at("http.connections_max").ends_with(".toml:4"));
}

TEST_CASE_METHOD(settings_fixture, "a key is known to be set or not",
                 "[load]") {
  variable("STRAVASYNC_STRAVA_API_URL", "https://www.strava.com/api/v3");
  auto result = load(request);
  REQUIRE(result);
  CHECK(result->is_set("strava.api_url"));
  CHECK_FALSE(result->is_set("strava.oauth_url"));
}

TEST_CASE_METHOD(settings_fixture, "every kind of value is read from a file",
                 "[load]") {
  file(R"(
[node]
roles = ["api", "sim"]
drain_deadline = "5s"
[http]
listen = ["127.0.0.1:0", "unix:/run/stravasync.sock"]
body_bytes_max = 2048
header_bytes_max = "8KiB"
[budget]
live_share = 0.25
live_release = 1
[sim]
limits = [20, 2000, 10, 1000]
window = "3s"
seed = 9223372036854775807
[log]
level = "debug"
format = "json"
[sync]
relist_every = 0
)");
  auto values = loaded();
  CHECK(values.node.roles == std::set{role::api, role::sim});
  CHECK(values.node.drain_deadline == 5s);
  CHECK(values.http.listen.size() == 2);
  CHECK(values.http.body_bytes_max == 2048);
  CHECK(values.http.header_bytes_max == 8192);
  CHECK(values.budget.live_share == 0.25);
  CHECK(values.budget.live_release == 1);
  CHECK(values.budget.window == 3s);
  CHECK(values.sim.limits == rate_limits{20, 2000, 10, 1000});
  CHECK(values.sim.seed == 9223372036854775807U);
  CHECK(values.log.level == log_threshold::debug);
  CHECK(values.log.format == log_format::json);
  CHECK(values.sync.relist_every == 0ms);
}

TEST_CASE_METHOD(settings_fixture, "the names that tests and tools rely on",
                 "[load]") {
  variable("STRAVASYNC_BUS_URL", "embedded");
  variable("STRAVASYNC_STORE_URL", "sqlite:/tmp/x.db");
  variable("STRAVASYNC_HTTP_LISTEN", "127.0.0.1:8081,unix:/tmp/x.sock");
  variable("STRAVASYNC_HTTP_PUBLIC_URL", "https://sync.example/");
  variable("STRAVASYNC_STRAVA_API_URL", "http://127.0.0.1:9/api/v3");
  variable("STRAVASYNC_STRAVA_OAUTH_URL", "http://127.0.0.1:9/oauth");
  variable("STRAVASYNC_STRAVA_CLIENT_ID", "123");
  variable("STRAVASYNC_STRAVA_CLIENT_SECRET", "abc");
  variable("STRAVASYNC_SECRETS_TOKEN_KEY",
           "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
  variable("STRAVASYNC_SIM_LISTEN", "127.0.0.1:8091");
  variable("STRAVASYNC_SIM_DATA", "/data");
  variable("STRAVASYNC_SIM_LIMITS", "20,2000,10,1000");
  variable("STRAVASYNC_SIM_WINDOW", "3s");
  variable("STRAVASYNC_SIM_LATENCY", "0");
  auto values = loaded();
  CHECK(values.store.sqlite_path() == "/tmp/x.db");
  CHECK(values.http.listen.at(1) == "unix:/tmp/x.sock");
  CHECK(values.http.public_url == "https://sync.example");
  CHECK(values.strava.client_secret.reveal() == "abc");
  CHECK(values.secrets.token_key.reveal().size() == 44);
  CHECK(values.sim.data == "/data");
  CHECK(values.sim.limits.short_all == 20);
  CHECK(values.sim.latency == 0ms);
}

TEST_CASE_METHOD(settings_fixture, "an empty variable counts as not set",
                 "[load]") {
  variable("STRAVASYNC_HTTP_LISTEN", "");
  CHECK(loaded().http.listen.at(0) == "127.0.0.1:8080");
}

TEST_CASE_METHOD(settings_fixture, "the file can be named by a variable",
                 "[load]") {
  variable("STRAVASYNC_CONFIG", write("other.toml", "[worker]\npublishers=3"));
  CHECK(loaded().worker.publishers == 3);
}

TEST_CASE_METHOD(settings_fixture, "an empty file sets nothing", "[load]") {
  file("");
  CHECK(loaded().worker.publishers == 10);
}

TEST_CASE_METHOD(settings_fixture, "a wrong file is refused with its line",
                 "[load]") {
  auto says = [&](std::string_view text) {
    file(text);
    return refusal();
  };
  CHECK(says("[http]\n\nlisen = \"x\"")
        == "stravasync.toml:3: unknown key http.lisen, did you mean listen?");
  CHECK(says("[htp]\n")
        == "stravasync.toml:1: unknown section [htp], did you mean http?");
  CHECK(says("listen = 1\n") == "stravasync.toml:1: unknown section [listen]");
  CHECK(says("http = 1\n")
        == "stravasync.toml:1: http is a section: write [http] on a line of "
           "its own");
  CHECK(says("[http]\nio_threads = \"4\"")
        == "stravasync.toml:2: http.io_threads: wrong type: expected a whole "
           "number; allowed: 1 to 64");
  CHECK(says("[http]\nio_threads = true")
        == "stravasync.toml:2: http.io_threads: wrong type: expected a whole "
           "number; allowed: 1 to 64");
  CHECK(says("[http]\nio_threads = 65")
        == "stravasync.toml:2: http.io_threads = \"65\": out of range; "
           "allowed: 1 to 64");
  CHECK(says("[http]\nio_threads = -1")
        == "stravasync.toml:2: http.io_threads = \"-1\": out of range; "
           "allowed: 1 to 64");
  CHECK(says("[http]\nheader_timeout = 10")
        == "stravasync.toml:2: http.header_timeout = \"10\": expected a whole "
           "number followed by ms, s, m, h or d; allowed: 100ms to 10m");
  CHECK(says("[budget]\nlimits = [1, \"2\", 3, 4]")
          .starts_with("stravasync.toml:2: budget.limits: wrong type"));
  CHECK(says("[budget]\nlimits = [1, 2, 3]").find("expected four numbers")
        != std::string::npos);
  CHECK(says("[http\n").starts_with("stravasync.toml:1: not TOML: "));
  CHECK(says("[http]\nio_threads = 1\nio_threads = 2")
          .starts_with("stravasync.toml:3: not TOML: "));
  CHECK(says("\xFF\xFE").starts_with("stravasync.toml:1: not TOML: "));
}

TEST_CASE_METHOD(settings_fixture, "an unreadable file is refused", "[load]") {
  request.file = "/nonexistent/stravasync.toml";
  CHECK(refusal()
        == "cannot read /nonexistent/stravasync.toml: No such "
           "file or directory");
  request.file = "/";
  CHECK(refusal() == "cannot read /: Is a directory");
}

TEST_CASE_METHOD(settings_fixture, "a wrong variable is refused by its name",
                 "[load]") {
  SECTION("unknown, with a near one") {
    variable("STRAVASYNC_HTTP_LISEN", "x");
    CHECK(refusal()
          == "unknown environment variable STRAVASYNC_HTTP_LISEN, did you "
             "mean STRAVASYNC_HTTP_LISTEN?");
  }
  SECTION("near what Kubernetes sets, but no place of a Service") {
    variable("STRAVASYNC_API_SERVICE_PORT", "http");
    CHECK(refusal().starts_with("unknown environment variable "
                                "STRAVASYNC_API_SERVICE_PORT"));
  }
  SECTION("a port that is no setting") {
    variable("STRAVASYNC_HTTP_PORT", "8080");
    CHECK(refusal().starts_with("unknown environment variable "
                                "STRAVASYNC_HTTP_PORT"));
  }
  SECTION("out of range") {
    variable("STRAVASYNC_BUDGET_LIVE_SHARE", "0.95");
    CHECK(refusal()
          == "STRAVASYNC_BUDGET_LIVE_SHARE=0.95: out of range; allowed: 0 to "
             "0.9");
  }
  SECTION("not an address") {
    variable("STRAVASYNC_HTTP_LISTEN", "8080");
    CHECK(refusal()
          == "STRAVASYNC_HTTP_LISTEN=8080: \"8080\" is not an address; "
             "allowed: host:port or unix:/path, at least one");
  }
  SECTION("a foreign one is none of our business") {
    variable("STRAVA_WHATEVER", "x");
    CHECK(refusal() == "loaded");
  }
}

TEST_CASE_METHOD(settings_fixture, "a wrong flag is refused as written",
                 "[load]") {
  SECTION("unknown key") {
    flag("http.lisen", "x");
    CHECK(refusal()
          == "--set http.lisen=x: unknown key http.lisen, did you mean "
             "http.listen?");
  }
  SECTION("unknown role") {
    request.flags.push_back({"node.roles", "apii", "--role=apii"});
    CHECK(refusal()
          == "--role=apii: unknown role \"apii\", did you mean api?; allowed: "
             "all, api, consumer, worker, sim; several with commas");
  }
  SECTION("no role") {
    request.flags.push_back({"node.roles", "", "--role="});
    CHECK(refusal().starts_with("--role=: no role; allowed: all, api,"));
  }
  SECTION("unknown choice") {
    flag("log.level", "warn");
    CHECK(refusal()
          == "--set log.level=warn: unknown value; allowed: debug, info, "
             "warning, error");
  }
}

TEST_CASE("each key has its own variable and name", "[load]") {
  auto names = std::set<std::string>{};
  for (const auto& key : keys()) {
    CHECK(names.insert(key.variable()).second);
    CHECK(find_key(key.full_name()) == &key);
    CHECK_FALSE(key.help.empty());
    CHECK_FALSE(key.allowed.empty());
  }
  CHECK(find_key("http.nothing") == nullptr);
}

TEST_CASE("node ids differ from start to start", "[load]") {
  CHECK(make_node_id() != make_node_id());
  CHECK(make_node_id().size() > 7);
}

TEST_CASE_METHOD(settings_fixture,
                 "what Kubernetes says about its Services is left alone",
                 "[load]") {
  for (const std::string service :
       {"STRAVASYNC", "STRAVASYNC_API", "STRAVASYNC_HTTP_LISTEN"}) {
    variable(service + "_SERVICE_HOST", "10.96.0.17");
    variable(service + "_SERVICE_PORT", "8080");
    variable(service + "_SERVICE_PORT_HTTP", "8080");
    variable(service + "_PORT", "tcp://10.96.0.17:8080");
    for (const std::string protocol : {"TCP", "UDP", "SCTP"}) {
      auto port = service + "_PORT_8080_" + protocol;
      auto small = protocol == "TCP"   ? "tcp"
                   : protocol == "UDP" ? "udp"
                                       : "sctp";
      variable(port, std::string{small} + "://[fd00::17]:8080");
      variable(port + "_PROTO", small);
      variable(port + "_PORT", "8080");
      variable(port + "_ADDR", "fd00::17");
    }
  }
  variable("STRAVASYNC_API_SERVICE", "mine");
  CHECK(loaded().api.service == "mine");
}

TEST_CASE_METHOD(settings_fixture, "both names of PostgreSQL's scheme are one",
                 "[load]") {
  variable("STRAVASYNC_STORE_URL", "postgres://user@db/stravasync");
  CHECK(loaded().store.url == "postgresql://user@db/stravasync");
}
