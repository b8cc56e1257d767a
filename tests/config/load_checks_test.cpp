#include "config/load.hpp"
#include "tests/config/settings_fixture.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <array>

using namespace stravasync;
using test::settings_fixture;

namespace {

/// Settings that have to be enough to run a node.
struct node_fixture : settings_fixture {
  node_fixture() {
    request.for_node = true;
  }
};

} // namespace

TEST_CASE_METHOD(node_fixture, "a consumer or worker alone needs a shared bus",
                 "[checks]") {
  auto name = GENERATE(as<std::string>{}, "consumer", "worker");
  request.flags.push_back({"node.roles", name, "--role=" + name});
  CHECK(refusal()
        == "--role=" + name + ": node.roles: role " + name
             + " without api needs a shared bus: set bus.url to nats://..., "
               "or add the others: --role=all");
}

TEST_CASE_METHOD(node_fixture, "the simulator alone is a process", "[checks]") {
  flag("node.roles", "sim");
  auto values = loaded();
  CHECK(values.node.roles == std::set{role::sim});
}

TEST_CASE_METHOD(settings_fixture, "all may be written with others",
                 "[checks]") {
  flag("node.roles", "all, sim");
  CHECK(loaded().node.roles.size() == 4);
}

TEST_CASE_METHOD(settings_fixture, "where bus and store are is a URL",
                 "[checks]") {
  SECTION("several servers of one bus") {
    variable("STRAVASYNC_BUS_URL", "nats://a:4222, tls://b:4222");
    flag("node.roles", "worker");
    CHECK(loaded().bus.url == "nats://a:4222,tls://b:4222");
  }
  SECTION("what is no bus URL, its password hidden") {
    variable("STRAVASYNC_BUS_URL", "amqp://me:pw@a:4222");
    CHECK(refusal().starts_with("STRAVASYNC_BUS_URL"));
    CHECK(refusal().find("\"amqp://me:********@a:4222\" is not a bus URL")
          != std::string::npos);
    CHECK(refusal().find("pw") == std::string::npos);
  }
  SECTION("what is no port") {
    auto url = GENERATE(as<std::string>{}, "nats://a:0", "nats://a:65536",
                        "nats://a:x", "nats://a:", "nats://me@", "nats://:4222",
                        "nats://[::1]:x", "nats://a,nats://b:0");
    variable("STRAVASYNC_BUS_URL", url);
    CHECK(refusal().find("is not a bus URL") != std::string::npos);
  }
  SECTION("what need not have a port") {
    auto url = GENERATE(as<std::string>{}, "nats://a", "nats://[::1]",
                        "nats://[::1]:4222", "nats://me:pw@a", "tls://a/");
    variable("STRAVASYNC_BUS_URL", url);
    flag("node.roles", "worker");
    CHECK(loaded().bus.url == url);
  }
  SECTION("what is no name for a node") {
    auto id = GENERATE(as<std::string>{}, "a b", "a/b", "*", "a>b",
                       std::string(129, 'a'));
    variable("STRAVASYNC_NODE_ID", id);
    CHECK(refusal().ends_with("not a node's name; allowed: up to 128 letters, "
                              "digits, . - and _"));
  }
  SECTION("what is no store URL") {
    variable("STRAVASYNC_STORE_URL", "mysql://x");
    CHECK(refusal().starts_with("STRAVASYNC_STORE_URL=mysql://x: not a store "
                                "URL; allowed: sqlite:PATH"));
  }
}

TEST_CASE_METHOD(node_fixture,
                 "nodes that share a bus share a database and a key",
                 "[checks]") {
  flag("bus.url", "nats://a:4222");
  CHECK(refusal().ends_with("store.url: must be set, the same on every api "
                            "node: bus.url is shared"));
  flag("store.url", "postgresql://db/stravasync");
  CHECK(refusal().ends_with("secrets.token_key: must be set, the same on every "
                            "api node: bus.url is shared"));
  SECTION("api nodes, that is") {
    flag("node.roles", "worker");
    CHECK(loaded().node.has(role::worker));
  }
  SECTION("and nodes only, not who looks at them") {
    request.for_node = false;
    CHECK(loaded().bus.url == "nats://a:4222");
  }
}

