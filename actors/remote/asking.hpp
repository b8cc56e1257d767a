#pragma once

#include "actors/context.hpp"
#include "actors/kit/continuation.hpp"
#include "actors/kit/promise.hpp"
#include "actors/ports/requests.hpp"
#include "messages/contracts.hpp"
#include "messages/error.hpp"
#include "messages/validation.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

/// @file
/// How an actor in this process stands for one that is elsewhere: it carries
/// the same protobuf request over the bus and gives back the answer.

namespace stravasync {

struct remote_config {
  /// Of one try.
  std::chrono::milliseconds deadline{5'000};
  /// Tries of a question that changes nothing. A node that died with the
  /// question answers nothing; the next one goes to another.
  std::uint32_t tries_max = 3;
};

/// Whether a question may be asked again when nobody knows what became of it.
enum class repeatable : std::uint8_t { no, yes };

/// What a proxy needs to ask.
struct remote_link {
  std::shared_ptr<requests> over;
  remote_config config;
};

namespace detail {

template <class Answer>
struct open_question {
  std::string subject;
  std::string text;
  kit::promise<Answer> reply;
  std::uint32_t tries_left = 1;
};

/// What another node says is input. @returns it, or `ec::internal` if it is
/// none or breaks a rule of its contract.
template <class Answer>
caf::expected<Answer>
read_answer(const std::string& subject, const std::string& text) {
  Answer answer;
  if (!parse_bounded(text, answer))
    return make_failure(ec::internal,
                        subject + " was answered with something else");
  if (auto fault = fault_of(answer); !fault.empty())
    return make_failure(ec::internal, subject
                                        + " was answered with something "
                                          "wrong: "
                                        + fault);
  return answer;
}

template <class Answer, class Self>
void ask_once(Self self, const remote_link& link,
              const std::shared_ptr<open_question<Answer>>& open) {
  --open->tries_left;
  link.over->ask(
    open->subject, open->text, link.config.deadline,
    kit::in_actor(self, [self, link, open](caf::expected<std::string> got) {
      if (!got) {
        if (code_of(got.error()) == ec::timed_out && open->tries_left > 0)
          return ask_once(self, link, open);
        return open->reply.deliver(std::move(got.error()));
      }
      open->reply.deliver(read_answer<Answer>(open->subject, *got));
    }));
}

} // namespace detail

/// Asks whoever answers questions of this type, any of them.
/// @returns the promise of the answer. Fails as `requests::ask`, or as the
/// actor that was reached.
template <class Answer, class Self, class Question>
kit::promise<Answer> ask_remote(Self self, const remote_link& link,
                                const Question& question, repeatable again) {
  auto open = std::make_shared<detail::open_question<Answer>>();
  open->subject = request_subject(question);
  question.SerializeToString(&open->text);
  open->reply = kit::make_promise<Answer>(self);
  open->tries_left = again == repeatable::yes ? link.config.tries_max : 1;
  auto reply = open->reply;
  detail::ask_once(self, link, open);
  return reply;
}

} // namespace stravasync
