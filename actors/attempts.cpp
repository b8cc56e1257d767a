#include "actors/attempts.hpp"

namespace stravasync {

namespace {

constexpr auto kept_max = 10;
constexpr auto reason_bytes_max = std::size_t{300};
constexpr auto node_bytes_max = std::size_t{64};

std::string shortened(std::string text, std::size_t most = reason_bytes_max) {
  if (text.size() > most)
    text.resize(most);
  return text;
}

void keep_newest(state::v1::AttemptState& of) {
  if (of.attempts_size() > kept_max)
    of.mutable_attempts()->DeleteSubrange(0, of.attempts_size() - kept_max);
}

/// Whoever may write to the bucket may have written anything.
void bound(state::v1::AttemptState& of) {
  keep_newest(of);
  for (auto& one : *of.mutable_attempts()) {
    one.set_node(shortened(one.node(), node_bytes_max));
    one.set_reason(shortened(one.reason()));
  }
  of.set_begun_by(shortened(of.begun_by(), node_bytes_max));
  of.set_last_error(shortened(of.last_error()));
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
  to.set_begun(to.begun() + 1);
  to.set_begun_at_ms(now);
  to.set_begun_by(node);
}

void note_settled(state::v1::AttemptState& to) {
  to.clear_begun();
  to.clear_begun_at_ms();
  to.clear_begun_by();
}

void note_failed(state::v1::AttemptState& to, attempt what) {
  note_settled(to);
  if (to.failed_attempts() == 0)
    to.set_first_failure_at_ms(what.at_ms);
  to.set_failed_attempts(to.failed_attempts() + 1);
  to.set_last_error(shortened(what.reason));
  auto* one = to.add_attempts();
  one->set_at_ms(what.at_ms);
  one->set_node(what.node);
  one->set_reason(shortened(std::move(what.reason)));
  keep_newest(to);
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
  std::vector<attempt> result;
  for (const auto& one : of.attempts())
    result.push_back({one.at_ms(), one.node(), one.reason()});
  if (of.begun() > 0)
    result.push_back(
      {of.begun_at_ms(), of.begun_by(), "begun, and nothing heard since"});
  return result;
}

} // namespace stravasync
