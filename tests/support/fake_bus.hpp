#pragma once

#include "actors/ports/bus.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace test {

/// A bus in memory with the streams of `stravasync::streams()`, for tests on
/// one thread. It answers at once unless told to `hold`, does what it is asked
/// unless told to `fail`, and writes down every call. Deliveries are the test's
/// own: what is published is not delivered. Message ids are remembered for
/// ever. Configurations are not kept: whatever is ensured is as it should be.
///
/// Operations are named as the methods of the ports: "publish", "subscribe",
/// "subscribe_exhausted", "settle", "apply", "last", "read", "remove", "get",
/// "put", "erase", "keys", "watch".
class fake_bus final : public stravasync::bus {
public:
  /// One settlement as it was asked for.
  struct settled {
    std::string token;
    stravasync::settlement what;
  };

  /// How much a stream holds that refuses at its bound.
  struct filling {
    std::uint64_t bytes = 0;
    std::uint64_t max_bytes = 0;
  };

  /// The next `times` calls of `operation` have no effect and this answer.
  void fail(const std::string& operation, caf::error why, int times = 1);

  /// From now on calls of `operation` take effect but are not answered.
  void hold(const std::string& operation);

  /// Answers what was held, in order, and holds nothing any more.
  void release();

  /// @returns the answers that are held.
  [[nodiscard]] std::size_t held() const;

  /// Answers the oldest of what is held, and goes on holding.
  void release_one();

  /// Hands a delivery to the subscriber, using up one credit.
  /// @param what Its token is chosen here.
  /// @returns the token.
  std::string deliver(stravasync::delivery what);

  /// Hands a notice to the subscriber of those, using up one credit.
  /// @param what Its token is chosen here.
  /// @returns the token.
  std::string exhaust(stravasync::exhausted_delivery what);

  /// @returns the calls since the last time, such as "put BUDGET/strava",
  /// "settle t1 ack" and "publish jobs.sync_athlete.7 run/1".
  std::vector<std::string> take_log();

  /// @returns the calls so far that begin with `prefix`, taken ones included.
  [[nodiscard]] std::size_t calls(const std::string& prefix) const;

  /// @returns every stored message that matches, in the order of their arrival.
  [[nodiscard]] std::vector<stravasync::envelope>
  stored(const std::string& filter_subject) const;

  /// @returns the value, or an empty string.
  [[nodiscard]] std::string
  value(const std::string& bucket, const std::string& key) const;

  /// Writes a value as another node would.
  void
  set(const std::string& bucket, const std::string& key, std::string value);

  /// Forgets a stream's messages and where it was, as a lost volume does.
  void lose(const std::string& stream) {
    streams_.erase(stream);
    last_sequences_.erase(stream);
  }

  /// Messages whose subject matches are refused with this answer.
  std::map<std::string, caf::error> refused;
  /// What `describe` tells of a stream's durables.
  std::map<std::string, std::vector<stravasync::durable_state>> durables;
  /// What `describe` tells of streams that have a bound.
  std::map<std::string, filling> fillings;
  /// What the subscriber asked for; nothing before it did.
  std::optional<stravasync::consumer_options> joined;
  /// Deliveries that the subscriber takes now.
  std::size_t credit = 0;
  /// The durable of notices that was joined; empty before it was.
  std::string joined_exhausted;
  /// Notices that their subscriber takes now.
  std::size_t exhausted_credit = 0;
  /// Whether the subscription was destroyed.
  bool left = false;
  std::vector<settled> settlements;

  void publish(stravasync::envelope message,
               stravasync::completion<stravasync::publish_ack> done) override;
  void
  subscribe(stravasync::consumer_options options,
            stravasync::delivery_callback on_message,
            stravasync::completion<std::shared_ptr<stravasync::subscription>>
              done) override;
  void subscribe_exhausted(
    std::string durable, stravasync::exhausted_callback on_exhausted,
    stravasync::completion<std::shared_ptr<stravasync::subscription>> done)
    override;
  void ensure(stravasync::stream_config config,
              stravasync::completion<bool> done) override;
  void apply(stravasync::stream_config config,
             stravasync::completion<bool> done) override;
  void apply(stravasync::consumer_options options,
             stravasync::completion<bool> done) override;
  void
  describe(stravasync::completion<std::vector<stravasync::stream_state>> done)
    override;
  void
  read(stravasync::read_options options,
       stravasync::completion<std::vector<stravasync::stored_message>> done)
    override;
  void
  last(std::string stream, std::string filter_subject,
       stravasync::completion<std::optional<stravasync::stored_message>> done)
    override;
  void remove(std::string stream, std::uint64_t sequence,
              stravasync::completion<bool> done) override;
  void
  get(std::string bucket, std::string key,
      stravasync::completion<std::optional<stravasync::key_value_entry>> done)
    override;
  void put(std::string bucket, std::string key, std::string value,
           std::uint64_t expected,
           stravasync::completion<std::uint64_t> done) override;
  void erase(std::string bucket, std::string key,
             stravasync::completion<bool> done) override;
  void keys(std::string bucket,
            stravasync::completion<std::vector<std::string>> done) override;
  void
  watch(std::string bucket, stravasync::key_value_callback on_change,
        stravasync::completion<std::shared_ptr<stravasync::key_value_watch>>
          done) override;

private:
  class member;
  class exhausted_member;
  class watch_handle;
  using bucket_key = std::pair<std::string, std::string>;

  /// Writes the call down. @returns the failure that was scripted for it.
  caf::error note(const std::string& operation, const std::string& what);

  template <class T>
  void answer(const std::string& operation, stravasync::completion<T> done,
              caf::expected<T> result) {
    if (!holding_.contains(operation))
      return done(std::move(result));
    held_.push_back(
      [done = std::move(done), result = std::move(result)] { done(result); });
  }

  void settled_by(std::string token, stravasync::settlement what,
                  stravasync::completion<bool> done);
  void
  tell(const std::string& bucket, const stravasync::key_value_change& change);

  std::vector<std::string> log_;
  std::size_t taken_ = 0; // Of `log_`.
  std::map<std::string, std::deque<caf::error>> failures_;
  std::set<std::string> holding_;
  std::deque<std::function<void()>> held_;
  std::map<std::string, std::vector<stravasync::stored_message>> streams_;
  std::map<std::string, std::uint64_t> last_sequences_;
  std::map<bucket_key, stravasync::key_value_entry> values_;
  std::uint64_t revision_ = 0;
  stravasync::delivery_callback on_message_;
  stravasync::exhausted_callback on_exhausted_;
  std::vector<watch_handle*> watches_;
  int tokens_ = 0;
};

} // namespace test
