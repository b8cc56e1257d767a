#include "actors/replay/recording.hpp"

#include "actors/ports/answer_of.hpp"
#include "messages/contracts.hpp"
#include "messages/error.hpp"
#include "messages/json.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace stravasync {

namespace {

// A page is up to a megabyte.
constexpr auto read_at_once = std::uint32_t{50};

std::string names_of(const std::vector<stream_state>& streams) {
  std::string result;
  for (const auto& one : streams)
    result += (result.empty() ? "" : ", ") + one.config.name;
  return result.empty() ? "none yet" : result;
}

} // namespace

std::int64_t athlete_of(const envelope& message) {
  auto subject = std::string_view{message.subject};
  auto origin = message.header_or_empty(header::origin);
  if (subject.starts_with("dlq.") && !origin.empty())
    subject = origin.substr(0, origin.find('@'));
  for (auto skipped = 0; skipped < 2; ++skipped) {
    auto dot = subject.find('.');
    if (dot == std::string_view::npos)
      return 0;
    subject.remove_prefix(dot + 1);
  }
  auto token = subject.substr(0, subject.find('.'));
  auto id = std::int64_t{0};
  const auto* end = token.data() + token.size();
  auto read = std::from_chars(token.data(), end, id);
  return read.ec == std::errc{} && read.ptr == end ? id : 0;
}

caf::expected<recording>
recording::open(std::shared_ptr<stream_catalog> from, selection what) {
  using states = std::vector<stream_state>;
  auto streams = answer_of<states>([&](auto done) { from->describe(done); });
  if (!streams)
    return streams.error();
  auto name = [](const auto& one) { return one.config.name; };
  auto found = std::ranges::find(*streams, what.stream, name);
  if (found == streams->end())
    return make_failure(ec::not_found,
                        "there is no stream " + what.stream
                          + "; there are: " + names_of(*streams));
  return recording{std::move(from), std::move(what), *found};
}

recording::recording(std::shared_ptr<stream_catalog> from, selection what,
                     const stream_state& of)
  : from_{std::move(from)},
    what_{std::move(what)},
    subjects_{of.config.subjects},
    first_{of.first_sequence},
    last_{of.last_sequence} {
  if (what_.range.from.is == replay_bound::kind::sequence)
    next_ = what_.range.from.sequence;
}

caf::expected<std::optional<stored_message>> recording::next() {
  using result = std::optional<stored_message>;
  while (true) {
    if (read_.empty() && !ended_)
      if (auto why = fetch())
        return why;
    if (read_.empty())
      return result{};
    auto message = std::move(read_.front());
    read_.pop_front();
    if (message.sequence > last_ || is_after(what_.range, message)) {
      ended_ = true;
      read_.clear();
      return result{};
    }
    auto wanted = what_.athlete_id == 0
                  || athlete_of(message.message) == what_.athlete_id;
    if (wanted && !is_before(what_.range, message))
      return result{std::move(message)};
  }
}

caf::error recording::fetch() {
  read_options options;
  options.stream = what_.stream;
  options.filter_subject = what_.subject;
  options.from_sequence = next_;
  options.limit = read_at_once;
  if (next_ == 1 && what_.range.from.is == replay_bound::kind::time)
    options.from_time_ms = std::max<unix_ms>(what_.range.from.time_ms, 1);
  using messages = std::vector<stored_message>;
  auto got = answer_of<messages>(
    [&](auto done) { from_->read(std::move(options), done); });
  if (!got)
    return code_of(got.error()) == ec::invalid_argument
               && !what_.subject.empty()
             ? no_such_subject()
             : got.error();
  ended_ = got->empty();
  if (!got->empty())
    next_ = got->back().sequence + 1;
  std::ranges::move(*got, std::back_inserter(read_));
  return {};
}

caf::error recording::no_such_subject() const {
  return make_failure(ec::invalid_argument,
                      "--subject: no message of stream " + what_.stream
                        + " can have the subject '" + what_.subject
                        + "'; its subjects are " + subjects_);
}

caf::expected<std::string> recording::reach() const {
  // Nothing ever went.
  if (first_ <= 1)
    return std::string{};
  auto gone = what_.stream
              + " holds nothing any more: what it held was too "
                "old, or made room\n";
  if (first_ > last_)
    return gone;
  using messages = std::vector<stored_message>;
  auto got = answer_of<messages>([&](auto done) {
    from_->read({.stream = what_.stream, .limit = 1}, std::move(done));
  });
  if (!got)
    return got.error();
  if (got->empty())
    return gone;
  const auto& oldest = got->front();
  const auto& from = what_.range.from;
  // One of just that time may be the oldest of its kind.
  auto whole = (from.is == replay_bound::kind::sequence
                && from.sequence >= oldest.sequence)
               || (from.is == replay_bound::kind::time
                   && from.time_ms >= oldest.stored_at_ms);
  if (whole)
    return std::string{};
  return what_.stream + " reaches back to sequence "
         + std::to_string(oldest.sequence) + " of "
         + to_iso_8601(oldest.stored_at_ms)
         + "; what was before it was too old, or made room\n";
}

std::string recording::text() const {
  auto result = "in " + what_.stream + " " + to_text(what_.range);
  if (!what_.subject.empty())
    result += ", subject " + what_.subject;
  if (what_.athlete_id != 0)
    result += ", athlete " + std::to_string(what_.athlete_id);
  return result;
}

} // namespace stravasync
