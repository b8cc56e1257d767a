#pragma once

#include "adapters/http/api.hpp"
#include "adapters/http/documents.hpp"
#include "adapters/http/problem.hpp"
#include "adapters/http/turnstile.hpp"

#include <caf/expected.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

/// @file
/// What the routes of the API have in common.

namespace stravasync::http {

/// Personal data: not for a cache on the way.
inline response json_response(std::string body, int status = 200) {
  return {.status = status,
          .body = std::move(body),
          .headers = {{"Cache-Control", "no-store"}}};
}

/// Asks the service and answers with its answer's document, or its error's.
/// @param status Of the good answer.
template <class Answer, class Question>
void ask_and_answer(api_service& service, Question question,
                    std::shared_ptr<responder> reply, int status = 200) {
  completion<Answer> done = [reply = std::move(reply),
                             status](caf::expected<Answer> answer) {
    if (answer)
      reply->send(json_response(to_json(*answer), status));
    else
      reply->send(to_response(problem_of(answer.error())));
  };
  service.ask(std::move(question), std::move(done));
}

/// Lists that are made at once, of each kind. The store reads a few at once:
/// more would be no faster, and each takes up to a megabyte or more.
inline constexpr auto lists_at_once = std::size_t{4};

/// The same as `ask_and_answer`, when it is this question's turn.
template <class Answer, class Question>
void ask_in_turn(turnstile& turns, api_service& service, Question question,
                 std::shared_ptr<responder> reply) {
  turns.enter([&service, question = std::move(question),
               reply = std::move(reply)](turnstile::turn inside) {
    completion<Answer> done
      = [reply, inside = std::move(inside)](caf::expected<Answer> answer) {
          if (answer)
            reply->send(json_response(to_json(*answer)));
          else
            reply->send(to_response(problem_of(answer.error())));
        };
    service.ask(question, std::move(done));
  });
}

void mount_athletes(router& routes, api_service& service, const site& where);
void mount_activities(router& routes, api_service& service);
void mount_connect(router& routes, api_service& service, const site& where);
void mount_events(router& routes, event_feed& feed);
void mount_dead_letters(router& routes, api_service& service);
void mount_operations(router& routes, const api_dependencies& on);

} // namespace stravasync::http
