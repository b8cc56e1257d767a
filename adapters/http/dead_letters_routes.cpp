#include "adapters/http/api_routes.hpp"
#include "adapters/http/dead_letters_input.hpp"
#include "messages/error.hpp"

namespace stravasync::http {

namespace {

using query::v1::DeadLetter;
using query::v1::DeadLetterList;
using query::v1::DeadLettersSettled;
using query::v1::DropDeadLetters;
using query::v1::RetryDeadLetters;

constexpr auto letter_cursor_bytes_max = std::size_t{64};

void list_letters(api_service& service, turnstile& turns, call asked) {
  auto in = input{asked.what};
  query::v1::ListDeadLetters question;
  *question.mutable_filter() = read_letter_filter(in);
  question.set_cursor(in.text("cursor", letter_cursor_bytes_max));
  question.set_limit(in.limit());
  if (auto trouble = in.trouble())
    return asked.reply->send(to_response(*trouble));
  ask_in_turn<DeadLetterList>(turns, service, std::move(question),
                              std::move(asked.reply));
}

void get_letter(api_service& service, call asked) {
  auto in = input{asked.what};
  query::v1::GetDeadLetter question;
  question.set_id(
    static_cast<std::uint64_t>(in.id("id", asked.path_value("id"))));
  if (auto trouble = in.trouble())
    return asked.reply->send(to_response(*trouble));
  ask_and_answer<DeadLetter>(service, std::move(question),
                             std::move(asked.reply));
}

/// Retries or drops the letter of the path. What failed is a problem document,
/// as there is but one.
template <class Question>
void settle_one(api_service& service, call asked) {
  auto in = input{asked.what};
  Question question;
  question.mutable_choice()->add_ids(
    static_cast<std::uint64_t>(in.id("id", asked.path_value("id"))));
  if (auto trouble = in.trouble())
    return asked.reply->send(to_response(*trouble));
  completion<DeadLettersSettled> done
    = [reply = std::move(asked.reply)](
        const caf::expected<DeadLettersSettled>& got) {
        if (!got)
          return reply->send(to_response(problem_of(got.error())));
        if (got->items_size() == 1 && !got->items(0).problem().empty())
          return reply->send(to_response(problem_of(make_failure(
            static_cast<ec>(got->items(0).code()), got->items(0).problem()))));
        reply->send(json_response(to_json(*got)));
      };
  service.ask(std::move(question), std::move(done));
}

/// Retries or drops what the body says: the answer tells of each.
template <class Question>
void settle_many(api_service& service, call asked) {
  auto in = input{asked.what};
  Question question;
  if (auto trouble = read_letter_choice(asked.what, *question.mutable_choice()))
    in.refuse(*std::move(trouble));
  if (auto trouble = in.trouble())
    return asked.reply->send(to_response(*trouble));
  ask_and_answer<DeadLettersSettled>(service, std::move(question),
                                     std::move(asked.reply));
}

} // namespace

void mount_dead_letters(router& routes, api_service& service) {
  auto add = [&](std::string method, std::string pattern,
                 void (*serve)(api_service&, call)) {
    routes.add(
      std::move(method), std::move(pattern),
      [&service, serve](call asked) { serve(service, std::move(asked)); });
  };
  routes.add(
    "GET", "/api/v1/admin/dlq",
    [&service, turns = std::make_shared<turnstile>(lists_at_once)](call asked) {
      list_letters(service, *turns, std::move(asked));
    });
  add("POST", "/api/v1/admin/dlq/retry", settle_many<RetryDeadLetters>);
  add("POST", "/api/v1/admin/dlq/drop", settle_many<DropDeadLetters>);
  add("GET", "/api/v1/admin/dlq/{id}", get_letter);
  add("DELETE", "/api/v1/admin/dlq/{id}", settle_one<DropDeadLetters>);
  add("POST", "/api/v1/admin/dlq/{id}/retry", settle_one<RetryDeadLetters>);
}

} // namespace stravasync::http
