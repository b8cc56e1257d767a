#pragma once

#include "actors/ports/bus.hpp"
#include "actors/ports/log.hpp"
#include "messages/error.hpp"

#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

/// @file
/// What benchmarks of the two buses share: the same messages of 1 KiB, headers
/// and subjects, so that their figures can be compared.

namespace stravasync::bench {

[[noreturn]] inline void give_up(const std::string& reason) {
  std::cerr << reason << '\n';
  std::exit(1);
}

/// An error ends the benchmark; what else is logged is left out.
class quiet_log final : public stravasync::log {
public:
  void write(log_level level, std::string_view text,
             std::initializer_list<log_field>) override {
    if (level == log_level::error)
      give_up(std::string{text});
  }
};

/// Counts what is done, and waits for it.
class counter {
public:
  void add() {
    auto lock = std::lock_guard{mutex_};
    ++count_;
    changed_.notify_one();
  }

  void wait_for(std::int64_t count) {
    auto lock = std::unique_lock{mutex_};
    changed_.wait(lock, [&] { return count_ >= count; });
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::int64_t count_ = 0;
};

/// Payload of the n-th message.
inline std::string payload() {
  return std::string(1'024, 'x');
}

/// An athlete's subject, different for neighbours.
inline std::string subject_of(std::int64_t number) {
  return "jobs.sync_athlete." + std::to_string(70'000'000 + number % 500);
}

/// Publishes to and consumes from stream JOBS of a bus, which it makes.
class bus_driver {
public:
  /// A completion that counts, and stands no failure.
  auto done() {
    return [this](const auto& result) {
      if (!result)
        give_up(detail_of(result.error()));
      counter_.add();
    };
  }

  explicit bus_driver(std::shared_ptr<bus> on) : bus_{std::move(on)} {
    bus_->ensure({.name = "JOBS", .subjects = "jobs.>"}, done());
    counter_.wait_for(++expected_);
  }

  /// Keeps up to `window` publishes in flight; returns when all are stored.
  void publish(std::int64_t count, std::int64_t window) {
    auto first = expected_;
    for (std::int64_t i = 0; i < count; ++i) {
      counter_.wait_for(first + i - window + 1);
      // As the product's: an id for dedupe, a type, an athlete in the subject.
      ++published_;
      bus_->publish({subject_of(published_),
                     {{"Nats-Msg-Id", std::to_string(published_)},
                      {"Ss-Type", "stravasync.jobs.v1.SyncAthlete"}},
                     payload()},
                    done());
    }
    expected_ += count;
    counter_.wait_for(expected_);
  }

  /// Delivers and acks `count` messages to a durable, `credit` at once.
  void
  consume(const std::string& durable, std::int64_t count, std::size_t credit) {
    std::shared_ptr<subscription> on;
    bus_->subscribe(
      {.stream = "JOBS", .durable = durable, .max_ack_pending = 100'000},
      [&](delivery d) {
        on->settle(std::move(d.token), {}, done());
        on->request(1);
      },
      [&](auto joined) {
        on = std::move(*joined);
        counter_.add();
      });
    counter_.wait_for(++expected_);
    on->request(credit);
    expected_ += count;
    counter_.wait_for(expected_);
  }

private:
  counter counter_;
  std::int64_t expected_ = 0;
  std::int64_t published_ = 0;
  std::shared_ptr<bus> bus_; // Ends first: it calls back into the rest.
};

} // namespace stravasync::bench
