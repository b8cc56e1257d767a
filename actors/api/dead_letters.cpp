#include "actors/api/dead_letters.hpp"

#include "actors/api/dead_letter_choice.hpp"
#include "actors/dead_letter.hpp"
#include "actors/kit/continuation.hpp"
#include "actors/kit/handlers.hpp"
#include "messages/error.hpp"

#include <algorithm>
#include <utility>

namespace stravasync {

namespace {

using query::v1::DeadLetter;
using query::v1::DeadLetterChoice;
using query::v1::DeadLetterList;
using query::v1::DeadLettersSettled;

constexpr auto letters_stream = "DLQ";
constexpr auto limit_max = std::uint32_t{200};

} // namespace

/// A walk through the stream until `limit` letters are found.
struct dead_letters_state::scan {
  query::v1::DeadLetterFilter filter;
  letter_cursor at;
  std::uint32_t limit = 0;
  std::uint32_t looked_at = 0;
  letters found;
  /// @param next_cursor Empty at the end of the walk.
  std::function<void(caf::expected<letters>, std::string next_cursor)> done;
};

/// Letters of which each is being sent again or dropped.
struct dead_letters_state::settling {
  fate what = fate::retry;
  DeadLettersSettled result;
  std::size_t open = 0;
  kit::promise<DeadLettersSettled> to;
};

dead_letters_state::dead_letters_state(
  dead_letters_actor::stateful_pointer<dead_letters_state> self)
  : self_{self} {
}

dead_letters_actor::behavior_type
dead_letters_state::make_behavior(actor_context context,
                                  std::shared_ptr<bus> bus,
                                  dead_letters_config config) {
  context_ = std::move(context);
  bus_ = std::move(bus);
  config_ = config;
  return kit::handlers(
    self_, context_.statistics, kit::on_throw::crash,
    [this](const query::v1::ListDeadLetters& x) -> caf::result<DeadLetterList> {
      auto to = kit::make_promise<DeadLetterList>(self_);
      list(x, to);
      return to;
    },
    [this](const query::v1::GetDeadLetter& x) -> caf::result<DeadLetter> {
      auto to = kit::make_promise<DeadLetter>(self_);
      show(x.id(), to);
      return to;
    },
    [this](
      const query::v1::RetryDeadLetters& x) -> caf::result<DeadLettersSettled> {
      auto to = kit::make_promise<DeadLettersSettled>(self_);
      settle(x.choice(), fate::retry, to);
      return to;
    },
    [this](
      const query::v1::DropDeadLetters& x) -> caf::result<DeadLettersSettled> {
      auto to = kit::make_promise<DeadLettersSettled>(self_);
      settle(x.choice(), fate::drop, to);
      return to;
    });
}

void dead_letters_state::list(const query::v1::ListDeadLetters& question,
                              kit::promise<DeadLetterList> to) {
  auto from = parse_letter_cursor(question.cursor());
  if (!from)
    return to.deliver(from.error());
  if (auto why = check_filter(question.filter()))
    return to.deliver(why);
  if (question.limit() == 0 || question.limit() > limit_max)
    return to.deliver(
      make_failure(ec::invalid_argument, "limit must be 1 to 200"));
  auto s = std::make_shared<scan>();
  s->filter = question.filter();
  s->at = *from;
  s->limit = question.limit();
  s->done = [to](caf::expected<letters> found, std::string next) {
    if (!found)
      return to.deliver(found.error());
    DeadLetterList result;
    for (const auto& one : *found)
      *result.add_items() = describe_dead_letter(one, false);
    result.set_next_cursor(std::move(next));
    to.deliver(std::move(result));
  };
  look(s);
}

void dead_letters_state::show(std::uint64_t id, kit::promise<DeadLetter> to) {
  find(id, [to](const caf::expected<stored_message>& letter) {
    if (!letter)
      return to.deliver(letter.error());
    to.deliver(describe_dead_letter(*letter, true));
  });
}

void dead_letters_state::find(
  std::uint64_t id, std::function<void(caf::expected<stored_message>)> then) {
  auto got = [id, then = std::move(then)](caf::expected<letters> found) {
    if (!found)
      return then(found.error());
    if (id == 0 || found->empty() || found->front().sequence != id)
      return then(make_failure(ec::not_found, "there is no dead letter "
                                                + std::to_string(id)));
    then(std::move(found->front()));
  };
  bus_->read({.stream = letters_stream, .from_sequence = id, .limit = 1},
             kit::in_actor(self_, std::move(got)));
}

void dead_letters_state::look(const scan_ptr& s) {
  read_options what;
  what.stream = letters_stream;
  if (!s->filter.durable().empty())
    what.filter_subject = dead_letter_subject(s->filter.durable());
  what.from_sequence = s->at.next;
  what.limit = config_.read_max;
  auto got = [this, s](caf::expected<letters> found) {
    if (!found)
      return s->done(found.error(), {});
    looked(s, std::move(*found));
  };
  bus_->read(std::move(what), kit::in_actor(self_, std::move(got)));
}

void dead_letters_state::looked(const scan_ptr& s, letters found) {
  for (auto& one : found) {
    if (s->at.last != 0 && one.sequence > s->at.last)
      return s->done(std::move(s->found), {});
    s->at.next = one.sequence;
    ++s->looked_at;
    if (matches(s->filter, describe_dead_letter(one, false), context_.now())) {
      if (s->found.size() == s->limit)
        return s->done(std::move(s->found), to_string(s->at));
      s->found.push_back(std::move(one));
    }
    ++s->at.next;
  }
  if (found.size() < config_.read_max)
    return s->done(std::move(s->found), {});
  if (s->looked_at >= config_.scan_max)
    return s->done(std::move(s->found), to_string(s->at));
  look(s);
}

void dead_letters_state::settle(const DeadLetterChoice& choice, fate what,
                                kit::promise<DeadLettersSettled> to) {
  if (auto why = check_choice(choice, config_.settle_max))
    return to.deliver(why);
  auto from = parse_letter_cursor(choice.cursor());
  if (!from)
    return to.deliver(from.error());
  auto job = std::make_shared<settling>();
  job->what = what;
  job->to = to;
  job->result.set_dry_run(choice.dry_run());
  if (!choice.all()) {
    auto ids = std::vector<std::uint64_t>(choice.ids().begin(),
                                          choice.ids().end());
    std::ranges::sort(ids);
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    job->open = ids.size();
    for (auto i = std::size_t{0}; i < ids.size(); ++i) {
      job->result.add_items()->set_id(ids[i]);
      find(ids[i], [this, job, i](const caf::expected<stored_message>& letter) {
        settle_one(job, i, letter);
      });
    }
    return;
  }
  auto s = std::make_shared<scan>();
  s->filter = choice.filter();
  s->at = *from;
  s->limit = config_.settle_max;
  s->done = [this, job](caf::expected<letters> found, std::string next) {
    if (!found)
      return job->to.deliver(found.error());
    job->result.set_next_cursor(std::move(next));
    if (found->empty())
      return job->to.deliver(std::move(job->result));
    job->open = found->size();
    for (const auto& one : *found)
      job->result.add_items()->set_id(one.sequence);
    for (auto i = std::size_t{0}; i < found->size(); ++i)
      settle_one(job, i, (*found)[i]);
  };
  if (s->at.last != 0)
    return look(s);
  auto bound = [this, s](caf::expected<std::optional<stored_message>> got) {
    if (!got)
      return s->done(got.error(), {});
    s->at.last = *got ? (*got)->sequence : 0;
    look(s);
  };
  bus_->last(letters_stream, "dlq.>", kit::in_actor(self_, std::move(bound)));
}

void dead_letters_state::settle_one(
  const settling_ptr& s, std::size_t item,
  const caf::expected<stored_message>& letter) {
  if (!letter)
    return settled(s, item, letter.error());
  auto about = describe_dead_letter(*letter, false);
  auto& one = *s->result.mutable_items(static_cast<int>(item));
  one.set_durable(about.durable());
  one.set_subject(about.subject());
  one.set_reason(about.reason());
  if (s->result.dry_run())
    return settled(s, item, {});
  if (s->what == fate::drop)
    return remove(s, item, letter->sequence);
  send_again(s, item, *letter);
}

void dead_letters_state::send_again(const settling_ptr& s, std::size_t item,
                                    const stored_message& letter) {
  auto message = revive(letter);
  if (!message)
    return settled(s, item, message.error());
  auto sent = [this, s, item,
               id = letter.sequence](const caf::expected<publish_ack>& ack) {
    if (ack)
      return remove(s, item, id);
    // It is the stream that is not there, not the letter.
    auto code = code_of(ack.error());
    settled(
      s, item,
      make_failure(code == ec::not_found ? ec::conflict : code,
                   "it could not be sent again: " + detail_of(ack.error())));
  };
  bus_->publish(std::move(*message), kit::in_actor(self_, std::move(sent)));
}

void dead_letters_state::remove(const settling_ptr& s, std::size_t item,
                                std::uint64_t id) {
  auto gone = [this, s, item](const caf::expected<bool>& removed) {
    // That somebody else removed it is as good.
    if (removed)
      return settled(s, item, {});
    settled(s, item,
            with_context(removed.error(),
                         s->what == fate::retry
                           ? "it was sent again but could not be removed"
                           : "it could not be removed"));
  };
  bus_->remove(letters_stream, id, kit::in_actor(self_, std::move(gone)));
}

void dead_letters_state::settled(const settling_ptr& s, std::size_t item,
                                 const caf::error& why) {
  auto& one = *s->result.mutable_items(static_cast<int>(item));
  if (why) {
    one.set_problem(detail_of(why));
    one.set_code(static_cast<std::uint32_t>(code_of(why)));
    s->result.set_failed(s->result.failed() + 1);
  } else {
    s->result.set_done(s->result.done() + 1);
  }
  // What is not there neither went nor stayed.
  if (!s->result.dry_run() && code_of(why) != ec::not_found)
    context_.journal->info(why ? "a dead letter stays"
                               : (s->what == fate::retry
                                    ? "a dead letter was sent again"
                                    : "a dead letter was dropped"),
                           {{"id", static_cast<std::int64_t>(one.id())},
                            {"durable", one.durable()},
                            {"subject", one.subject()},
                            {"reason", why ? detail_of(why) : one.reason()}});
  if (--s->open == 0)
    s->to.deliver(std::move(s->result));
}

dead_letters_actor::behavior_type
dead_letters(dead_letters_actor::stateful_pointer<dead_letters_state> self,
             actor_context context, std::shared_ptr<bus> bus,
             dead_letters_config config) {
  return self->state.make_behavior(std::move(context), std::move(bus), config);
}

} // namespace stravasync