TEST_CASE_METHOD(node_fixture, "Strava knows who asks by its client",
                 "[checks]") {
  auto missing = [this] {
    auto settings = load(request);
    REQUIRE(settings);
    return check_strava(*settings);
  };
  auto why = missing();
  CHECK(code_of(why) == ec::invalid_argument);
  CHECK(detail_of(why).starts_with("strava.client_id: is not set; create"));
  SECTION("unless it is simulated") {
    flag("node.roles", "all,sim");
    CHECK(!missing());
  }
  SECTION("unless a server of one's own stands for it") {
    flag("strava.oauth_url", "http://127.0.0.1:9/oauth");
    CHECK(!missing());
  }
  SECTION("so it is given") {
    flag("strava.client_id", "12345");
    CHECK(!missing());
  }
}

TEST_CASE_METHOD(settings_fixture, "one way to say who one is at the bus",
                 "[checks]") {
  flag("node.roles", "worker");
  flag("bus.url", "nats://a:4222");
  flag("bus.credentials", "/run/me.creds");
  flag("bus.user", "me");
  CHECK(refusal().ends_with("bus.user: give it or bus.credentials, not both"));
}

TEST_CASE_METHOD(settings_fixture, "yes or no", "[checks]") {
  flag("node.fail_fast", "true");
  CHECK(loaded().node.fail_fast);
  flag("node.fail_fast", "maybe");
  CHECK(refusal().find("neither true nor false; allowed: true or false")
        != std::string::npos);
}

TEST_CASE_METHOD(settings_fixture,
                 "with the simulator inside, its addresses are Strava's",
                 "[checks]") {
  flag("node.roles", "all,sim");
  SECTION("by default") {
    auto values = loaded();
    CHECK(values.strava.api_url == "http://127.0.0.1:8090/api/v3");
    CHECK(values.strava.oauth_url == "http://127.0.0.1:8090/oauth");
  }
  SECTION("unless somebody chose another") {
    flag("strava.api_url", "https://www.strava.com/api/v3/");
    auto values = loaded();
    CHECK(values.strava.api_url == "https://www.strava.com/api/v3");
    CHECK(values.strava.oauth_url == "http://127.0.0.1:8090/oauth");
  }
}

TEST_CASE_METHOD(settings_fixture,
                 "the consent page follows Strava's OAuth address",
                 "[checks]") {
  flag("strava.oauth_url", "http://sim:8090/oauth/");
  SECTION("by default") {
    CHECK(loaded().strava.authorize_url == "http://sim:8090/oauth/authorize");
  }
  SECTION("unless browsers have another name for it") {
    flag("strava.authorize_url", "http://localhost:8090/oauth/authorize");
    CHECK(loaded().strava.authorize_url
          == "http://localhost:8090/oauth/authorize");
    CHECK(loaded().strava.oauth_url == "http://sim:8090/oauth");
  }
}

TEST_CASE_METHOD(node_fixture, "one address cannot serve two", "[checks]") {
  flag("node.roles", "all,sim");
  flag("sim.listen", "127.0.0.1:8080");
  CHECK(refusal()
        == "--set sim.listen=127.0.0.1:8080: sim.listen: is also in "
           "http.listen");
}

TEST_CASE_METHOD(settings_fixture, "what depends on the data folder moves",
                 "[checks]") {
  flag("node.data_dir", "/var/lib/stravasync/");
  auto values = loaded();
  CHECK(values.bus.path == "/var/lib/stravasync/bus.db");
  CHECK(values.store.url == "sqlite:/var/lib/stravasync/stravasync.db");
  CHECK(values.sim.state == "/var/lib/stravasync/sim.state");
}

TEST_CASE_METHOD(settings_fixture, "the shorter pause must not be longer",
                 "[checks]") {
  flag("consumer.backoff_min", "1h");
  CHECK(refusal().ends_with(
    "consumer.backoff_min: must not be above consumer.backoff_max"));
}

