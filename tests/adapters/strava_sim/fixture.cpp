#include "tests/adapters/strava_sim/fixture.hpp"

#include "adapters/http/url.hpp"
#include "messages/error.hpp"

#include <algorithm>
#include <stdexcept>

namespace test::sim {

using stravasync::detail_of;
using stravasync::log_field;
using stravasync::log_level;

void counting_log::write(log_level level, std::string_view,
                         std::initializer_list<log_field>) {
  if (level == log_level::warning || level == log_level::error)
    ++problems;
}

json::json(const std::string& text) : root_{parser_.parse(text)} {
}

std::string json::at(std::string_view pointer) const {
  auto found = simdjson::dom::element{};
  if (root_.at_pointer(pointer).get(found) != simdjson::SUCCESS)
    return "missing";
  return found.is_string() ? std::string{std::string_view{found}}
                           : simdjson::to_string(found);
}

fixture::fixture(simulator_options with)
  : now_ms{std::make_shared<std::int64_t>(noon_s * 1'000)},
    options{std::move(with)} {
  options.clock = [now = now_ms] { return *now; };
  restart();
}

void fixture::restart() {
  answers.reset();
  auto made = service::make(options, logger);
  if (!made)
    throw std::runtime_error{detail_of(made.error())};
  answers = std::move(*made);
}

reply fixture::send(std::string method, const std::string& target,
                    std::string body, std::string authorization) {
  auto what = http::request{};
  what.method = std::move(method);
  what.target = target;
  auto question = target.find('?');
  what.path = target.substr(0, question);
  if (question != std::string::npos)
    what.query = http::parse_form(target.substr(question + 1)).value();
  what.body = std::move(body);
  if (!authorization.empty())
    what.headers.emplace_back("authorization", std::move(authorization));
  return answers->answer(what);
}

http::response
fixture::get(const std::string& target, const std::string& token) {
  return send("GET", target, {}, "Bearer " + token).response;
}

token_pair
fixture::connect(std::int64_t athlete_id, const std::string& scopes) {
  auto target = "/oauth/authorize?client_id=7&redirect_uri=http://localhost/cb"
                "&response_type=code&scope="
                + scopes;
  auto consent = send("POST", target,
                      "athlete_id=" + std::to_string(athlete_id)
                        + "&scope=" + http::percent_encode(scopes));
  auto tokens = send("POST", "/oauth/token",
                     "client_id=7&client_secret=x&grant_type="
                     "authorization_code&code="
                       + parameter(consent.response, "code"));
  auto body = json{tokens.response.body};
  return {body.at("/access_token"), body.at("/refresh_token")};
}

http::response fixture::refresh(const std::string& refresh_token) {
  return send("POST", "/api/v3/oauth/token",
              "client_id=7&client_secret=x&grant_type=refresh_token"
              "&refresh_token="
                + refresh_token)
    .response;
}

std::string parameter(const http::response& redirect, std::string_view name) {
  auto target = header(redirect, "Location");
  auto fields = http::parse_form(target.substr(target.find('?') + 1));
  return std::string{http::find_field(fields.value(), name).value_or("none")};
}

std::string header(const http::response& of, std::string_view name) {
  for (const auto& [key, value] : of.headers)
    if (key == name)
      return value;
  return "none";
}

std::string fault_of(const http::response& of) {
  auto body = json{of.body};
  return body.at("/errors/0/resource") + "/" + body.at("/errors/0/field") + "/"
         + body.at("/errors/0/code");
}

} // namespace test::sim
