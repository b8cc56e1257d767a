#include "tests/support/cluster.hpp"

#include "tests/support/paths.hpp"

#include <boost/json/parse.hpp>

#include <csignal>
#include <stdexcept>
#include <thread>

namespace test {

using namespace std::chrono_literals;

bool eventually(const std::function<bool()>& done,
                std::chrono::milliseconds most) {
  auto end = std::chrono::steady_clock::now() + most;
  while (!done()) {
    if (std::chrono::steady_clock::now() > end)
      return false;
    std::this_thread::sleep_for(20ms);
  }
  return true;
}

namespace {

bool answers(const std::string& address, std::string_view path) {
  try {
    return http_client{address, 2'000ms}.get(path).status == 200;
  } catch (const std::exception&) {
    return false; // Not listening yet.
  }
}

} // namespace

boost::json::value
get_json(const std::string& address, const std::string& target) {
  auto reply = http_client{address}.get(target);
  if (reply.status != 200)
    throw std::runtime_error{
      target + " answered " + std::to_string(reply.status) + ": " + reply.body};
  return boost::json::parse(reply.body);
}

node::node(std::string role, std::filesystem::path folder, variables more,
           std::string name)
  : role_{std::move(role)},
    name_{name.empty() ? role_ : std::move(name)},
    folder_{std::move(folder)},
    environment_{std::move(more)} {
}

void node::start(const std::string& address, std::string_view ready_path) {
  process::options what;
  what.argv = {STRAVASYNC_BINARY_DIR "/stravasync", "--role=" + role_};
  what.environment = environment_;
  what.output = folder_ / (name_ + ".log");
  running_.emplace(process::spawn(what));
  if (address.empty())
    return;
  auto ready = eventually(
    [&] {
      if (auto code = running_->wait(0ms))
        throw std::runtime_error{name_ + " ended with " + std::to_string(*code)
                                 + ":\n" + running_->output()};
      return answers(address, ready_path);
    },
    20s);
  if (!ready)
    throw std::runtime_error{name_ + " does not answer:\n" + output()};
}

void node::kill_hard() {
  running_->kill(SIGKILL);
  std::ignore = running_->wait(10s);
  running_.reset();
}

std::optional<int> node::stop(std::chrono::milliseconds most) {
  running_->kill(SIGTERM);
  auto code = running_->wait(most);
  if (code)
    running_.reset();
  return code;
}

std::string node::output() const {
  return running_ ? running_->output() : std::string{};
}

installation::installation(variables sim, variables app) {
  sim_address_ = "127.0.0.1:" + std::to_string(free_port());
  app_address_ = "127.0.0.1:" + std::to_string(free_port());
  auto folder = std::filesystem::path{folder_.path()};
  sim.emplace_back("STRAVASYNC_SIM_LISTEN", sim_address_);
  sim.emplace_back("STRAVASYNC_NODE_DATA_DIR", (folder / "sim").string());
  app.emplace_back("STRAVASYNC_NODE_DATA_DIR", (folder / "data").string());
  app.emplace_back("STRAVASYNC_HTTP_LISTEN", app_address_);
  app.emplace_back("STRAVASYNC_STRAVA_API_URL",
                   "http://" + sim_address_ + "/api/v3");
  app.emplace_back("STRAVASYNC_STRAVA_OAUTH_URL",
                   "http://" + sim_address_ + "/oauth");
  sim_ = std::make_unique<node>("sim", folder, std::move(sim));
  app_ = std::make_unique<node>("all", folder, std::move(app));
}

void installation::start_sim() {
  sim_->start(sim_address_, "/sim/stats");
}

void installation::start_app() {
  app_->start(app_address_, "/readyz");
}

given_consent consent(const std::string& address, std::int64_t athlete_id,
                      const std::string& scope) {
  auto begin = http_client{address}.get("/connect");
  if (begin.status != 302)
    throw std::runtime_error{"/connect: " + begin.body};
  auto [host, target] = split_url(begin.header("location"));
  auto given = http_client{host}.post_form(
    target, {{"athlete_id", std::to_string(athlete_id)}, {"scope", scope}});
  if (given.status != 302)
    throw std::runtime_error{"consent: " + given.body};
  auto [back, callback] = split_url(given.header("location"));
  auto cookie = std::string{begin.header("set-cookie")};
  return {back, callback, {{"Cookie", cookie.substr(0, cookie.find(';'))}}};
}

http_reply
installation::connect(std::int64_t athlete_id, const std::string& scope) {
  auto given = consent(app_address_, athlete_id, scope);
  return http_client{given.address}.get(given.target, given.cookies);
}

boost::json::value installation::get(const std::string& target) {
  return get_json(app_address_, target);
}

boost::json::value installation::ask_sim(const std::string& target) {
  return get_json(sim_address_, target);
}

void installation::set_faults(const std::string& json) {
  auto reply = sim_http().post("/sim/faults", json);
  if (reply.status >= 300)
    throw std::runtime_error{"/sim/faults: " + reply.body};
}

bool installation::wait_for_state(std::int64_t athlete_id,
                                  std::string_view state,
                                  std::chrono::milliseconds most) {
  auto target = "/api/v1/athletes/" + std::to_string(athlete_id) + "/sync";
  return eventually(
    [&] { return get(target).at("state").as_string() == state; }, most);
}

} // namespace test
