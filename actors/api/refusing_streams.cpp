#include "actors/api/refusing_streams.hpp"

#include "messages/contracts.hpp"

#include <algorithm>

namespace stravasync {

bool refusing_streams::refused(std::string_view subject, std::uint64_t poll,
                               bool answered) {
  auto [entry, is_new] = all_.try_emplace(home_of(subject));
  auto& one = entry->second;
  // The others of one batch.
  if (one.until > poll)
    return false;
  one.polls
    = answered ? std::clamp(2 * one.polls, std::uint64_t{1}, longest_polls) : 1;
  one.until = poll + one.polls;
  return is_new;
}

bool refusing_streams::took(std::string_view subject, std::uint64_t poll) {
  auto found = all_.find(home_of(subject));
  if (found == all_.end() || found->second.until > poll)
    return false;
  all_.erase(found);
  return true;
}

std::vector<std::string_view>
refusing_streams::passed_over(std::uint64_t poll) const {
  std::vector<std::string_view> result;
  for (const auto& [subjects, one] : all_)
    if (one.until > poll)
      result.push_back(subjects);
  return result;
}

std::string_view home_of(std::string_view subject) {
  auto found = std::ranges::find_if(streams(), [&](const auto& one) {
    return subject_matches(one.subjects, subject);
  });
  return found == streams().end() ? std::string_view{} : found->subjects;
}

} // namespace stravasync
