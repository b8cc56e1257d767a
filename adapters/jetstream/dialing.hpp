#pragma once

#include "adapters/jetstream/handles.hpp"
#include "adapters/jetstream/opened_sockets.hpp"

#include <caf/expected.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>

namespace stravasync::jetstream {

/// An attempt to connect, on a thread of its own. The client library reads on
/// and on when a server hangs in the handshake, its timeout or not (seen with
/// 3.4.1), and would hold whoever connects for ever. Whoever owns this looks
/// now and then; what hangs is ended then by shutting its socket down.
class dialing {
public:
  using result = caf::expected<connection_handle>;
  using clock = std::chrono::steady_clock;

  struct options {
    /// Connects. May outlive this object, so it owns what it uses.
    std::function<result()> attempt;
    /// Called on the attempt's thread when it is over. May be empty.
    std::function<void()> on_end;
    /// Who is connected to, for a person.
    std::string servers;
    std::set<std::uint16_t> ports; // Of all of them.
    /// For the handshake with one server.
    std::chrono::milliseconds handshake_max{2'500};
    /// For the whole attempt, whatever hangs there.
    std::chrono::milliseconds most{15'000};
  };

  /// Begins.
  explicit dialing(options how);

  /// Ends the attempt. One that cannot be ended at once is left behind: what
  /// comes of it is closed when it ends by itself.
  ~dialing();

  dialing(const dialing&) = delete;
  dialing& operator=(const dialing&) = delete;

  /// Ends what hangs, and returns what came of the attempt once it is over;
  /// `ec::unavailable` if it hung. One thread, a few times a second; not again
  /// after it returned something.
  [[nodiscard]] std::optional<result> look();

  /// The same until it is over, or until `stopping` (may be empty) returns
  /// true: then it fails with `ec::unavailable`.
  [[nodiscard]] result wait(const std::function<bool()>& stopping);

private:
  struct progress;

  void start();

  options how_;
  std::shared_ptr<progress> progress_;
  clock::time_point begin_ = clock::now();
  opened_sockets sockets_;
  bool hung_ = false;
  std::thread thread_;
};

} // namespace stravasync::jetstream
