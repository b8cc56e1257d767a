#include "adapters/http/api_routes.hpp"
#include "adapters/http/input.hpp"

namespace stravasync::http {

namespace {

void get_activity(api_service& service, call asked) {
  auto in = input{asked.what};
  query::v1::GetActivity question;
  question.set_id(in.id("id", asked.path_value("id")));
  question.set_include_raw(in.includes("include", "raw"));
  if (auto trouble = in.trouble())
    return asked.reply->send(to_response(*trouble));
  ask_and_answer<query::v1::Activity>(service, std::move(question),
                                      std::move(asked.reply));
}

void list_activities(api_service& service, turnstile& turns, call asked) {
  auto in = input{asked.what};
  query::v1::ListActivities question;
  question.set_athlete_id(in.id("id", asked.path_value("id")));
  question.set_cursor(in.text("cursor", cursor_bytes_max));
  question.set_limit(in.limit());
  question.set_sport_type(in.sport_type("sport_type"));
  question.set_from_ms(in.from_time("from"));
  question.set_to_ms(in.to_time("to"));
  question.set_include_raw(in.includes("include", "raw"));
  if (question.from_ms() != 0 && question.to_ms() != 0
      && question.from_ms() >= question.to_ms())
    in.refuse(bad_input("from", "before to"));
  if (auto trouble = in.trouble())
    return asked.reply->send(to_response(*trouble));
  ask_in_turn<query::v1::ActivityList>(turns, service, std::move(question),
                                       std::move(asked.reply));
}

void get_stats(api_service& service, turnstile& turns, call asked) {
  auto in = input{asked.what};
  query::v1::GetStats question;
  question.set_athlete_id(in.id("id", asked.path_value("id")));
  if (auto trouble = in.trouble())
    return asked.reply->send(to_response(*trouble));
  ask_in_turn<query::v1::Stats>(turns, service, std::move(question),
                                std::move(asked.reply));
}

} // namespace

void mount_activities(router& routes, api_service& service) {
  routes.add("GET", "/api/v1/activities/{id}", [&service](call asked) {
    get_activity(service, std::move(asked));
  });
  routes.add(
    "GET", "/api/v1/athletes/{id}/activities",
    [&service, turns = std::make_shared<turnstile>(lists_at_once)](call asked) {
      list_activities(service, *turns, std::move(asked));
    });
  routes.add("GET", "/api/v1/athletes/{id}/stats",
             [&service, turns = std::make_shared<turnstile>(lists_at_once)](
               call asked) { get_stats(service, *turns, std::move(asked)); });
}

} // namespace stravasync::http
