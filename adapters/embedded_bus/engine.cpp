#include "adapters/embedded_bus/engine.hpp"

#include <algorithm>
#include <utility>

namespace stravasync::embedded_bus {

namespace {

constexpr auto commands_per_turn = std::size_t{4'096};
constexpr auto bytes_per_batch = std::size_t{32} * 1024 * 1024;

// A fault that comes and goes, such as one damaged page, is not told more
// often.
constexpr auto same_report_every = milliseconds{60'000};

/// A bus in use tries again whatever is wrong with its file, and those who use
/// it are to do the same.
caf::error may_come_back(const caf::error& problem) {
  return make_failure(ec::unavailable, detail_of(problem));
}

} // namespace

engine::engine(options options, log& log)
  : options_(std::move(options)),
    log_(log) {
}

engine::~engine() {
  stop();
}

caf::error engine::start() {
  if (auto problem = open_storage(storage::holders::gone))
    return problem;
  callbacks_.start();
  thread_ = std::thread{[this] { run(); }};
  return {};
}

void engine::stop() {
  {
    auto lock = std::lock_guard{mutex_};
    stopping_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable())
    thread_.join();
  callbacks_.stop();
}

void engine::submit(std::shared_ptr<command> what) {
  auto lock = std::unique_lock{mutex_};
  if (stopping_) {
    lock.unlock();
    what->fail(make_failure(ec::unavailable, "the bus is closed"));
    what->answer();
    return;
  }
  auto first = queue_.empty();
  queue_.push_back(std::move(what));
  lock.unlock();
  if (first)
    changed_.notify_one();
}

moment engine::now() const {
  return {options_.wall(), options_.steady()};
}

void engine::run() {
  turn commands;
  while (wait_for_turn(commands)) {
    storage_.set_now(now());
    if (!storage_.attached() && options_.steady() >= reopen_at_)
      if (auto problem = open_storage(storage::holders::alive)) {
        report_failure(problem);
        outage_ = problem;
        reopen_at_ = options_.steady() + options_.tick;
      }
    if (storage_.attached()) {
      execute(commands);
    } else {
      for (auto& command : commands)
        command->fail(outage_);
      answer(commands, {}, {});
    }
    commands.clear();
  }
  storage_.detach(false);
}

bool engine::wait_for_turn(turn& next) {
  next.swap(unfinished_);
  auto lock = std::unique_lock{mutex_};
  changed_.wait_for(lock, next.empty() ? time_to_wait() : milliseconds{0},
                    [this] { return stopping_ || !queue_.empty(); });
  auto bytes = std::size_t{0};
  while (!queue_.empty() && next.size() < commands_per_turn
         && bytes < bytes_per_batch) {
    auto alone = queue_.front()->alone();
    if (alone && !next.empty())
      break;
    bytes += queue_.front()->bytes();
    next.push_back(std::move(queue_.front()));
    queue_.pop_front();
    if (alone)
      break;
  }
  last_turns_ = stopping_;
  return !stopping_ || !next.empty();
}

milliseconds engine::time_to_wait() const {
  auto at = options_.steady();
  if (!storage_.attached())
    return reopen_at_ - at;
  auto until = std::min(at + options_.tick, next_tick_);
  if (more_to_deliver_ || more_to_load_)
    until = at;
  else if (auto due = storage_.next_due())
    until = std::min(until, *due);
  return std::max(until, rest_until_) - at;
}

void engine::execute(const turn& commands) {
  std::vector<outgoing> deliveries;
  std::vector<outgoing_change> changed_values;
  caf::error problem;
  auto reopen = false;
  auto changes = storage_.db().changes();
  try {
    transact(commands, deliveries);
  } catch (const SQLite::Exception& e) {
    problem = failure_of(e, storage_.db());
    reopen = code_of(problem) != ec::full;
  }
  if (!problem && !storage_.db().in_place()) {
    problem = make_failure(ec::unavailable, "the database file is gone");
    reopen = true;
  }
  if (problem) {
    problem = with_context(problem, "bus database " + options_.path);
    for (auto& command : commands)
      command->fail(problem);
    for (auto& delivery : deliveries)
      ++delivery.to->credit;
    deliveries.clear();
    storage_.drop_changes();
    unfinished_.clear();
    recover(problem, reopen);
  } else {
    storage_.committed();
    changed_values = storage_.take_changes();
    if (storage_.db().changes() != changes) {
      report_success();
      if (options_.on_commit)
        options_.on_commit(commands.size());
    }
  }
  answer(commands, std::move(deliveries), std::move(changed_values));
}

void engine::transact(const turn& commands, std::vector<outgoing>& deliveries) {
  more_to_deliver_ = false;
  // A page that is damaged would fail the commit, too.
  more_to_load_ = storage_.load_dedupe();
  storage_.db().begin();
  auto set = storage_.follow_clock();
  storage_.resume_watchers();
  for (const auto& command : commands)
    if (!command->run(storage_))
      unfinished_.push_back(command);
  auto at = options_.steady();
  if (at >= rest_until_ && !last_turns_) {
    if (at >= next_tick_ && !storage_.expire())
      next_tick_ = at + options_.tick;
    more_to_deliver_ = storage_.deliver(deliveries);
  }
  storage_.flush();
  storage_.db().commit();
  if (storage_.take_skipped_ids())
    log_.error("a part of the bus's file is damaged: messages that are sent "
               "again and stood there are taken as new, and cannot be read",
               {{"path", options_.path}});
  if (set)
    log_.warning(
      "the clock was set, or wrong before; the bus has corrected how "
      "old its messages are");
}

void engine::recover(const caf::error& reason, bool reopen) {
  report_failure(reason);
  outage_ = reason;
  more_to_deliver_ = false;
  rest_until_ = options_.steady() + options_.tick;
  storage_.db().rollback();
  if (!reopen) {
    try {
      storage_.reload(storage::holders::alive);
      return;
    } catch (const SQLite::Exception&) {
      // Opened anew, like after any other failure.
    }
  }
  storage_.detach(true);
  reopen_at_ = options_.steady();
}

caf::error engine::open_storage(storage::holders who) {
  auto at_start = who == storage::holders::gone;
  auto db = database::open(options_.path, at_start
                                            ? database::inspection::bounded
                                            : database::inspection::none);
  if (!db)
    return at_start ? db.error() : may_come_back(db.error());
  try {
    storage_.attach(std::move(*db), now(), who);
    if (storage_.holds_expiry())
      log_.warning("messages of the bus are too old by more than a day: it was "
                   "off for long, or the clock is ahead. None goes because of "
                   "its age for an hour, in which a wrong clock can be set");
    return {};
  } catch (const SQLite::Exception& e) {
    storage_.detach(true);
    auto problem = start_failure(e, options_.path);
    return at_start ? problem : may_come_back(problem);
  }
}

void engine::report_failure(const caf::error& reason) {
  auto text = detail_of(reason);
  auto at = options_.steady();
  if (reported_open_
      || (text == reported_ && at < reported_at_ + same_report_every))
    return;
  reported_open_ = true;
  reported_ = std::move(text);
  reported_at_ = at;
  log_.error("bus storage failed", {{"reason", reported_}});
}

void engine::report_success() {
  if (!reported_open_)
    return;
  reported_open_ = false;
  log_.info("bus storage works again", {{"path", options_.path}});
}

void engine::answer(const turn& commands, std::vector<outgoing> deliveries,
                    std::vector<outgoing_change> changes) {
  std::vector<callbacks::callback_thread::task> tasks;
  tasks.reserve(commands.size() + deliveries.size() + changes.size());
  for (const auto& command : commands)
    if (std::ranges::find(unfinished_, command) == unfinished_.end())
      tasks.emplace_back([command] { command->answer(); });
  for (auto& delivery : deliveries)
    tasks.emplace_back([delivery = std::move(delivery)]() mutable {
      delivery.to->out->pass(std::move(delivery.what));
    });
  for (auto& change : changes)
    tasks.emplace_back([change = std::move(change)]() mutable {
      change.to->pass(std::move(change.what));
    });
  callbacks_.post(std::move(tasks));
}

} // namespace stravasync::embedded_bus
