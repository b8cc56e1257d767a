#include "actors/attempts.hpp"

#include "messages/text/utf8.hpp"

#include <utility>

namespace stravasync {

namespace {

constexpr auto reason_bytes_max = std::size_t{300};
constexpr auto node_bytes_max = std::size_t{64};
/// Of a line of the letter: the time, and that the rest is as before.
constexpr auto line_bytes = std::size_t{18};

using attempt_list
  = google::protobuf::RepeatedPtrField<state::v1::AttemptState::Attempt>;

/// Whole characters: a state with half a one would not be read again.
std::string
shortened(const std::string& text, std::size_t most = reason_bytes_max) {
  auto result = as_utf8(text);
  if (result.size() <= most)
    return result;
  while (most > 0 && (static_cast<unsigned char>(result[most]) & 0xC0) == 0x80)
    --most;
  result.resize(most);
  return result;
}

bool is_as_before(const std::vector<attempt>& all, std::size_t at) {
  return at > 0 && all[at].node == all[at - 1].node
         && all[at].reason == all[at - 1].reason;
}

/// @returns the newest, without the oldest that take too many bytes.
std::vector<attempt> newest_of(std::vector<attempt> all) {
  auto bytes = std::size_t{0};
  auto first = all.size();
  for (; first > 0; --first) {
    const auto& one = all[first - 1];
    auto whole = line_bytes + one.node.size() + one.reason.size();
    if (bytes + whole > attempt_log_bytes_max)
      break;
    bytes += is_as_before(all, first - 1) ? line_bytes : whole;
  }
  all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(first));
  return all;
}

/// Puts the words back that are those of the one before.
std::vector<attempt> read(const attempt_list& from) {
  std::vector<attempt> result;
  for (const auto& one : from)
    if (one.node().empty() && one.reason().empty() && !result.empty())
      result.push_back({one.at_ms(), result.back().node, result.back().reason});
    else
      result.push_back({one.at_ms(), shortened(one.node(), node_bytes_max),
                        shortened(one.reason())});
  return result;
}

void write(const std::vector<attempt>& all, attempt_list& to) {
  to.Clear();
  for (auto at = std::size_t{0}; at < all.size(); ++at) {
    auto& one = *to.Add();
    one.set_at_ms(all[at].at_ms);
    if (is_as_before(all, at))
      continue;
    one.set_node(all[at].node);
    one.set_reason(all[at].reason);
  }
}

void add(attempt_list& to, attempt what) {
  auto all = read(to);
  all.push_back(std::move(what));
  write(newest_of(std::move(all)), to);
}

/// Whoever may write to the bucket may have written anything.
void bound(state::v1::AttemptState& of) {
  for (auto* list : {of.mutable_attempts(), of.mutable_begun_before()})
    write(newest_of(read(*list)), *list);
  of.set_begun_by(shortened(of.begun_by(), node_bytes_max));
  of.set_last_error(shortened(of.last_error()));
}

attempt never_heard_of(unix_ms at_ms, const std::string& node) {
  return {at_ms, node, "begun, and nothing heard since"};
}

} // namespace

state::v1::AttemptState
attempts_of(const std::string& value, unix_ms stored_at_ms) {
  state::v1::AttemptState result;
  if (!result.ParseFromString(value)
      || (result.stored_at_ms() != 0 && result.stored_at_ms() != stored_at_ms))
    result.Clear();
  bound(result);
  result.set_stored_at_ms(stored_at_ms);
  return result;
}

void note_begun(state::v1::AttemptState& to, unix_ms now,
                const std::string& node) {
  if (to.begun() > 0)
    add(*to.mutable_begun_before(),
        never_heard_of(to.begun_at_ms(), to.begun_by()));
  to.set_begun(to.begun() + 1);
  to.set_begun_at_ms(now);
  to.set_begun_by(shortened(node, node_bytes_max));
}

void note_settled(state::v1::AttemptState& to) {
  to.clear_begun();
  to.clear_begun_at_ms();
  to.clear_begun_by();
  to.clear_begun_before();
}

void note_failed(state::v1::AttemptState& to, attempt what) {
  note_settled(to);
  if (to.failed_attempts() == 0)
    to.set_first_failure_at_ms(what.at_ms);
  to.set_failed_attempts(to.failed_attempts() + 1);
  what.node = shortened(what.node, node_bytes_max);
  what.reason = shortened(what.reason);
  to.set_last_error(what.reason);
  add(*to.mutable_attempts(), std::move(what));
}

std::uint32_t attempts_spent(const state::v1::AttemptState& of) {
  return of.failed_attempts() + of.begun();
}

std::string never_outlived_reason(const state::v1::AttemptState& of) {
  return "it was begun " + std::to_string(of.begun())
         + " times in a row without an end, the last time by node "
         + of.begun_by() + ": the process seems to end by it";
}

std::vector<attempt> attempt_log(const state::v1::AttemptState& of) {
  auto result = read(of.attempts());
  for (auto& one : read(of.begun_before()))
    result.push_back(std::move(one));
  if (of.begun() > 0)
    result.push_back(never_heard_of(of.begun_at_ms(), of.begun_by()));
  return newest_of(std::move(result));
}

} // namespace stravasync
