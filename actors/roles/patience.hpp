#pragma once

#include "actors/ports/log.hpp"
#include "actors/roles/stop_signals.hpp"
#include "messages/error.hpp"

#include <caf/expected.hpp>

#include <functional>
#include <memory>
#include <string>

namespace stravasync {

/// Waits at the start for what the node cannot begin without: tries again and
/// again what fails because something does not answer yet, and says so once.
/// Any other failure ends the waiting: a wrong password does not become right.
class patience {
public:
  struct options {
    /// Do not wait at all.
    bool fail_fast = false;
    /// Hears what is waited for, and an empty text when it is there.
    std::function<void(const std::string&)> on_wait;
  };

  patience(stop_signals& signals, std::shared_ptr<log> journal, options how)
    : signals_{signals},
      journal_{std::move(journal)},
      options_{std::move(how)} {
  }

  /// Calls `attempt` until it returns no error, or one that waiting does not
  /// help, or the process is told to stop.
  /// @param what For a person: "the bus".
  [[nodiscard]] caf::error
  until(const std::string& what, const std::function<caf::error()>& attempt);

  /// The same for what has a value.
  template <class T>
  [[nodiscard]] caf::expected<T>
  until(const std::string& what,
        const std::function<caf::expected<T>()>& attempt) {
    auto result = caf::expected<T>{caf::error{}};
    auto why = until(what, [&]() -> caf::error {
      result = attempt();
      return result ? caf::error{} : result.error();
    });
    if (why)
      return why;
    return result;
  }

  /// @returns whether the process is told to stop.
  [[nodiscard]] bool stopping() const {
    return signals_.wait_for(std::chrono::milliseconds{0});
  }

private:
  stop_signals& signals_;
  std::shared_ptr<log> journal_;
  options options_;
};

} // namespace stravasync
