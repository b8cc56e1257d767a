#pragma once

#include "actors/kit/child.hpp"
#include "actors/kit/events.hpp"
#include "actors/kit/fault.hpp"
#include "actors/kit/handlers.hpp"
#include "actors/kit/protocol.hpp"
#include "tests/support/deterministic_system.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/system_messages.hpp>
#include <catch2/catch_test_macros.hpp>

#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace test {

/// What a SUBJECT can be asked.
struct get_number {
  int value = 0;
};
struct crash {};   // Throws.
struct quit_with { // Ends with this.
  caf::error reason;
};
struct keep_waiting {}; // Holds the promise and never answers.
struct refuse {         // Answers with this error.
  caf::error reason;
};
struct note {}; // A plain message.

using subject_actor = kit::protocol<int(get_number), int(crash), int(quit_with),
                                    int(keep_waiting), int(refuse), void(note)>;

/// How the SUBJECT of one name shall behave, and what it has done. Shared with
/// the test, which reads it between runs.
struct script {
  std::string crash_on_start; // Throws this while it is initialized.
  std::string factory_error;  // Fails with this before that.
  bool ignore_exit = false;   // Goes on after an exit message.
  std::string crash_on_stop;  // Throws this when told to exit.
  caf::error probe_failure;   // Answers get_number with this.
  int started = 0;
  int answered = 0;
  int noted = 0;
};

/// Names in the order in which subjects were initialized ("+a") and ended
/// ("-a"), and the scripts by name.
struct stage {
  std::vector<std::string> log;
  std::map<std::string, script> scripts;
  // The subjects started last.
  std::map<std::string, subject_actor> running;

  std::string take_log() {
    std::string result;
    for (const auto& line : std::exchange(log, {}))
      result += (result.empty() ? "" : " ") + line;
    return result;
  }
};

class subject_state {
public:
  static inline constexpr const char* name = "subject";

  explicit subject_state(subject_actor::stateful_pointer<subject_state> self)
    : self_{self} {
  }

  ~subject_state() {
    if (stage_ && initialized_)
      stage_->log.push_back("-" + called_);
  }

  subject_actor::behavior_type
  make_behavior(std::shared_ptr<stage> stage, std::string called) {
    stage_ = std::move(stage);
    called_ = std::move(called);
    auto& script = stage_->scripts[called_];
    ++script.started;
    auto result = kit::handlers(
      self_, kit::actor_statistics{}, kit::on_throw::crash,
      [&script](const get_number& x) -> caf::result<int> {
        if (script.probe_failure)
          return script.probe_failure;
        ++script.answered;
        return x.value;
      },
      [](const crash&) -> int { throw std::runtime_error{"crashed as told"}; },
      [this](const quit_with& x) {
        self_->quit(x.reason);
        return 0;
      },
      [this](const keep_waiting&) {
        return held_.emplace_back(kit::make_promise<int>(self_));
      },
      [](const refuse& x) -> caf::result<int> { return x.reason; },
      [&script](const note&) { ++script.noted; });
    if (!script.crash_on_start.empty())
      throw std::runtime_error{script.crash_on_start};
    self_->set_exit_handler([this, &script](caf::exit_msg& message) {
      if (!script.crash_on_stop.empty())
        throw std::runtime_error{script.crash_on_stop};
      if (!script.ignore_exit)
        self_->quit(message.reason);
    });
    initialized_ = true;
    stage_->log.push_back("+" + called_);
    return result;
  }

private:
  subject_actor::stateful_pointer<subject_state> self_;
  std::shared_ptr<stage> stage_;
  std::string called_;
  bool initialized_ = false;
  std::vector<kit::promise<int>> held_;
};

inline subject_actor::behavior_type
subject(subject_actor::stateful_pointer<subject_state> self,
        std::shared_ptr<stage> stage, std::string called) {
  return self->state.make_behavior(std::move(stage), std::move(called));
}

/// A deterministic system with a stage and the events that were observed.
struct kit_fixture : deterministic_system {
  std::shared_ptr<test::stage> stage = std::make_shared<test::stage>();
  std::vector<kit::actor_event> events;

  kit::actor_observer observer() {
    return [this](const kit::actor_event& event) { events.push_back(event); };
  }

  /// A factory of subjects of this name.
  kit::child_factory subject_factory(const std::string& called) {
    return [stage = stage, called](
             const kit::child_context& context) -> caf::expected<caf::actor> {
      const auto& script = stage->scripts[called];
      if (!script.factory_error.empty())
        return kit::make_fault(kit::fault::crashed, script.factory_error);
      auto started = context.system.spawn(subject, stage, called);
      stage->running[called] = started;
      return caf::actor_cast<caf::actor>(started);
    };
  }

  kit::child_spec
  subject_child(const std::string& called,
                kit::restart_kind restart = kit::restart_kind::permanent) {
    kit::child_spec spec;
    spec.name = called;
    spec.start = subject_factory(called);
    spec.restart = restart;
    spec.stop_deadline = std::chrono::seconds{1};
    return spec;
  }

  /// States in the order of their events, "up>down probing ..." of one path.
  std::string states_of(const std::string& path) {
    std::string result;
    for (const auto& event : events)
      if (event.path == path)
        result += (result.empty() ? "" : " ") + kit::to_string(event.to);
    return result;
  }

  const kit::actor_event& last_event(const std::string& path) {
    for (auto i = events.rbegin(); i != events.rend(); ++i)
      if (i->path == path)
        return *i;
    throw std::logic_error{"no event of " + path};
  }
};

/// The upper bound of every jitter, so that delays are known.
inline double no_jitter() {
  return 1.0;
}

} // namespace test

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(test::get_number)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(test::crash)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(test::quit_with)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(test::keep_waiting)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(test::refuse)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(test::note)
