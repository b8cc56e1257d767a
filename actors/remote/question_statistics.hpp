#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace stravasync {

/// What became of the questions of one subject.
struct question_counts {
  std::uint64_t answered = 0; // With an answer or an error.
  std::uint64_t failed = 0;
  std::string last_error;
  std::chrono::nanoseconds busy{0};
};

/// What a RESPONDER did, for others to look at. Copies share the numbers.
/// Thread-safe.
class question_statistics {
public:
  /// @param error Empty: it was answered.
  void count(const std::string& subject, std::chrono::nanoseconds took,
             const std::string& error) {
    auto lock = std::lock_guard{book_->mutex};
    auto& counts = book_->by_subject[subject];
    ++counts.answered;
    counts.busy += took;
    if (!error.empty()) {
      ++counts.failed;
      counts.last_error = error;
    }
  }

  [[nodiscard]] std::map<std::string, question_counts> snapshot() const {
    auto lock = std::lock_guard{book_->mutex};
    return book_->by_subject;
  }

private:
  struct book {
    std::mutex mutex;
    std::map<std::string, question_counts> by_subject;
  };
  std::shared_ptr<book> book_ = std::make_shared<book>();
};

} // namespace stravasync
