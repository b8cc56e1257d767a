#include "adapters/http/api_routes.hpp"
#include "adapters/http/input.hpp"

namespace stravasync::http {

namespace {

void list_athletes(api_service& service, turnstile& turns, call asked) {
  auto in = input{asked.what};
  query::v1::ListAthletes question;
  question.set_cursor(in.text("cursor", cursor_bytes_max));
  question.set_limit(in.limit());
  if (auto trouble = in.trouble())
    return asked.reply->send(to_response(*trouble));
  ask_in_turn<query::v1::AthleteList>(turns, service, std::move(question),
                                      std::move(asked.reply));
}

void get_athlete(api_service& service, call asked) {
  auto in = input{asked.what};
  query::v1::GetAthlete question;
  question.set_id(in.id("id", asked.path_value("id")));
  if (auto trouble = in.trouble())
    return asked.reply->send(to_response(*trouble));
  ask_and_answer<query::v1::Athlete>(service, std::move(question),
                                     std::move(asked.reply));
}

void disconnect(api_service& service, call asked) {
  auto in = input{asked.what};
  query::v1::DisconnectAthlete question;
  question.set_id(in.id("id", asked.path_value("id")));
  if (auto trouble = in.trouble())
    return asked.reply->send(to_response(*trouble));
  ask_and_answer<query::v1::Disconnected>(service, std::move(question),
                                          std::move(asked.reply));
}

void get_sync(api_service& service, call asked) {
  auto in = input{asked.what};
  query::v1::GetSync question;
  question.set_athlete_id(in.id("id", asked.path_value("id")));
  if (auto trouble = in.trouble())
    return asked.reply->send(to_response(*trouble));
  ask_and_answer<events::v1::SyncStatus>(service, std::move(question),
                                         std::move(asked.reply));
}

/// 202: the run has been asked for, and where to see how it goes.
void start_sync(api_service& service, const site& where, call asked) {
  auto in = input{asked.what};
  query::v1::StartSync question;
  question.set_athlete_id(in.id("id", asked.path_value("id")));
  std::string word;
  if (auto trouble = read_json_member(asked.what, "mode", word))
    in.refuse(*std::move(trouble));
  if (auto mode = parse_sync_mode(word))
    question.set_mode(*mode);
  else
    in.refuse(bad_input("mode", "backfill, incremental or relist"));
  if (auto trouble = in.trouble())
    return asked.reply->send(to_response(*trouble));
  completion<events::v1::SyncStatus> done
    = [reply = std::move(asked.reply), path = where.path() + asked.what.path](
        caf::expected<events::v1::SyncStatus> status) {
        if (!status)
          return reply->send(to_response(problem_of(status.error())));
        auto accepted = json_response(to_json(*status), 202);
        accepted.headers.emplace_back("Location", path);
        reply->send(std::move(accepted));
      };
  service.ask(std::move(question), std::move(done));
}

/// Deletes what is missing at Strava: somebody saw how many that are.
void confirm_deletions(api_service& service, call asked) {
  auto in = input{asked.what};
  query::v1::ConfirmDeletions question;
  question.set_athlete_id(in.id("id", asked.path_value("id")));
  auto missing = std::int64_t{0};
  if (auto trouble = read_json_member(asked.what, "missing", missing))
    in.refuse(*std::move(trouble));
  question.set_missing_activities(missing);
  if (auto trouble = in.trouble())
    return asked.reply->send(to_response(*trouble));
  ask_and_answer<events::v1::SyncStatus>(service, std::move(question),
                                         std::move(asked.reply));
}

} // namespace

void mount_athletes(router& routes, api_service& service, const site& where) {
  auto add = [&](std::string method, std::string pattern,
                 void (*serve)(api_service&, call)) {
    routes.add(
      std::move(method), std::move(pattern),
      [&service, serve](call asked) { serve(service, std::move(asked)); });
  };
  routes.add(
    "GET", "/api/v1/athletes",
    [&service, turns = std::make_shared<turnstile>(lists_at_once)](call asked) {
      list_athletes(service, *turns, std::move(asked));
    });
  add("GET", "/api/v1/athletes/{id}", get_athlete);
  add("DELETE", "/api/v1/athletes/{id}", disconnect);
  add("GET", "/api/v1/athletes/{id}/sync", get_sync);
  routes.add("POST", "/api/v1/athletes/{id}/sync",
             [&service, &where](call asked) {
               start_sync(service, where, std::move(asked));
             });
  add("POST", "/api/v1/athletes/{id}/sync/confirm", confirm_deletions);
}

} // namespace stravasync::http
