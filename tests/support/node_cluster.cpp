#include "tests/support/node_cluster.hpp"

#include "tests/support/paths.hpp"

#include <stdexcept>
#include <utility>

namespace test {

using namespace std::chrono_literals;

namespace {

/// 32 bytes in base64; the same on every node.
constexpr auto token_key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

} // namespace

node_cluster::node_cluster(settings how) {
  auto folder = std::filesystem::path{folder_.path()};
  database_ = postgres_.create_database();
  store_url_ = postgres_.url(database_);
  sim_address_ = "127.0.0.1:" + std::to_string(free_port());
  how.sim.emplace_back("STRAVASYNC_SIM_LISTEN", sim_address_);
  how.sim.emplace_back("STRAVASYNC_NODE_DATA_DIR", (folder / "sim").string());
  sim_ = std::make_unique<node>("sim", folder, std::move(how.sim));
  sim_->start(sim_address_, "/sim/stats");
  environment_ = std::move(how.nodes);
  auto bus_url = how.bus_url.empty() ? nats_.url() : how.bus_url;
  for (auto& [name, value] : variables{
         {"STRAVASYNC_BUS_URL", bus_url},
         {"STRAVASYNC_STORE_URL", store_url_},
         {"STRAVASYNC_STORE_PASSWORD", "env:TEST_STORE_PASSWORD"},
         {"TEST_STORE_PASSWORD", postgres_server::password},
         {"STRAVASYNC_SECRETS_TOKEN_KEY", "env:TEST_TOKEN_KEY"},
         {"TEST_TOKEN_KEY", token_key},
         {"STRAVASYNC_STRAVA_API_URL", "http://" + sim_address_ + "/api/v3"},
         {"STRAVASYNC_STRAVA_OAUTH_URL", "http://" + sim_address_ + "/oauth"}})
    environment_.emplace_back(name, value);
  if (auto [code, text] = run({"migrate"}); code != 0)
    throw std::runtime_error{"migrate: " + text};
}

node& node_cluster::add(const std::string& name, const std::string& role,
                        variables more) {
  auto address = "127.0.0.1:" + std::to_string(free_port());
  auto environment = environment_;
  environment.emplace_back("STRAVASYNC_HTTP_LISTEN", address);
  environment.emplace_back("STRAVASYNC_NODE_DATA_DIR",
                           (folder() / name).string());
  for (auto& [key, value] : more) {
    std::erase_if(environment,
                  [&](const auto& one) { return one.first == key; });
    environment.emplace_back(key, value);
  }
  auto& added = members_[name];
  added.address = address;
  added.program = std::make_unique<node>(role, folder(), std::move(environment),
                                         name);
  return *added.program;
}

void node_cluster::start(const std::string& name) {
  at(name).start(address(name), "/readyz");
}

void node_cluster::launch(const std::string& name) {
  at(name).start({}, {});
}

bool node_cluster::ready(const std::string& name) const {
  try {
    return http_client{address(name), 2'000ms}.get("/readyz").status == 200;
  } catch (const std::exception&) {
    return false; // Not listening.
  }
}

void node_cluster::connect(std::int64_t athlete_id, const std::string& begin_at,
                           const std::string& finish_at) {
  auto given = consent(address(begin_at), athlete_id);
  auto reply = http(finish_at).get(given.target, given.cookies);
  if (reply.status != 302)
    throw std::runtime_error{"the callback: " + reply.body};
}

std::string
node_cluster::state_of(const std::string& name, std::int64_t athlete_id) const {
  auto target = "/api/v1/athletes/" + std::to_string(athlete_id) + "/sync";
  return std::string{get(name, target).at("state").as_string()};
}

std::pair<int, std::string>
node_cluster::run(std::vector<std::string> arguments) {
  process::options what;
  what.argv = std::move(arguments);
  what.argv.insert(what.argv.begin(), STRAVASYNC_BINARY_DIR "/stravasync");
  what.environment = environment_;
  what.output = folder() / ("command-" + std::to_string(++commands_) + ".log");
  auto running = process::spawn(what);
  auto code = running.wait(120s);
  return {code.value_or(-1), running.output()};
}

} // namespace test
