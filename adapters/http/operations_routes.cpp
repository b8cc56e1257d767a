#include "adapters/http/api_routes.hpp"
#include "adapters/http/input.hpp"

#include <algorithm>

namespace stravasync::http {

namespace {

/// A route without parameters that shows one of the service's answers.
template <class Answer, class Question>
void add_view(router& routes, std::string path, api_service& service) {
  routes.add("GET", std::move(path), [&service](call asked) {
    auto in = input{asked.what};
    if (auto trouble = in.trouble())
      return asked.reply->send(to_response(*trouble));
    ask_and_answer<Answer>(service, Question{}, std::move(asked.reply));
  });
}

void show_actors(api_service& service, call asked) {
  constexpr auto bytes_max = std::size_t{256};
  auto in = input{asked.what};
  query::v1::GetActors question;
  question.set_node(in.text("node", bytes_max));
  if (auto trouble = in.trouble())
    return asked.reply->send(to_response(*trouble));
  ask_and_answer<query::v1::ActorTree>(service, std::move(question),
                                       std::move(asked.reply));
}

void list_runs(api_service& service, call asked) {
  constexpr auto letters = "abcdefghijklmnopqrstuvwxyz_";
  constexpr auto letters_max = std::size_t{64};
  auto in = input{asked.what};
  query::v1::ListScheduleRuns question;
  question.set_schedule(std::string{asked.path_value("name")});
  const auto& name = question.schedule();
  if (name.empty() || name.size() > letters_max
      || name.find_first_not_of(letters) != std::string::npos)
    in.refuse(bad_input("name", "1 to 64 letters a to z or _"));
  if (auto trouble = in.trouble())
    return asked.reply->send(to_response(*trouble));
  ask_and_answer<query::v1::ScheduleRunList>(service, std::move(question),
                                             std::move(asked.reply));
}

/// @returns who asks, for the log: whoever is connected, and for whom that says
/// it does.
std::string asked_by(const request& what) {
  constexpr auto bytes_max = std::size_t{200};
  auto named = std::string{what.header_or_empty("x-forwarded-for")};
  if (named.size() > bytes_max)
    named.resize(bytes_max);
  std::ranges::replace_if(
    named, [](char c) { return c < ' ' || c > '~'; }, '?');
  return named.empty() ? what.peer : what.peer + " for " + named;
}

void reset_budget(api_service& service, call asked) {
  auto in = input{asked.what};
  if (auto trouble = in.trouble())
    return asked.reply->send(to_response(*trouble));
  query::v1::ResetBudget question;
  question.set_asked_by(asked_by(asked.what));
  ask_and_answer<query::v1::Budget>(service, std::move(question),
                                    std::move(asked.reply));
}

response ready_response(const std::vector<readiness>& parts) {
  return json_response(to_json(parts), is_ready(parts) ? 200 : 503);
}

} // namespace

void mount_health(router& routes, std::function<std::vector<readiness>()> ready,
                  std::function<void(text_receiver)> metrics_text) {
  routes.add("GET", "/healthz", [](call asked) {
    asked.reply->send(json_response(R"({"status":"ok"})"));
  });
  routes.add("GET", "/readyz", [ready = std::move(ready)](call asked) {
    asked.reply->send(ready_response(ready()));
  });
  routes.add("GET", "/metrics", [text = std::move(metrics_text)](call asked) {
    text([reply = std::move(asked.reply)](std::string body) {
      reply->send({.content_type = "text/plain; version=0.0.4; charset=utf-8",
                   .body = std::move(body)});
    });
  });
}

void mount_operations(router& routes, const api_dependencies& on) {
  using namespace query::v1;
  add_view<NodeList, GetNodes>(routes, "/api/v1/admin/nodes", on.service);
  add_view<Budget, GetBudget>(routes, "/api/v1/admin/budget", on.service);
  routes.add("POST", "/api/v1/admin/budget/reset",
             [&service = on.service](call asked) {
               reset_budget(service, std::move(asked));
             });
  add_view<StreamList, GetStreams>(routes, "/api/v1/admin/streams", on.service);
  add_view<ScheduleList, ListSchedules>(routes, "/api/v1/admin/schedules",
                                        on.service);
  routes.add("GET", "/api/v1/admin/actors",
             [&service = on.service](call asked) {
               show_actors(service, std::move(asked));
             });
  routes.add("GET", "/api/v1/admin/schedules/{name}/runs",
             [&service = on.service](call asked) {
               list_runs(service, std::move(asked));
             });
  mount_health(routes, on.ready, on.metrics_text);
  routes.add("GET", "/openapi.json", [&where = on.where](call asked) {
    asked.reply->send({.body = openapi_document(where),
                       .headers = {{"Cache-Control", "no-cache"}}});
  });
}

} // namespace stravasync::http
