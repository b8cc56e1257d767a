#include "actors/nodes/health_record.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <utility>

namespace stravasync {

namespace {

/// Problems of one part that are named; more are counted.
constexpr auto named_max = 3;

struct trial {
  std::string why; // Empty: it worked.
  ec code = ec::none;
  unix_ms at_ms = 0;
  unix_ms since_ms = 0;
  unix_ms last_ok_ms = 0;

  [[nodiscard]] bool works() const {
    return why.empty();
  }
};

using things = std::map<std::string, trial>;

/// @returns the part as its things are.
readiness sum_of(const std::string& part, const things& of) {
  readiness result{part, {}};
  auto failing = std::ptrdiff_t{0};
  auto fine_since = unix_ms{0};
  auto fine_until = unix_ms{0};
  for (const auto& [thing, tried] : of) {
    fine_until = std::max(fine_until, tried.last_ok_ms);
    if (tried.works()) {
      fine_since = std::max(fine_since, tried.since_ms);
      continue;
    }
    if (failing++ == 0) {
      result.since_ms = tried.since_ms;
      result.last_ok_at_ms = tried.last_ok_ms;
    }
    result.since_ms = std::min(result.since_ms, tried.since_ms);
    result.last_ok_at_ms = std::min(result.last_ok_at_ms, tried.last_ok_ms);
    if (failing > named_max)
      continue;
    result.problem += result.problem.empty() ? "" : "; ";
    result.problem += thing.empty() ? tried.why : thing + ": " + tried.why;
  }
  if (failing > named_max)
    result.problem += "; and " + std::to_string(failing - named_max) + " more";
  if (failing == 0) {
    result.since_ms = fine_since;
    result.last_ok_at_ms = fine_until;
  }
  return result;
}

} // namespace

struct health_record::data {
  wall_clock now;
  std::shared_ptr<log> journal;
  std::mutex mutex;
  std::map<std::string, things> parts;
  std::set<std::string> not_needed;

  [[nodiscard]] const trial*
  find(const std::string& part, const std::string& thing) const {
    auto all = parts.find(part);
    if (all == parts.end())
      return nullptr;
    auto found = all->second.find(thing);
    return found == all->second.end() ? nullptr : &found->second;
  }

  /// Writes a trial down. @returns the part before and after it, if the log
  /// has to be told of them.
  std::optional<readiness>
  note(const std::string& part, const std::string& thing,
       const caf::error& failure) {
    auto why = failure ? detail_of(failure) : std::string{};
    if (failure && why.empty())
      why = to_string(code_of(failure));
    auto guard = std::lock_guard{mutex};
    auto at = now();
    auto& all = parts[part];
    auto [found, is_new] = all.try_emplace(thing);
    auto& tried = found->second;
    auto others_work = std::ranges::all_of(all, [&](const auto& one) {
      return one.first == thing || one.second.works();
    });
    auto was_fine = is_new || tried.works();
    if (is_new || was_fine != why.empty())
      tried.since_ms = at;
    tried.why = why;
    tried.code = code_of(failure);
    tried.at_ms = at;
    if (why.empty())
      tried.last_ok_ms = at;
    if (!others_work || was_fine == why.empty())
      return std::nullopt;
    return sum_of(part, all);
  }
};

health_record::health_record()
  : health_record{[] { return unix_ms{0}; }, nullptr} {
}

health_record::health_record(wall_clock now, std::shared_ptr<log> journal)
  : data_{std::make_shared<data>()} {
  data_->now = std::move(now);
  data_->journal = std::move(journal);
}

void health_record::not_needed(const std::string& part) const {
  auto guard = std::lock_guard{data_->mutex};
  data_->not_needed.insert(part);
}

void health_record::worked(const std::string& part,
                           const std::string& thing) const {
  auto changed = data_->note(part, thing, {});
  if (changed && data_->journal)
    data_->journal->info("a part of this node works again", {{"part", part}});
}

void health_record::failed(const std::string& part, const std::string& thing,
                           const caf::error& why) const {
  auto changed = data_->note(part, thing, why);
  if (changed && data_->journal)
    data_->journal->warning("a part of this node does not work",
                            {{"part", part}, {"reason", changed->problem}});
}

std::optional<health_record::failure>
health_record::last_failure(const std::string& part,
                            const std::string& thing) const {
  auto guard = std::lock_guard{data_->mutex};
  const auto* tried = data_->find(part, thing);
  if (tried == nullptr || tried->works())
    return std::nullopt;
  return failure{tried->code, tried->at_ms};
}

std::vector<std::string> health_record::failing(const std::string& part) const {
  auto guard = std::lock_guard{data_->mutex};
  std::vector<std::string> result;
  if (auto all = data_->parts.find(part); all != data_->parts.end())
    for (const auto& [thing, tried] : all->second)
      if (!tried.works())
        result.push_back(thing);
  return result;
}

unix_ms health_record::last_ok(const std::string& part,
                               const std::string& thing) const {
  auto guard = std::lock_guard{data_->mutex};
  const auto* tried = data_->find(part, thing);
  return tried == nullptr ? 0 : tried->last_ok_ms;
}

std::vector<readiness> health_record::parts() const {
  auto guard = std::lock_guard{data_->mutex};
  std::vector<readiness> result;
  for (const auto& [part, all] : data_->parts) {
    auto& sum = result.emplace_back(sum_of(part, all));
    sum.needed = !data_->not_needed.contains(part);
  }
  return result;
}

} // namespace stravasync
