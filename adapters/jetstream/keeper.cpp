#include "adapters/jetstream/keeper.hpp"

#include "adapters/jetstream/exchange.hpp"
#include "adapters/jetstream/faults.hpp"
#include "adapters/jetstream/streams.hpp"
#include "messages/error.hpp"

#include <algorithm>
#include <utility>

namespace stravasync::jetstream {

namespace {

using namespace std::chrono_literals;

constexpr auto look_every = 3s;

} // namespace

keeper::keeper(std::shared_ptr<session> over)
  : over_(std::move(over)),
    due_at_(steady_now() + look_every) {
}

void keeper::keep(const std::string& stream, std::string json) {
  auto lock = std::lock_guard{mutex_};
  all_[stream].json = std::move(json);
}

void keeper::provide(const std::string& stream, std::string json,
                     std::int64_t max_age_ns, completion<bool> done) {
  {
    auto lock = std::lock_guard{mutex_};
    if (all_.contains(stream)) {
      done(false);
      return;
    }
  }
  auto made = [self = shared_from_this(), stream, json,
               done](const caf::expected<bool>& got) {
    // Another node was faster, with settings of its own.
    auto there = got || code_of(got.error()) == ec::conflict;
    if (!there)
      return done(got.error());
    self->keep(stream, json);
    done(got && *got);
  };
  over_->call("$JS.API.STREAM.INFO." + stream, "",
              [=, over = over_](const caf::expected<json_value>& info) {
                if (!info && is_missing(info.error()))
                  return create_stream(over, stream, json, made);
                if (!info)
                  return made(info.error());
                auto config = info->at("config");
                auto age = config.number("max_age");
                auto right = max_age_ns == 0
                             || age == static_cast<std::uint64_t>(max_age_ns);
                await_store(over, stream, config, [=] {
                  if (right)
                    return made(false);
                  // Made by an earlier version.
                  over->call(
                    "$JS.API.STREAM.UPDATE." + stream, json,
                    [made](const caf::expected<json_value>&) { made(false); });
                });
              });
}

void keeper::forget(const std::string& stream) {
  auto lock = std::lock_guard{mutex_};
  all_.erase(stream);
}

void keeper::look_soon() {
  auto lock = std::lock_guard{mutex_};
  due_at_ = steady_now();
}

void keeper::published(const std::string& area, const caf::error& why) {
  auto code = code_of(why);
  if (code == ec::not_found)
    look_soon();
  auto full = code == ec::full;
  if (!full && (why || !any_full_))
    return;
  {
    auto lock = std::lock_guard{mutex_};
    auto news = full ? full_.insert(area).second : full_.erase(area) > 0;
    any_full_ = !full_.empty();
    if (!news)
      return;
  }
  if (full)
    over_->journal().error(
      "a stream takes no more messages",
      {{"subjects", area + ".>"}, {"reason", detail_of(why)}});
  else
    over_->journal().info("a stream takes messages again",
                          {{"subjects", area + ".>"}});
}

std::string keeper::problem() const {
  auto lock = std::lock_guard{mutex_};
  for (const auto& [name, one] : all_)
    if (!one.problem.empty())
      return "stream " + name + ": " + one.problem;
  return {};
}

void keeper::tick(steady_time time) {
  std::vector<std::string> names;
  {
    auto lock = std::lock_guard{mutex_};
    if (looking_ || time < due_at_ || !over_->up())
      return;
    due_at_ = time + look_every;
    looking_ = !all_.empty();
    for (const auto& [name, one] : all_)
      names.push_back(name);
  }
  look_at(std::move(names));
}

/// One after the other, from the back.
void keeper::look_at(std::vector<std::string> names) {
  if (names.empty()) {
    auto lock = std::lock_guard{mutex_};
    looking_ = false;
    return;
  }
  auto name = std::move(names.back());
  names.pop_back();
  over_->call(
    "$JS.API.STREAM.INFO." + name, "",
    [self = shared_from_this(), name,
     names = std::move(names)](const caf::expected<json_value>& info) {
      if (!info && is_missing(info.error()))
        return self->make_again(name, [self, names] { self->look_at(names); });
      if (info)
        self->seen(name, info->at("state").number("last_seq"));
      self->look_at(names);
    });
}

void keeper::seen(const std::string& stream, std::uint64_t last_sequence) {
  auto before = std::uint64_t{0};
  {
    auto lock = std::lock_guard{mutex_};
    auto found = all_.find(stream);
    if (found == all_.end())
      return;
    auto& one = found->second;
    before = std::exchange(one.last_sequence, last_sequence);
    one.problem.clear();
  }
  if (last_sequence < before)
    over_->journal().warning(
      "a stream went back, as when a backup is restored; going on with what it "
      "holds now",
      {{"stream", stream},
       {"last_sequence", static_cast<std::int64_t>(last_sequence)},
       {"was", static_cast<std::int64_t>(before)}});
}

void keeper::make_again(const std::string& stream,
                        const std::function<void()>& then) {
  std::string json;
  {
    auto lock = std::lock_guard{mutex_};
    auto found = all_.find(stream);
    if (found != all_.end())
      json = found->second.json;
  }
  if (json.empty()) // Forgotten meanwhile.
    return then();
  create_stream(
    over_, stream, std::move(json),
    [self = shared_from_this(), stream, then](const caf::expected<bool>& got) {
      self->made(stream, got);
      then();
    });
}

void keeper::made(const std::string& stream, const caf::expected<bool>& got) {
  auto why = got ? std::string{} : detail_of(got.error());
  auto news = false;
  {
    auto lock = std::lock_guard{mutex_};
    if (auto found = all_.find(stream); found != all_.end()) {
      found->second.last_sequence = 0;
      news = std::exchange(found->second.problem, why) != why;
    }
  }
  if (got)
    over_->journal().warning("a stream was gone and is made again; what it "
                             "held is lost",
                             {{"stream", stream}});
  else if (news)
    over_->journal().error("a stream is gone and cannot be made again",
                           {{"stream", stream}, {"reason", why}});
}

} // namespace stravasync::jetstream
