#pragma once

#include "adapters/jetstream/session.hpp"

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace stravasync::jetstream {

/// Sees to it that the streams and buckets of this node are there. Looks at
/// each every few seconds and after a reconnect: makes again what somebody
/// deleted, and says when one went back, as when a backup was restored.
///
/// It asks the server whether a stream is there rather than to publish to it
/// and to wait for nobody's answer: whoever subscribes to ">" counts as one who
/// might answer.
class keeper final : public session_listener,
                     public std::enable_shared_from_this<keeper> {
public:
  explicit keeper(std::shared_ptr<session> over);

  /// Keeps a stream that was found or made.
  /// @param json Its whole configuration.
  void keep(const std::string& stream, std::string json);

  /// Makes the stream if it is not there, and keeps it. One that is kept
  /// already is not asked for. True if it was made; one with another
  /// configuration is left as it is, but for its age.
  /// @param max_age_ns What `json` says; 0: whatever there is will do.
  void provide(const std::string& stream, std::string json,
               std::int64_t max_age_ns, completion<bool> done);

  /// The stream turned out to be gone: the next `provide` asks for it.
  void forget(const std::string& stream);

  /// Somebody was told that something is not there.
  void look_soon();

  /// Notes what became of a publish: that a stream takes no more is said once,
  /// and again when it does.
  /// @param area First token of the subject.
  void published(const std::string& area, const caf::error& why);

  /// @returns what it cannot bring about, in words; empty: all is well.
  [[nodiscard]] std::string problem() const;

  void reconnected() override {
    look_soon();
  }

  void tick(steady_time time) override;

private:
  struct kept {
    std::string json;
    std::uint64_t last_sequence = 0;
    std::string problem;
  };

  void look_at(std::vector<std::string> names);
  void seen(const std::string& stream, std::uint64_t last_sequence);
  void make_again(const std::string& stream, const std::function<void()>& then);
  void made(const std::string& stream, const caf::expected<bool>& got);

  const std::shared_ptr<session> over_;
  mutable std::mutex mutex_;
  std::map<std::string, kept> all_;
  steady_time due_at_;
  bool looking_ = false;
  std::set<std::string> full_; // Areas.
  std::atomic<bool> any_full_ = false;
};

} // namespace stravasync::jetstream
