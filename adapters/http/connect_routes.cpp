#include "adapters/http/api_routes.hpp"
#include "adapters/http/cookies.hpp"
#include "adapters/http/input.hpp"
#include "adapters/http/page.hpp"

#include <algorithm>
#include <optional>

namespace stravasync::http {

namespace {

constexpr auto callback_path = std::string_view{"/oauth/callback"};

bool wants_html(const request& from) {
  return from.header_or_empty("accept").find("text/html")
         != std::string_view::npos;
}

/// A person in a browser gets a page with a way back, a program a document.
response refusal(const problem& what, bool as_html, const site& where) {
  return as_html ? problem_page(what, where) : to_response(what);
}

response redirect(std::string to) {
  return {
    .status = 302,
    .content_type = "",
    .headers = {{"Location", std::move(to)}, {"Cache-Control", "no-store"}}};
}

/// What ties a consent to the browser that began it. Each has a name of its
/// own, so that several may be under way in one browser.
cookie proof_cookie(const site& where, std::string_view state) {
  constexpr auto digits = "0123456789abcdef";
  auto end = std::min(state.find_first_not_of(digits), state.size());
  return {.name = "stravasync_connect_" + std::string{state.substr(0, end)},
          .value = {},
          .path = where.path() + std::string{callback_path},
          .needs_tls = where.has_tls()};
}

void connect(api_service& service, const site& where, call asked) {
  auto as_html = wants_html(asked.what);
  auto in = input{asked.what};
  [[maybe_unused]] auto moved = in.text("moved", 1);
  if (auto trouble = in.trouble())
    return asked.reply->send(refusal(*trouble, as_html, where));
  // Programs carry no cookies and stay.
  if (auto better = where.better_start(asked.what); as_html && better)
    return asked.reply->send(redirect(*std::move(better)));
  completion<query::v1::ConnectUrl> done
    = [reply = std::move(asked.reply), as_html,
       &where](caf::expected<query::v1::ConnectUrl> at) {
        if (!at)
          return reply->send(refusal(problem_of(at.error()), as_html, where));
        auto kept = proof_cookie(where, at->state());
        kept.value = at->proof();
        kept.lifetime = std::chrono::seconds{at->lifetime_s()};
        auto result = redirect(at->url());
        result.headers.emplace_back("Set-Cookie", to_header(kept));
        reply->send(std::move(result));
      };
  service.ask(query::v1::BeginConnect{}, std::move(done));
}

/// What Strava's redirect must bring; anything else it brings is let be.
std::optional<problem> callback_problem(const request& from) {
  for (const auto* name : {"state", "code", "scope", "error"})
    if (auto times = std::ranges::count_if(
          from.query,
          [name](const auto& field) { return field.first == name; });
        times > 1)
      return bad_input(name, "given once");
  if (from.query_value("state").value_or("").empty())
    return bad_input("state", "what /connect gave to Strava: connecting has to "
                              "begin there");
  if (!from.query_value("error")
      && from.query_value("code").value_or("").empty())
    return bad_input("code", "what Strava gave for the athlete's consent");
  return std::nullopt;
}

query::v1::FinishConnect question_of(const request& from, const cookie& proof) {
  auto value = [&](std::string_view name) {
    return std::string{from.query_value(name).value_or("")};
  };
  query::v1::FinishConnect result;
  result.set_state(value("state"));
  result.set_code(value("code"));
  result.set_scope(value("scope"));
  result.set_error(value("error"));
  result.set_proof(std::string{cookie_value(from, proof.name)});
  return result;
}

void callback(api_service& service, const site& where, call asked) {
  auto as_html = wants_html(asked.what);
  if (auto trouble = callback_problem(asked.what))
    return asked.reply->send(refusal(*trouble, as_html, where));
  auto proof = proof_cookie(where,
                            asked.what.query_value("state").value_or(""));
  auto question = question_of(asked.what, proof);
  completion<query::v1::Athlete> done
    = [reply = std::move(asked.reply), as_html, &where,
       proof](caf::expected<query::v1::Athlete> athlete) {
        if (!athlete)
          return reply->send(
            refusal(problem_of(athlete.error()), as_html, where));
        auto result = redirect(where.path() + "/athletes/"
                               + std::to_string(athlete->id()));
        result.headers.emplace_back("Set-Cookie", to_header(proof));
        reply->send(std::move(result));
      };
  service.ask(std::move(question), std::move(done));
}

} // namespace

void mount_connect(router& routes, api_service& service, const site& where) {
  routes.add("GET", "/connect", [&service, &where](call asked) {
    connect(service, where, std::move(asked));
  });
  routes.add("GET", std::string{callback_path}, [&service, &where](call asked) {
    callback(service, where, std::move(asked));
  });
}

} // namespace stravasync::http
