#include "adapters/jetstream/questions.hpp"

#include "adapters/jetstream/subjects.hpp"
#include "messages/error.hpp"

#include <atomic>
#include <charconv>
#include <utility>

namespace stravasync::jetstream {

namespace {

// An answer that is an error has no payload but these.
constexpr auto error_header = "Ss-Error"; // "7 timed_out"
constexpr auto detail_header = "Ss-Error-Detail";
constexpr auto retry_header = "Ss-Retry-After-Ms";

/// Questions that wait for one responder; more are dropped, and time out.
constexpr auto questions_waiting_max = 16'384;

class place final : public responder_place {
public:
  place(std::shared_ptr<session> link, std::shared_ptr<inlet> in)
    : link_(std::move(link)),
      in_(std::move(in)) {
  }

private:
  std::shared_ptr<session> link_;
  std::shared_ptr<inlet> in_;
};

std::int64_t leading_number(const std::string& text) {
  auto result = std::int64_t{0};
  std::from_chars(text.data(), text.data() + text.size(), result);
  return result;
}

caf::expected<std::string>
read_answer(const std::string& subject, const received& got) {
  if (got.status() == 503 && got.data().empty())
    return make_failure(ec::unavailable, "nobody answers " + subject);
  auto headers = got.headers();
  auto error = headers.find(error_header);
  if (error == headers.end())
    return std::string{got.data()};
  auto number = leading_number(error->second);
  auto known = number > 0 && number <= static_cast<int>(last_ec);
  auto code = known ? static_cast<ec>(number) : ec::internal;
  auto detail = headers[detail_header];
  if (auto after = headers.find(retry_header); after != headers.end())
    return make_failure(code, detail,
                        milliseconds{leading_number(after->second)});
  return make_failure(code, detail);
}

outgoing answer_to(std::string reply, caf::expected<std::string> answer) {
  if (answer)
    return {std::move(reply), {}, std::move(*answer)};
  auto code = code_of(answer.error());
  auto number = std::to_string(static_cast<int>(code));
  auto result = outgoing{std::move(reply),
                         {{error_header, number + " " + to_string(code)},
                          {detail_header, detail_of(answer.error())}},
                         {}};
  if (auto after = retry_after_of(answer.error()))
    result.headers.emplace(retry_header, std::to_string(after->count()));
  return result;
}

void answer(session& over, const std::string& reply,
            caf::expected<std::string> what) {
  if (what)
    if (auto wrong = over.check_size(what->size()))
      what = wrong;
  over.tell(answer_to(reply, std::move(what)));
}

inlet::handler
handler_of(const std::shared_ptr<session>& over, question_callback then) {
  return
    [weak = std::weak_ptr{over}, then = std::move(then)](const received& what) {
      if (what.reply().empty())
        return;
      auto answered = std::make_shared<std::atomic<bool>>(false);
      then(std::string{what.data()},
           [weak, answered,
            reply = std::string{what.reply()}](caf::expected<std::string> x) {
             auto here = weak.lock();
             if (here && !answered->exchange(true))
               answer(*here, reply, std::move(x));
           });
    };
}

} // namespace

jetstream_requests::jetstream_requests(std::shared_ptr<session> link)
  : link_(std::move(link)) {
}

void jetstream_requests::ask(std::string subject, std::string question,
                             milliseconds deadline,
                             completion<std::string> done) {
  auto wrong = publishable(subject)
                 ? link_->check_size(question.size())
                 : make_failure(ec::invalid_argument,
                                "nobody can be asked '" + subject + "'");
  if (wrong)
    return link_->post([done, wrong] { done(wrong); });
  link_->request(
    {subject, {}, std::move(question)}, deadline,
    [subject, done = std::move(done)](const caf::expected<received>& got) {
      if (got)
        return done(read_answer(subject, *got));
      done(with_context(got.error(), subject));
    });
}

void jetstream_requests::serve(
  std::string subject, std::string group, question_callback on_question,
  completion<std::shared_ptr<responder_place>> done) {
  auto in = link_->listen(
    {subject, group, questions_waiting_max},
    handler_of(link_->shared_from_this(), std::move(on_question)));
  if (!in)
    return link_->post([done, why = in.error()] { done(why); });
  auto made = std::make_shared<place>(link_, std::move(*in));
  link_->post([done = std::move(done), made]() mutable { done(made); });
}

} // namespace stravasync::jetstream
