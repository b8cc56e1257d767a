#include "adapters/jetstream/reading.hpp"

#include "adapters/jetstream/faults.hpp"
#include "adapters/jetstream/header_values.hpp"
#include "adapters/jetstream/puller.hpp"
#include "messages/error.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace stravasync::jetstream {

namespace {

constexpr auto limit_max = std::size_t{1'000};
/// Without a message for so long, reading has failed.
constexpr auto patience = std::chrono::seconds{10};
constexpr auto at_once_max = std::size_t{1'000};
/// May be on its way at once: a server ends the connection of who takes more
/// than 64 MiB too slowly.
constexpr auto bytes_at_once_max = std::size_t{32} << 20;
/// Times that the server is asked for a subject's last message.
constexpr auto looks_max = 4;

/// @returns how many messages of any size may be on their way.
std::size_t at_once(session& over) {
  auto largest = std::max<std::size_t>(over.max_payload(), 1);
  return std::clamp<std::size_t>(bytes_at_once_max / largest, 1, at_once_max);
}

caf::error no_stream() {
  return make_failure(ec::not_found, "there is no such stream");
}

/// One reading, kept by its puller's callback until it is done.
class reading final : public session_listener,
                      public std::enable_shared_from_this<reading> {
public:
  reading(std::shared_ptr<session> over, std::size_t limit,
          std::function<bool(const delivery&)> wanted,
          completion<std::vector<stored_message>> done)
    : over_(std::move(over)),
      limit_(limit),
      wanted_(std::move(wanted)),
      done_(std::move(done)) {
  }

  void start(reader_options how) {
    auto self = shared_from_this();
    last_heard_ = std::chrono::steady_clock::now();
    from_ = std::make_shared<puller>(
      over_, std::move(how), [self](delivery d) { self->take(std::move(d)); },
      nullptr);
    over_->add(self);
    from_->start([self](const caf::expected<joined_consumer>& got) {
      if (!got)
        return self->finish(got.error());
      if (got->pending == 0)
        return self->finish({});
      if (auto from = self->from())
        from->request(std::min(self->limit_, at_once(*self->over_)));
    });
  }

  void reconnected() override {
  }

  void tick(steady_time now) override {
    auto late = false;
    {
      auto lock = std::lock_guard{mutex_};
      late = now - last_heard_ > patience;
    }
    if (late)
      finish(make_failure(ec::unavailable, "a stream could not be read"));
  }

private:
  void take(delivery what) {
    auto at_end = what.pending == 0;
    {
      auto lock = std::lock_guard{mutex_};
      last_heard_ = std::chrono::steady_clock::now();
      if (!wanted_ || wanted_(what))
        found_.push_back(
          {std::move(what.message), what.sequence, what.stored_at_ms});
      at_end = at_end || found_.size() >= limit_;
    }
    if (at_end)
      return finish({});
    if (auto on = from())
      on->request(1);
  }

  std::shared_ptr<puller> from() {
    auto lock = std::lock_guard{mutex_};
    return from_;
  }

  void finish(const caf::error& why) {
    std::vector<stored_message> found;
    completion<std::vector<stored_message>> done;
    {
      auto lock = std::lock_guard{mutex_};
      done.swap(done_);
      found.swap(found_);
    }
    if (!done)
      return;
    // Its callback holds this: let go of it where it does not run.
    over_->post([self = shared_from_this()] { self->let_go(); });
    if (why)
      return done(why);
    done(std::move(found));
  }

  void let_go() {
    std::shared_ptr<puller> last;
    {
      auto lock = std::lock_guard{mutex_};
      last.swap(from_);
    }
    if (last)
      last->close();
  }

  std::shared_ptr<session> over_;
  const std::size_t limit_;
  const std::function<bool(const delivery&)> wanted_;
  std::mutex mutex_;
  completion<std::vector<stored_message>> done_;
  std::vector<stored_message> found_;
  steady_time last_heard_;
  std::shared_ptr<puller> from_;
};

caf::expected<std::optional<stored_message>>
message_from(const caf::expected<json_value>& got) {
  using result = std::optional<stored_message>;
  if (!got) {
    // No message and no stream are both "not found".
    if (is_missing(got.error())
        && detail_of(got.error()).find("stream") == std::string::npos)
      return result{};
    return got.error();
  }
  auto found = got->at("message");
  auto headers = from_base64(found.text("hdrs"));
  auto data = from_base64(found.text("data"));
  if (!headers || !data)
    return make_failure(ec::upstream_failed, "a message is not in base64");
  return result{{.message = {found.text("subject"),
                             parse_header_block(*headers), std::move(*data)},
                 .sequence = found.number("seq"),
                 .stored_at_ms = from_rfc3339(found.text("time"))}};
}

} // namespace

void read_messages(const std::shared_ptr<session>& over, reader_options how,
                   std::size_t limit,
                   std::function<bool(const delivery&)> wanted,
                   completion<std::vector<stored_message>> done) {
  std::make_shared<reading>(over, limit, std::move(wanted), std::move(done))
    ->start(std::move(how));
}

void read_stream(const std::shared_ptr<session>& over, read_options options,
                 completion<std::vector<stored_message>> done) {
  auto limit = std::min<std::size_t>(options.limit, limit_max);
  if (limit == 0)
    return over->post([done] { done(std::vector<stored_message>{}); });
  auto how = reader_options{};
  how.options.stream = options.stream;
  how.options.filter_subject = options.filter_subject;
  if (options.from_time_ms > 0)
    how.options.start = {.from = start_position::kind::time,
                         .time_ms = options.from_time_ms};
  else if (options.from_sequence > 0)
    how.options.start = {.from = start_position::kind::sequence,
                         .sequence = options.from_sequence};
  auto wanted = [from = options.from_sequence](const delivery& d) {
    return d.sequence >= from;
  };
  read_messages(over, std::move(how), limit, wanted, std::move(done));
}

/// Servers before 2.9.11 or so do not find the last message of a subject when
/// its newest was removed.
void last_by_reading(const std::shared_ptr<session>& over,
                     const std::string& stream, const std::string& filter,
                     completion<std::optional<stored_message>> done) {
  auto how = reader_options{};
  how.options.stream = stream;
  how.options.filter_subject = filter;
  auto newest = std::make_shared<std::optional<stored_message>>();
  auto keep = [newest](const delivery& d) {
    *newest = stored_message{d.message, d.sequence, d.stored_at_ms};
    return false;
  };
  read_messages(over, std::move(how), at_once_max, keep,
                [newest, done = std::move(done)](const auto& got) {
                  if (!got)
                    return done(got.error());
                  done(std::move(*newest));
                });
}

/// One look for the last message of a subject.
struct last_question {
  std::string stream;
  std::string filter;
  completion<std::optional<stored_message>> done;
  int looks_left = looks_max;
};

/// Server 2.9.10 does not find a subject's last message at the very moment at
/// which a newer one takes its place: then it says how many there are, and is
/// asked again. Where that does not help, what was removed hides the one
/// before.
void look_for_last(const std::shared_ptr<session>& over,
                   last_question question) {
  auto stream = question.stream;
  auto subject = json_text(question.filter.empty() ? ">" : question.filter);
  --question.looks_left;
  auto counted = [over, question](const caf::expected<json_value>& got) {
    if (!got)
      return question.done(got.error());
    if (got->at("state").number("num_subjects") == 0
        || !got->at("state").has("subjects"))
      return question.done(std::optional<stored_message>{});
    if (question.looks_left == 0)
      return last_by_reading(over, question.stream, question.filter,
                             question.done);
    look_for_last(over, question);
  };
  over->call("$JS.API.STREAM.MSG.GET." + stream,
             "{\"last_by_subj\":" + subject + "}",
             [=, done = question.done](const caf::expected<json_value>& got) {
               auto found = message_from(got);
               if (!found || *found)
                 return done(std::move(found));
               over->call("$JS.API.STREAM.INFO." + stream,
                          "{\"subjects_filter\":" + subject + "}", counted);
             });
}

void last_message(const std::shared_ptr<session>& over,
                  const std::string& stream, const std::string& filter,
                  completion<std::optional<stored_message>> done) {
  if (!is_name(stream))
    return over->post([done] { done(no_stream()); });
  look_for_last(over, {stream, filter, std::move(done)});
}

void remove_message(session& over, const std::string& stream,
                    std::uint64_t sequence, completion<bool> done) {
  if (!is_name(stream))
    return over.post([done] { done(no_stream()); });
  // No message has the sequence 0, and the server takes it for none given.
  auto number = std::to_string(
    sequence == 0 ? std::numeric_limits<std::int64_t>::max() : sequence);
  // Not overwritten, as what is too old is not: five times as fast.
  over.call("$JS.API.STREAM.MSG.DELETE." + stream,
            "{\"seq\":" + number + ",\"no_erase\":true}",
            [done = std::move(done)](const caf::expected<json_value>& got) {
              if (got)
                return done(got->flag("success"));
              // "sequence 7 not found", "stream store EOF" beyond the end.
              auto why = detail_of(got.error());
              for (const auto* none : {"sequence", "message", "EOF"})
                if (why.find(none) != std::string::npos)
                  return done(false);
              done(got.error());
            });
}

} // namespace stravasync::jetstream
