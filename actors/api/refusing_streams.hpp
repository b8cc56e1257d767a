#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

namespace stravasync {

/// STREAMS THAT REFUSE messages, so that what is for others need not wait
/// behind theirs. Time is counted in polls. Not thread-safe.
class refusing_streams {
public:
  /// Passes the stream of `subject` over for one poll; one that `answered` that
  /// it takes nothing, for twice as many as the time before, `longest_polls` at
  /// most. @returns whether it took messages until now.
  bool refused(std::string_view subject, std::uint64_t poll, bool answered);

  /// Forgets that the stream of `subject` refused, unless it did in this batch.
  /// @returns whether it refused until now.
  bool took(std::string_view subject, std::uint64_t poll);

  /// @returns the subjects of streams to pass over, such as "jobs.>".
  [[nodiscard]] std::vector<std::string_view>
  passed_over(std::uint64_t poll) const;

  static constexpr auto longest_polls = std::uint64_t{8};

private:
  struct wait {
    std::uint64_t polls = 0; // Of this time.
    std::uint64_t until = 0;
  };

  std::map<std::string_view, wait> all_; // By the stream's subjects.
};

/// @returns the subjects of the stream that takes `subject`, or nothing.
[[nodiscard]] std::string_view home_of(std::string_view subject);

} // namespace stravasync
