#include "adapters/http/url.hpp"
#include "adapters/strava_sim/credentials.hpp"
#include "adapters/strava_sim/endpoints.hpp"
#include "adapters/strava_sim/memory.hpp"
#include "adapters/strava_sim/pages.hpp"
#include "adapters/strava_sim/wire_json.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>
#include <variant>

namespace stravasync::strava_sim {

namespace {

constexpr auto known_scopes = std::array<std::string_view, 7>{
  "read",          "read_all",          "profile:read_all", "profile:write",
  "activity:read", "activity:read_all", "activity:write"};

/// Query and form together, the form first.
http::form_fields fields_of(const http::request& what) {
  auto result = http::form_fields{};
  if (auto form = http::parse_form(what.body))
    result = std::move(*form);
  result.insert(result.end(), what.query.begin(), what.query.end());
  return result;
}

std::string field(const http::form_fields& fields, std::string_view name) {
  return std::string{http::find_field(fields, name).value_or("")};
}

/// Comma-separated, or by blanks as a newer copy of Strava's page has it.
scope_list split_scopes(std::string_view text) {
  auto result = scope_list{};
  while (!text.empty()) {
    auto end = std::min(text.find_first_of(", "), text.size());
    if (end > 0)
      result.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

bool contains(const scope_list& scopes, std::string_view scope) {
  return std::ranges::find(scopes, scope) != scopes.end();
}

std::optional<http::response>
check_client(const world& of, const std::string& client_id) {
  if (client_id.empty())
    return bad_request("Application", "client_id", "missing");
  if (!of.options.client_id.empty() && client_id != of.options.client_id)
    return bad_request("Application", "client_id", "invalid");
  return std::nullopt;
}

std::optional<http::response>
check_secret(const world& of, const std::string& secret) {
  auto wrong = of.options.client_secret.empty()
                 ? secret.empty()
                 : secret != of.options.client_secret;
  if (wrong)
    return bad_request("Application", "client_secret", "invalid");
  return std::nullopt;
}

bool is_web_address(std::string_view uri) {
  for (auto scheme : {std::string_view{"http://"}, {"https://"}})
    if (uri.starts_with(scheme))
      return uri.size() > scheme.size() && uri[scheme.size()] != '/'
             && uri.find_first_of(" \r\n<>\"") == std::string_view::npos;
  return false;
}

std::optional<http::response>
check_authorize(const world& of, const http::request& what) {
  auto value = [&what](std::string_view name) {
    return std::string{what.query_value(name).value_or("")};
  };
  if (auto refused = check_client(of, value("client_id")))
    return refused;
  if (!is_web_address(value("redirect_uri")))
    return bad_request("Application", "redirect_uri", "invalid");
  if (value("response_type") != "code")
    return bad_request("Authorize", "response_type", "invalid");
  auto scopes = split_scopes(value("scope"));
  auto known = [](const std::string& scope) {
    return std::ranges::find(known_scopes, scope) != known_scopes.end();
  };
  if (scopes.empty() || !std::ranges::all_of(scopes, known))
    return bad_request("Authorize", "scope", "invalid");
  return std::nullopt;
}

http::response redirect(std::string target, const std::string& parameters) {
  auto fragment = target.find('#');
  if (fragment != std::string::npos)
    target.resize(fragment);
  target += target.find('?') == std::string::npos ? '?' : '&';
  auto result = http::response{302, "text/html; charset=utf-8", "", {}};
  result.headers.emplace_back("Location", target + parameters);
  return result;
}

http::response
show_consent(world& of, const http::request& what, std::string_view problem) {
  auto scopes
    = split_scopes(what.query_value("scope").value_or(std::string_view{}));
  auto result = http::response{
    problem.empty() ? 200 : 400, "text/html; charset=utf-8", "", {}};
  result.body = consent_page(
    {what.target, std::string{what.query_value("client_id").value_or("")},
     std::move(scopes), of.athletes.cards(consent_athletes_max),
     of.options.synthetic_athletes, std::string{problem}});
  return result;
}

std::int64_t chosen_athlete(const http::form_fields& form) {
  // Who types an id means it, whatever is still picked in the list.
  auto text = field(form, "other_athlete_id");
  if (text.empty())
    text = field(form, "athlete_id");
  auto id = std::int64_t{0};
  auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(),
                                        id);
  auto whole = problem == std::errc{} && end == text.data() + text.size();
  return whole && id >= 1 && id <= athlete_id_max ? id : 0;
}

/// Those that were asked for and are ticked; `read` is always there. Who is
/// asked for private activities too may grant the others alone.
scope_list
granted_scopes(const http::request& what, const http::form_fields& form) {
  auto asked = split_scopes(what.query_value("scope").value_or(""));
  if (contains(asked, "activity:read_all"))
    asked.emplace_back("activity:read");
  auto result = scope_list{"read"};
  for (const auto& [name, value] : form)
    if (name == "scope")
      for (const auto& scope : split_scopes(value))
        if (contains(asked, scope) && !contains(result, scope))
          result.push_back(scope);
  return result;
}

http::response decide(world& of, const http::request& what) {
  auto form = http::parse_form(what.body).value_or(http::form_fields{});
  auto target = std::string{*what.query_value("redirect_uri")};
  auto state = "state="
               + http::percent_encode(what.query_value("state").value_or(""));
  if (field(form, "decision") == "deny")
    return redirect(target, state + "&error=access_denied");
  auto athlete_id = chosen_athlete(form);
  if (athlete_id == 0)
    return show_consent(of, what,
                        "Choose an athlete: an id is a whole number from 1 to "
                        "1,000,000,000.");
  auto scopes = granted_scopes(what, form);
  auto scope_text = std::string{};
  for (const auto& scope : scopes)
    scope_text += (scope_text.empty() ? "" : ",") + scope;
  auto code = of.tokens.issue_code(std::string{*what.query_value("client_id")},
                                   athlete_id, std::move(scopes), of.now_s());
  return redirect(target, state + "&code=" + code + "&scope=" + scope_text);
}

http::response refuse(token_refusal why) {
  switch (why) {
    case token_refusal::code_invalid:
      return bad_request("AuthorizationCode", "code", "invalid");
    case token_refusal::code_expired:
      return bad_request("AuthorizationCode", "", "expired");
    case token_refusal::refresh_token_invalid:
      return bad_request("RefreshToken", "refresh_token", "invalid");
  }
  return bad_request("AuthorizationCode", "code", "invalid");
}

http::response tell(world& of, const issued_tokens& tokens, bool with_athlete) {
  auto result = http::response{};
  result.content_type = "application/json; charset=utf-8";
  auto out = object_writer{result.body};
  out.text("token_type", "Bearer")
    .text("access_token", tokens.access_token)
    .integer("expires_at", tokens.expires_s)
    .integer("expires_in", tokens.expires_s - of.now_s())
    .text("refresh_token", tokens.refresh_token);
  if (with_athlete)
    out.raw("athlete", of.athletes.find(tokens.athlete_id).summary_json);
  out.close();
  return result;
}

/// @param seen Gets what the log shows of the request.
http::response
hand_out(world& of, const http::form_fields& fields, logged_request& seen) {
  auto client_id = field(fields, "client_id");
  if (client_id.empty() || check_client(of, client_id))
    return bad_request("Application", "client_id", "invalid");
  if (auto refused = check_secret(of, field(fields, "client_secret")))
    return *refused;
  auto kind = field(fields, "grant_type");
  if (kind != "authorization_code" && kind != "refresh_token")
    return bad_request("TokenRequest", "grant_type", "invalid");
  auto is_refresh = kind == "refresh_token";
  seen.query = "grant_type=" + kind;
  auto result
    = is_refresh
        ? of.tokens.refresh(field(fields, kind), client_id, of.now_s())
        : of.tokens.exchange(field(fields, "code"), client_id, of.now_s());
  if (auto* why = std::get_if<token_refusal>(&result))
    return refuse(*why);
  const auto& tokens = std::get<issued_tokens>(result);
  seen.athlete_id = tokens.athlete_id;
  if (is_refresh)
    note(of,
         logged_refresh{of.options.clock(), tokens.athlete_id, tokens.renewed});
  return tell(of, tokens, !is_refresh);
}

http::response
deauthorize(world& of, const http::request& what, logged_request& seen) {
  auto token = field(fields_of(what), "access_token");
  if (token.empty())
    token = bearer_token(what);
  auto holder = of.tokens.find(token, of.now_s());
  if (!holder)
    return strava_error(401, "Authorization Error", "Athlete", "access_token",
                        "invalid");
  seen.athlete_id = holder->athlete_id;
  of.tokens.revoke_token(token);
  auto result = http::response{};
  result.content_type = "application/json; charset=utf-8";
  object_writer{result.body}.text("access_token", token).close();
  return result;
}

/// Since June 2026; answers 200 whether or not there was something to revoke.
http::response revoke(world& of, const http::request& what) {
  auto client = basic_credentials(what);
  if (!client || check_client(of, client->first)
      || check_secret(of, client->second))
    return strava_error(401, "Authorization Error", "Application", "client_id",
                        "invalid");
  of.tokens.revoke_token(field(fields_of(what), "token"));
  auto result = http::response{};
  result.body = "{}";
  return result;
}

} // namespace

reply answer_oauth(world& of, const http::request& what,
                   const std::string& path) {
  auto post = what.method == "POST";
  if (path == "/oauth/authorize" || path == "/oauth/mobile/authorize") {
    if (auto refused = check_authorize(of, what))
      return {*refused};
    return {post ? decide(of, what) : show_consent(of, what, {})};
  }
  auto seen
    = logged_request{0, of.options.clock(), what.method, path, {}, 0, 0, false};
  auto mode = of.faults.take(path, 0);
  auto result = reply{.delayed = true};
  // What fails before it reaches Strava's books changes nothing in them; a
  // lost answer does.
  if (mode == fault_mode::error500 || mode == fault_mode::inactive
      || mode == fault_mode::rate_limited)
    result.response = {};
  else if (post && path == "/oauth/token")
    result.response = hand_out(of, fields_of(what), seen);
  else if (post && path == "/oauth/deauthorize")
    result.response = deauthorize(of, what, seen);
  else if (post && path == "/oauth/revoke")
    result.response = revoke(of, what);
  else
    result.response = strava_error(404, "Record Not Found", "resource", "path",
                                   "invalid");
  spoil(result, mode);
  seen.status = result.how == reply::way::answer ? result.response.status : 0;
  note(of, std::move(seen));
  return result;
}

} // namespace stravasync::strava_sim