TEST_CASE("a base URL is one that a browser can open", "[checks]") {
  auto of = [](std::string address) {
    return base_url_of(std::array{std::move(address)});
  };
  CHECK(of("127.0.0.1:8080") == "http://127.0.0.1:8080");
  CHECK(of("0.0.0.0:80") == "http://localhost:80");
  CHECK(of("[::]:80") == "http://localhost:80");
  CHECK(of("[::1]:8080") == "http://[::1]:8080");
  CHECK(of("unix:/run/x.sock") == "http://localhost");
  CHECK(base_url_of(std::array<std::string, 2>{"unix:/x", "127.0.0.1:1"})
        == "http://127.0.0.1:1");
}

TEST_CASE_METHOD(settings_fixture, "a path of the public URL is plain",
                 "[checks]") {
  SECTION("it may have several parts") {
    flag("http.public_url", "https://example.org/my-apps/strava_1/");
    CHECK(loaded().http.public_url == "https://example.org/my-apps/strava_1");
  }
  for (const auto* path :
       {"/a//b", "/a/../b", "/./a", "/a b", "/a%20b", "/a\"b", "/\xC3\xA9"}) {
    DYNAMIC_SECTION("but not " << path) {
      flag("http.public_url", std::string{"https://example.org"} + path);
      CHECK(refusal().find("http.public_url") != std::string::npos);
    }
  }
}

TEST_CASE_METHOD(settings_fixture,
                 "the public URL is one that a browser is sent to",
                 "[checks]") {
  auto give = [this](const std::string& url) {
    request.flags.clear();
    flag("http.public_url", url);
  };
  auto why = [&](const std::string& url) {
    give(url);
    return refusal();
  };
  for (const auto* port : {"0", "65536", "99999", "-1", "80x"})
    CHECK(why(std::string{"https://example.org:"} + port + "/strava")
            .find("has a port outside 1 to 65535; allowed: http://host[:port]")
          != std::string::npos);
  for (const auto* url : {"http://u:pw@example.org", "http://u@[::1]:80"}) {
    CHECK(why(url).ends_with("http.public_url: must not hold a user name or "
                             "password"));
    CHECK(refusal().find("pw") == std::string::npos);
  }
  for (const auto* url : {"http://u:p@", "http://[::1", "http://a:1:2",
                          "http://:80", "http://::1", "http://[a]"})
    CHECK(why(url).find("not a web address") != std::string::npos);
  give("https://[::1]:65535/strava");
  CHECK(loaded().http.public_url == "https://[::1]:65535/strava");
  give("http://example.org:");
  CHECK(loaded().http.public_url == "http://example.org:");
}

TEST_CASE_METHOD(settings_fixture,
                 "a path of the public URL is none of the "
                 "node's own",
                 "[checks]") {
  auto path = GENERATE(as<std::string>{}, "/api", "/api/v1", "/assets/",
                       "/athletes", "/connect/x", "/oauth", "/healthz");
  flag("http.public_url", "https://example.org" + path);
  CHECK(refusal().find("http.public_url: has a path that begins as one of the "
                       "node's own does")
        != std::string::npos);
  flag("http.public_url", "https://example.org/my" + path);
  CHECK(loaded().http.public_url.starts_with("https://example.org/my/"));
}

TEST_CASE_METHOD(settings_fixture, "hosts and modes are read as they are",
                 "[checks]") {
  flag("http.allowed_hosts", "api, box.lan:8080,[::1]:80 , 10.0.0.7");
  flag("http.socket_mode", "0600");
  auto values = loaded();
  CHECK(
    values.http.allowed_hosts
    == std::vector<std::string>{"api", "box.lan:8080", "[::1]:80", "10.0.0.7"});
  CHECK(values.http.socket_mode == 0600);
  SECTION("what is no host is refused") {
    auto host = GENERATE(as<std::string>{}, "http://api", "api:0", "api:99999",
                         "api:-1", "api:x");
    flag("http.allowed_hosts", host);
    CHECK(refusal().find("is no host") != std::string::npos);
  }
  SECTION("so is a mode that is not octal") {
    flag("http.socket_mode", "0680");
    CHECK(refusal().find("octal, 0000 to 0777") != std::string::npos);
  }
  SECTION("and one that has more than permissions") {
    flag("http.socket_mode", "4755");
    CHECK(refusal().find("out of range") != std::string::npos);
  }
}
