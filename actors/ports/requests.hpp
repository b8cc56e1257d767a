#pragma once

#include "actors/ports/completion.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

/// @file
/// Questions between nodes: request and reply, nothing stored. Any one member
/// of a group answers. Thread-safe; no call blocks.

namespace stravasync {

/// A place where questions of one subject are answered. After the destructor
/// returns, its callback is neither running nor called again.
class responder_place {
public:
  virtual ~responder_place() = default;
};

/// Answers one question: `answer` is called exactly once, from any thread, now
/// or later.
using question_callback
  = std::function<void(std::string question, completion<std::string> answer)>;

class requests {
public:
  virtual ~requests() = default;

  /// Asks whoever answers `subject`. An error of the answerer's arrives with
  /// its code, detail and retry-after. Fails with `ec::unavailable` (nobody
  /// answers this subject now, or the bus is down), `ec::timed_out` (no answer
  /// within `deadline`; whether it was acted upon is unknown).
  virtual void
  ask(std::string subject, std::string question,
      std::chrono::milliseconds deadline, completion<std::string> done)
    = 0;

  /// Answers questions of `subject` as a member of `group`: each question goes
  /// to one member. Stays in place over reconnects.
  virtual void
  serve(std::string subject, std::string group, question_callback on_question,
        completion<std::shared_ptr<responder_place>> done)
    = 0;
};

} // namespace stravasync
