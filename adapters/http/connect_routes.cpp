#include "adapters/http/api_routes.hpp"
#include "adapters/http/input.hpp"
#include "adapters/http/page.hpp"

#include <algorithm>
#include <optional>

namespace stravasync::http {

namespace {

bool wants_html(const request& from) {
  return from.header_or_empty("accept").find("text/html")
         != std::string_view::npos;
}

/// A person in a browser gets a page with a way back, a program a document.
response refusal(const problem& what, bool as_html) {
  return as_html ? problem_page(what) : to_response(what);
}

response redirect(std::string to) {
  return {
    .status = 302,
    .content_type = "",
    .headers = {{"Location", std::move(to)}, {"Cache-Control", "no-store"}}};
}

void connect(api_service& service, call asked) {
  auto as_html = wants_html(asked.what);
  auto in = input{asked.what};
  if (auto trouble = in.trouble())
    return asked.reply->send(refusal(*trouble, as_html));
  completion<query::v1::ConnectUrl> done
    = [reply = std::move(asked.reply),
       as_html](caf::expected<query::v1::ConnectUrl> at) {
        if (at)
          reply->send(redirect(at->url()));
        else
          reply->send(refusal(problem_of(at.error()), as_html));
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

void callback(api_service& service, call asked) {
  auto as_html = wants_html(asked.what);
  if (auto trouble = callback_problem(asked.what))
    return asked.reply->send(refusal(*trouble, as_html));
  auto value = [&](std::string_view name) {
    return std::string{asked.what.query_value(name).value_or("")};
  };
  query::v1::FinishConnect question;
  question.set_state(value("state"));
  question.set_code(value("code"));
  question.set_scope(value("scope"));
  question.set_error(value("error"));
  completion<query::v1::Athlete> done
    = [reply = std::move(asked.reply),
       as_html](caf::expected<query::v1::Athlete> athlete) {
        if (athlete)
          reply->send(redirect("/athletes/" + std::to_string(athlete->id())));
        else
          reply->send(refusal(problem_of(athlete.error()), as_html));
      };
  service.ask(std::move(question), std::move(done));
}

} // namespace

void mount_connect(router& routes, api_service& service) {
  routes.add("GET", "/connect",
             [&service](call asked) { connect(service, std::move(asked)); });
  routes.add("GET", "/oauth/callback",
             [&service](call asked) { callback(service, std::move(asked)); });
}

} // namespace stravasync::http
