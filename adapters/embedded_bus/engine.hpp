#pragma once

#include "adapters/callbacks/callback_thread.hpp"
#include "adapters/embedded_bus/command.hpp"
#include "adapters/embedded_bus/embedded_bus.hpp"
#include "adapters/embedded_bus/storage.hpp"

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace stravasync::embedded_bus {

/// The thread that owns the database. Each turn takes every call that waits,
/// runs them in one transaction together with the deliveries that are possible
/// then, commits, and hands answers and deliveries to the callback thread: the
/// busier it is, the more calls share one write to the disk.
class engine {
public:
  engine(options options, log& log);
  ~engine();

  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;

  /// Reads the database and starts the threads.
  /// @returns an error if the database cannot be opened.
  [[nodiscard]] caf::error start();

  /// Finishes the calls made so far, with their completions, and ends the
  /// threads. What is submitted later is answered with `ec::unavailable`.
  void stop();

  /// Any thread.
  void submit(std::shared_ptr<command> what);

private:
  using turn = std::vector<std::shared_ptr<command>>;

  [[nodiscard]] moment now() const;
  void run();
  [[nodiscard]] bool wait_for_turn(turn& next);
  [[nodiscard]] milliseconds time_to_wait() const;
  void execute(const turn& commands);
  void transact(const turn& commands, std::vector<outgoing>& deliveries);
  void recover(const caf::error& reason, bool reopen);
  [[nodiscard]] caf::error open_storage(storage::holders who);
  void report_failure(const caf::error& reason);
  void report_success();
  void answer(const turn& commands, std::vector<outgoing> deliveries,
              std::vector<outgoing_change> changes);

  const options options_;
  log& log_;
  callbacks::callback_thread callbacks_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::shared_ptr<command>> queue_;
  bool stopping_ = false;

  // The engine's thread only, once it runs.
  storage storage_;
  turn unfinished_;
  bool more_to_deliver_ = false;
  bool more_to_load_ = true;
  bool last_turns_ = false;
  milliseconds next_tick_{0};
  milliseconds rest_until_{0}; // No work of its own before, after a failure.
  milliseconds reopen_at_{0};
  caf::error outage_;
  std::string reported_;
  milliseconds reported_at_{0};
  bool reported_open_ = false;

  std::thread thread_;
};

} // namespace stravasync::embedded_bus
